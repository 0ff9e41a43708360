import { expect, test } from 'vitest'
import { firstClauses, firstNames } from './first-names.ts'

test.for<readonly [names: string, most: number | undefined, words: string]>([
  ['', undefined, ''],
  ['a', undefined, 'a'],
  ['a b c', undefined, 'a, b, c'],
  ['a b c d', undefined, 'a, b, c and 1 more'],
  ['a b c', 1, 'a and 2 more'],
])('%s, at most %s: %s', ([names, most, words]) => {
  expect(firstNames(names === '' ? [] : names.split(' '), most)).toBe(words)
})

test.for<readonly [clauses: readonly string[], total: number, words: string]>([
  [[], 0, ''],
  [['a: x', 'b: y'], 2, 'a: x; b: y'],
  [['a: x', 'b: y'], 3, 'a: x; b: y; and 1 more'],
])('%j of %i: %s', ([clauses, total, words]) => {
  expect(firstClauses(clauses, total)).toBe(words)
})
