import { expect, test } from 'vitest'
import { counted } from './counted.ts'

test.for<readonly [number | undefined, string]>([
  [0, '0 nodes'],
  [1, '1 node'],
  [2, '2 nodes'],
  [undefined, 'an unknown number of nodes'],
])('%s', ([count, words]) => {
  expect(counted(count, 'node')).toBe(words)
})
