import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareResourceVersions } from './resource-version.ts'

test('decimal versions of any length are compared as integers', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 40n }), fc.bigInt({ min: 0n, max: 10n ** 40n }), (a, b) => {
      const order = compareResourceVersions(String(a), String(b)) ?? Number.NaN
      expect(Math.sign(order)).toBe(a < b ? -1 : a > b ? 1 : 0)
    }),
  )
})

test.each([
  ['007', '7'],
  ['abc', '7'],
  ['', '7'],
  ['-1', '7'],
])('nothing can be said of %j and %j', (a, b) => {
  expect(compareResourceVersions(a, b)).toBeUndefined()
})

test('opaque versions can be equal', () => {
  expect(compareResourceVersions('abc', 'abc')).toBe(0)
})
