import { expect, test } from 'vitest'
import { aPass } from '../a-pass.ts'
import { create } from './create.ts'

test.each(['Creating', 'Deleting', 'Failed', 'Pending'])(
  'in a cluster that is %s no group is asked for, and the target tells when that changes',
  async (clusterState) => {
    const pass = aPass()
    expect(await create({ ...pass, target: { ...pass.target, clusterState } })).toEqual({ kind: 'requeueAfter', ms: 600_000 })
    expect(pass.draft.conditions.get('Provisioned')).toMatchObject({ reason: 'EksClusterNotActive', message: expect.stringContaining(clusterState) })
    expect(pass.draft.status.operation).toBeUndefined()
  },
)
