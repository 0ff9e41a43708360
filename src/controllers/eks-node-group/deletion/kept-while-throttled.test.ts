import { expect, test } from 'vitest'
import { AwsError } from '../../../aws/aws-error.ts'
import { aPass } from '../test-pass.ts'
import { EksNodeGroupReconciler } from '../reconciler.ts'

const draining = { nodeUID: 'n1', nodeName: 'node-1', instanceId: 'i-1', state: 'Draining', message: '' } as const

test('P2: an object whose group stays goes when its time is over, with its nodes released, also where AWS throttles each look', async () => {
  const released: string[] = []
  const { context, sizes, surroundings, target, draft } = aPass({
    object: { deletionTimestamp: '2026-11-21T05:00:00Z' },
    spec: { policy: { management: 'Manage', adoption: 'CreateOnly', deletion: 'Retain' } },
    status: { arn: 'arn:workers', removals: [draining], deletion: { takingBackSince: '2026-11-21T05:00:00Z' } },
    nodeGroups: {
      describe: async () => {
        throw new AwsError('Throttled', { action: 'eks:DescribeNodegroup', reason: 'Throttled', code: 'Throttling', message: 'Rate exceeded' })
      },
    },
    drain: {
      release: async ({ name }) => {
        released.push(name)
        return { kind: 'gone' }
      },
    },
  })
  const reconciler = new EksNodeGroupReconciler({ targets: { find: () => ({ state: 'ready', target }) }, sizes, surroundings })
  expect(await reconciler.finalize(draft, context)).toEqual({ kind: 'finalized' })
  expect(released).toEqual(['node-1'])
})
