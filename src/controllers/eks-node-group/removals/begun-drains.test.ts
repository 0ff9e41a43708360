import { expect, test } from 'vitest'
import { begunDrains } from './begun-drains.ts'
import { aRemoval } from './test-world.ts'

test('those that the status shows as isolated and not yet empty', () => {
  const isolatedAt = '2026-11-21T05:00:00Z'
  const removals = [
    aRemoval('waits', { drain: { step: 'Waiting' } }),
    aRemoval('drains', { state: 'Draining', drain: { step: 'Draining', isolatedAt } }),
    aRemoval('ends', { state: 'Removing', drain: { step: 'Empty', isolatedAt } }),
    aRemoval('failed', { state: 'Refused', drain: { step: 'Failed', isolatedAt } }),
  ]
  expect(begunDrains({ status: { removals } })).toEqual(['uid-drains'])
  expect(begunDrains({})).toEqual([])
})
