import { expect, test } from 'vitest'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { finalizeGroup } from '../finalize.ts'

test('a group that was to be kept, and is to go after all, has all the time again when it is kept in the end', async () => {
  const pass = aPass({
    object: { deletionTimestamp: '2026-11-21T05:00:00Z' },
    group: aGroup(),
    scalingGroup: aScalingGroup(),
    status: { deletion: { takingBackSince: '2026-11-21T05:00:00Z', sizesBefore: '1/5' } },
  })
  await finalizeGroup(pass)
  expect(pass.draft.status.deletion).toEqual({ startedAt: '2026-11-21T06:00:00Z', sizesBefore: '1/5' })
})
