import { expect, test } from 'vitest'
import type { EksNodeGroupStatus } from '../../../crds/eks-node-group.ts'
import { aGroup, aPass } from '../a-pass.ts'
import type { Act } from '../pass.ts'
import { create } from './create.ts'
import { recreate } from './recreate.ts'

const creating = { kind: 'Create', paramsHash: 'h', token: 't', attempt: 1, startedAt: '2026-11-21T05:50:00Z' } as const

test('the failed creation and the deletion after it enter the history', async () => {
  const deleted: string[] = []
  const step = async (act: Act, time: string, status: EksNodeGroupStatus, isThere: boolean) => {
    const pass = aPass({
      status,
      now: new Date(`2026-11-21T${time}Z`),
      ...(isThere && { group: aGroup({ state: 'CreateFailed' }) }),
      nodeGroups: { delete: async () => void deleted.push(time) },
    })
    await act(pass)
    return pass.draft.status
  }
  const failed = await step(recreate, '06:00:00', { arn: 'arn:workers', operation: creating }, true)
  const intended = await step(recreate, '06:00:30', failed, true)
  const asked = await step(recreate, '06:00:31', intended, true)
  expect(deleted).toEqual(['06:00:31'])
  const again = await step(create, '06:02:00', asked, false)
  expect(again.history).toEqual([
    { time: '2026-11-21T06:00:00Z', operation: 'Create', outcome: 'Failed' },
    { time: '2026-11-21T06:02:00Z', operation: 'Delete', outcome: 'Succeeded' },
  ])
  expect(again.operation).toMatchObject({ kind: 'Create', attempt: 1 })
})
