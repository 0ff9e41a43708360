import { expect, test } from 'vitest'
import { stableHash } from './hash.ts'

test('the order of keys and absent values make no difference', () => {
  expect(stableHash({ a: 1, b: [{ c: 2, d: undefined }] })).toBe(stableHash({ b: [{ c: 2 }], a: 1 }))
})

test.each([
  ['another value', { a: 1 }, { a: 2 }],
  ['another order in a list', [1, 2], [2, 1]],
  ['a number that is a string', { a: 1 }, { a: '1' }],
])('%s gives another hash', (_, one, other) => {
  expect(stableHash(one)).not.toBe(stableHash(other))
})
