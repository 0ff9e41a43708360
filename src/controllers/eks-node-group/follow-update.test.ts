import { expect, test } from 'vitest'
import type { NodeGroupUpdate } from '../../aws/eks/port.ts'
import { aGroup, aPass } from './test-pass.ts'
import { followUpdate } from './follow-update.ts'

const operation = { kind: 'UpdateScaling', paramsHash: 'h', token: 't', attempt: 1, startedAt: '2026-11-21T06:00:00Z', updateId: 'u', to: '1/3/10' } as const

/** What is told of an operation of which EKS says this, so many seconds after it began. */
async function toldOf(update: Partial<NodeGroupUpdate> | undefined, seconds: number): Promise<readonly object[]> {
  const told: object[] = []
  const describeUpdate = async (): Promise<NodeGroupUpdate | undefined> => update && { id: 'u', state: 'InProgress', errors: [], ...update }
  const now = new Date(Date.parse(operation.startedAt) + seconds * 1000)
  const given = { group: aGroup(), nodeGroups: { describeUpdate }, event: (event: object) => void told.push(event), now }
  const pass = aPass({ ...given, status: { operation } })
  const unchanged = 'the numbers in AWS did not change'
  await followUpdate(pass, operation, { updateId: 'u', unchanged })
  // What follows is an intent of its own, which has nobody to follow yet.
  expect(pass.draft.status.operation?.updateId).toBe(told.length === 0 ? 'u' : undefined)
  return told
}

const event = { type: 'Warning', reason: 'ChangeFailed', action: 'UpdateScaling' }

test('what EKS gave up is told with its words', async () => {
  const errors = [{ code: 'NodeCreationFailure', message: 'no room' }]
  const note = 'workers: UpdateScaling (1/3/10) had no effect: NodeCreationFailure: no room'
  expect(await toldOf({ state: 'Failed', errors }, 1)).toEqual([{ ...event, note }])
})

test('what EKS calls done, or has forgotten, and what does not show after a minute, is told too', async () => {
  const note = 'workers: UpdateScaling (1/3/10) had no effect: the numbers in AWS did not change'
  expect(await toldOf({ state: 'Successful' }, 61)).toEqual([{ ...event, note }])
  expect(await toldOf(undefined, 61)).toEqual([{ ...event, note }])
})

test('while it may still come nothing is told', async () => {
  expect([await toldOf({}, 3_600), await toldOf({ state: 'Successful' }, 30), await toldOf(undefined, 30)]).toEqual([[], [], []])
})
