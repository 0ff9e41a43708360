import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sameJson } from './same-json.ts'

describe('sameJson', () => {
  test.each([
    { name: 'the order of keys does not count', a: { x: 1, y: { p: 1, q: 2 } }, b: { y: { q: 2, p: 1 }, x: 1 }, same: true },
    { name: 'undefined is absent', a: { x: 1, y: undefined }, b: { x: 1 }, same: true },
    { name: 'null is not absent', a: { x: null }, b: {}, same: false },
    { name: 'the order of a list counts', a: [1, 2], b: [2, 1], same: false },
    { name: 'an empty list is no empty object', a: [], b: {}, same: false },
    { name: 'a longer list differs', a: [1], b: [1, undefined], same: false },
    { name: 'a number is no string', a: { x: 1 }, b: { x: '1' }, same: false },
  ])('$name', ({ a, b, same }) => {
    expect(sameJson(a, b)).toBe(same)
    expect(sameJson(b, a)).toBe(same)
  })

  test('what came back from JSON with its keys in another order is the same, and two values are the same only if their JSON is', () => {
    const shuffled = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shuffled)
      if (typeof value !== 'object' || value === null) return value
      return Object.fromEntries(
        Object.entries(value)
          .toReversed()
          .map(([key, inner]) => [key, shuffled(inner)]),
      )
    }
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const copy = JSON.parse(JSON.stringify(a)) as unknown
        expect(sameJson(copy, shuffled(copy))).toBe(true)
        const other = JSON.parse(JSON.stringify(b)) as unknown
        expect(sameJson(copy, other)).toBe(JSON.stringify(sorted(copy)) === JSON.stringify(sorted(other)))
      }),
    )
  })
})

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => [key, sorted(inner)])
    .concat([['object', true]])
}
