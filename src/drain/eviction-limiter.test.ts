import { expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { EvictionLimiter } from './eviction-limiter.ts'

/** Drains with `pods` each come back when they are told to, and every `pollMs` at the latest, as a work queue would have them. */
async function drainAll(
  perSecond: number,
  drains: number,
  pods: number,
  lateMs: number,
  isStalled: (nowMs: number) => boolean = () => false,
): Promise<{ readonly at: readonly number[] }> {
  const clock = new FakeClock()
  const limiter = new EvictionLimiter(clock, perSecond)
  const at: number[] = []
  const left = new Map(Array.from({ length: drains }, (_, n) => [`node-${n}`, { pods, nextMs: 0 }]))
  while ([...left.values()].some((drain) => drain.pods > 0)) {
    for (const [key, drain] of left) {
      if (drain.pods === 0 || drain.nextMs > clock.monotonicMs() || isStalled(clock.monotonicMs())) continue
      const { count, waitMs } = limiter.take(key, drain.pods)
      for (let call = 0; call < count; call += 1) at.push(clock.monotonicMs())
      drain.pods -= count
      drain.nextMs = clock.monotonicMs() + waitMs + lateMs
    }
    await clock.advance(5)
  }
  return { at }
}

const cases: readonly (readonly [string, number, number, number, number])[] = [
  ['fifty drains at 20 a second', 20, 50, 3, 0],
  ['fifty drains that come a little late', 20, 50, 3, 40],
  ['five drains at 10 a second', 10, 5, 15, 20],
]
test.each(cases)('%s take as long as the limit says, within 5 %%', async (_, perSecond, drains, pods, lateMs) => {
  const { at } = await drainAll(perSecond, drains, pods, lateMs)
  expect(at).toHaveLength(drains * pods)
  const seconds = (at.at(-1) ?? 0) / 1000
  const expected = (drains * pods) / perSecond
  expect(seconds).toBeGreaterThanOrEqual(expected * 0.95)
  expect(seconds).toBeLessThanOrEqual(expected * 1.05)
})

test.each([0, 300, 900, 1800])('where nobody comes for %d ms in every four seconds, no five see more than five and a half seconds’ worth', async (stallMs) => {
  const { at } = await drainAll(20, 50, 5, 0, (nowMs) => nowMs % 4000 < stallMs)
  expect(at).toHaveLength(250)
  for (const from of at) expect(at.filter((time) => time >= from && time < from + 5000).length).toBeLessThanOrEqual(110)
})

test('drains that all come together, every 400 ms, come up to the limit', async () => {
  const { at } = await drainAll(20, 50, 5, 0, (nowMs) => nowMs % 400 !== 0)
  expect((at.at(-1) ?? 0) / 1000).toBeLessThan((250 / 20) * 1.05)
})

test('fifty drains at 1000 a second wait less than a second', async () => {
  const { at } = await drainAll(1000, 50, 15, 0)
  expect(at.at(-1)).toBeLessThan(1000)
})

test('drains take turns', () => {
  const limiter = new EvictionLimiter(new FakeClock(), 20)
  expect(limiter.take('a', 15).count).toBe(5)
  expect(limiter.take('b', 15)).toEqual({ count: 0, waitMs: 500 })
  expect(limiter.take('a', 10)).toEqual({ count: 0, waitMs: 250 })
})

test('a share that nobody came for is not spent later', async () => {
  const clock = new FakeClock()
  const limiter = new EvictionLimiter(clock, 20)
  limiter.take('a', 15)
  await clock.advance(60_000)
  expect(limiter.take('a', 15).count).toBe(5)
  limiter.forget('a')
})
