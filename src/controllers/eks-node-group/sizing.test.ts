import { assert, constantFrom, integer, option, property, record } from 'fast-check'
import { expect, test } from 'vitest'
import { type SizePlan, type SizeSeen, type SizeWish, firstSize, planSize } from './sizing.ts'

const wish: SizeWish = { minSize: 1, maxSize: 10, desiredSize: 3, sizeOwner: 'Orders' }
const fresh: SizeSeen = { minSize: 0, maxSize: 10, desiredCapacity: 0 }

const cases: Record<string, [SizeWish, SizeSeen, Partial<SizePlan>]> = {
  'a group made with 0/max/0 gets its numbers in one call': [wish, fresh, { send: { minSize: 1, desiredSize: 3 }, keep: 3 }],
  'what is right already is not sent': [wish, { minSize: 1, maxSize: 10, desiredCapacity: 3 }, { send: {}, keep: 3, outsideLimits: undefined }],
  'a lower number is never sent': [
    { ...wish, desiredSize: 2 },
    { minSize: 1, maxSize: 10, desiredCapacity: 5 },
    { send: {}, keep: 2 },
  ],
  'a maximum under the running count waits for the nodes to leave': [
    { ...wish, maxSize: 4, desiredSize: 4 },
    { minSize: 1, maxSize: 10, desiredCapacity: 6 },
    { send: {}, keep: 4, outsideLimits: 'the number in AWS is 6, maxSize is 4' },
  ],
  'a minimum moved past the number lifts it': [
    { ...wish, minSize: 5, desiredSize: 3 },
    { minSize: 1, maxSize: 10, desiredCapacity: 3 },
    { send: { minSize: 5, desiredSize: 5 }, keep: 5, outsideLimits: 'the number in AWS is 3, minSize is 5' },
  ],
  'an external owner keeps its number': [
    { ...wish, sizeOwner: 'External' },
    { minSize: 1, maxSize: 10, desiredCapacity: 7 },
    { send: {}, keep: 7 },
  ],
  'an external owner has no more than the maximum': [
    { ...wish, maxSize: 4, sizeOwner: 'External' },
    { minSize: 1, maxSize: 10, desiredCapacity: 7 },
    { send: {}, keep: 4, outsideLimits: 'the number in AWS is 7, maxSize is 4' },
  ],
  'an external owner is lifted to the minimum': [
    { ...wish, sizeOwner: 'External' },
    { minSize: 1, maxSize: 10, desiredCapacity: 0 },
    { send: { desiredSize: 1 }, keep: 1 },
  ],
  'no number keeps what is there': [
    { minSize: 1, maxSize: 10, sizeOwner: 'Orders' },
    { minSize: 1, maxSize: 10, desiredCapacity: 4 },
    { send: {}, keep: 4 },
  ],
}
test.each(Object.entries(cases))('%s', (_, [given, seen, expected]) => {
  expect(planSize(given, seen)).toMatchObject(expected)
})

test('no plan ever lowers the count, and every plan is one that EKS accepts', () => {
  const size = integer({ min: 0, max: 50 })
  const wishes = record({
    a: size,
    b: size,
    desiredSize: option(size, { nil: undefined }),
    sizeOwner: constantFrom('Spec' as const, 'Orders' as const, 'External' as const),
  })
  const seen = record({ minSize: size, maxSize: size, desiredCapacity: size })
  assert(
    property(wishes, seen, ({ a, b, desiredSize, sizeOwner }, now) => {
      const plan = planSize({ minSize: Math.min(a, b), maxSize: Math.max(1, a, b), desiredSize, sizeOwner }, now)
      const { target } = plan
      expect(target.desiredSize).toBeGreaterThanOrEqual(now.desiredCapacity)
      expect(target.minSize).toBeLessThanOrEqual(target.desiredSize)
      expect(target.maxSize).toBeGreaterThanOrEqual(target.desiredSize)
      expect(target.maxSize).toBeGreaterThanOrEqual(1)
      const after = { ...now, ...plan.send, desiredCapacity: plan.send.desiredSize ?? now.desiredCapacity }
      expect(planSize({ minSize: Math.min(a, b), maxSize: Math.max(1, a, b), desiredSize, sizeOwner }, after).send).toEqual({})
    }),
  )
})

test('the first size is what is there, inside the limits, or the minimum', () => {
  expect(firstSize({ minSize: 2, maxSize: 5, sizeOwner: 'Orders' }, undefined)).toBe(2)
  expect(firstSize({ minSize: 2, maxSize: 5, sizeOwner: 'Orders' }, { minSize: 0, maxSize: 9, desiredCapacity: 9 })).toBe(5)
})
