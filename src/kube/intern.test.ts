import { expect, test } from 'vitest'
import { Interner } from './intern.ts'

test('equal keys get one value, and what is long unused is forgotten', () => {
  const interner = new Interner<object>(2)
  const a = interner.get('a', () => ({}))
  interner.get('b', () => ({}))
  interner.get('c', () => ({}))
  expect(interner.get('a', () => ({}))).toBe(a)
  for (const key of ['d', 'e', 'f', 'g', 'h']) interner.get(key, () => ({}))
  expect(interner.get('a', () => ({}))).not.toBe(a)
})
