import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { cut } from './cut.ts'

test.each([
  ['a short one', 'abcd', 'abcd'],
  ['a long one', 'abcde', 'abc…'],
  ['one whose last character would be halved', 'ab😀cd', 'ab…'],
  ['one whose last character is whole', 'a😀cde', 'a😀…'],
])('what is kept of a text: %s', (_, text, kept) => {
  expect(cut(text, 4)).toBe(kept)
})

test('of what was cut off nothing stays in memory', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const before = process.memoryUsage().heapUsed
  const kept = Array.from({ length: 200 }, (_, index) => cut(JSON.parse(JSON.stringify(`${index} `.repeat(100_000))) as string, 100))
  collect()
  expect((process.memoryUsage().heapUsed - before) / 2 ** 20).toBeLessThan(10)
  expect(kept).toHaveLength(200)
})
