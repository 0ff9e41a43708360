import { expect, test } from 'vitest'
import type { Removal } from '../removals/removal.ts'
import { mayBeMarked } from './standing.ts'

const one: Removal = { nodeUID: 'n1', nodeName: 'node-1', instanceId: 'i-1', state: 'Accepted', message: '' }

test.each<[string, Partial<Removal>, boolean]>([
  ['is accepted: the pass that marked it may have lost its status', {}, true],
  ['is drained', { state: 'Draining' }, true],
  ['was refused, and nothing was done to it', { state: 'Refused' }, false],
  ['was refused after its drain began', { state: 'Refused', drain: { step: 'Failed', isolatedAt: '2026-11-21T06:00:00Z' } }, true],
  ['is gone', { state: 'Gone' }, false],
])('P2: whether our mark may stand on a node that %s', (_, changed, expected) => {
  expect(mayBeMarked({ ...one, ...changed })).toBe(expected)
})

test('P2: an instance without a Node bears no mark', () => {
  expect(mayBeMarked({ instanceId: 'i-1', state: 'Draining', message: '' })).toBe(false)
})
