import { expect, test } from 'vitest'
import { seededRandom } from './random.ts'

test('the same seed gives the same numbers and ids, another seed others', () => {
  const [a, b, c] = [seededRandom(7), seededRandom(7), seededRandom(8)]
  const take = (random: typeof a): unknown[] => [random.next(), random.id(), random.next()]
  const first = take(a)
  expect(first).toEqual(take(b))
  expect(first).not.toEqual(take(c))
  expect(first[1]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
})
