import { expect, test } from 'vitest'
import { aGroup, aPass } from './a-pass.ts'
import { finalizeGroup } from './finalize.ts'

const deletedAt = '2026-11-21T06:00:00Z'
const asked = { kind: 'Create', paramsHash: 'h', token: 't', attempt: 1, startedAt: '2026-11-21T05:50:00Z' } as const

test('a group whose Auto Scaling group does not show is not taken for an empty one', async () => {
  const deleted: string[] = []
  const pass = aPass({
    object: { deletionTimestamp: deletedAt },
    group: aGroup({ scaling: { minSize: 0, maxSize: 10, desiredSize: 0 } }),
    nodeGroups: { delete: async () => void deleted.push('workers') },
  })
  expect(await finalizeGroup(pass)).toMatchObject({ kind: 'requeueAfter' })
  const conditions = pass.draft.conditions.compose(new Date(deletedAt), 1)
  expect(conditions.find(({ type }) => type === 'Reconciling')).toMatchObject({ reason: 'WaitingForConfirmation' })
  expect(deleted).toEqual([])
})

test('a creation that was sent just before the deletion is waited for, however old its intent is', async () => {
  const given = { object: { deletionTimestamp: deletedAt }, status: { operation: asked }, group: undefined }
  expect(await finalizeGroup(aPass({ ...given, now: new Date('2026-11-21T06:00:05Z') }))).toMatchObject({ kind: 'requeueAfter' })
  expect(await finalizeGroup(aPass({ ...given, now: new Date('2026-11-21T06:01:30Z') }))).toEqual({ kind: 'finalized' })
})
