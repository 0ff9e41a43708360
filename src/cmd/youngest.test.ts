import { expect, test } from 'vitest'
import type { Node } from '../kube/objects.ts'
import { youngest } from './youngest.ts'

const node = (name: string, creationTimestamp: string): Node => ({ metadata: { name, uid: name, resourceVersion: '1', creationTimestamp }, spec: {} })
const old = node('old', '2026-11-20T06:00:00Z')
const now = node('now', '2026-11-21T06:00:00Z')

test('a machine is the Node that it registered last, in whatever order they are found', () => {
  expect(youngest([old, now])).toBe(now)
  expect(youngest([now, old])).toBe(now)
  expect(youngest([])).toBeUndefined()
})
