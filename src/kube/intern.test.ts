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

test('what is longer than any name is not kept', () => {
  const interner = new Interner<object>()
  const of = (length: number): object => interner.get('a'.repeat(length), () => ({}))
  expect(of(253)).toBe(of(253))
  expect(of(257)).not.toBe(of(257))
})
