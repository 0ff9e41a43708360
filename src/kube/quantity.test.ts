import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { milliOf, parseQuantity, wholeOf } from './quantity.ts'

const cases: readonly (readonly [text: string, milli: number, whole: number])[] = [
  ['250m', 250, 1],
  ['1.5', 1500, 2],
  ['0.1', 100, 1],
  ['100u', 1, 1],
  ['2', 2000, 2],
  ['1Ki', 1_024_000, 1024],
  ['1.5Gi', 1_610_612_736_000, 1_610_612_736],
  ['0.1Ki', 102_400, 103],
  ['1e3', 1_000_000, 1000],
  ['1E3', 1_000_000, 1000],
  ['1E', 1e21, 1e18],
  ['.5', 500, 1],
  ['5.', 5000, 5],
  ['+1', 1000, 1],
  ['-1', -1000, -1],
]
test.each(cases)('%s is %d thousandths, and %d rounded up', (text, milli, whole) => {
  expect(milliOf(text)).toBe(milli)
  expect(wholeOf(text)).toBe(whole)
})

test.each(['', 'x', '1 Gi', '1gi', '1Kib', '1e', '--1', '1e999', '0x10'])('%j is no quantity', (text) => {
  expect(parseQuantity(text)).toBeUndefined()
  expect(milliOf(text)).toBe(0)
})

test('a number of thousandths comes back', () => {
  fc.assert(
    fc.property(fc.nat(), (milli) => {
      expect(milliOf(`${milli}m`)).toBe(milli)
      expect(milliOf(String(milli / 1000))).toBe(milli)
    }),
  )
})
