import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { RateLimiter } from './rate-limiter.ts'

const signal = new AbortController().signal

test('a burst passes at once, and what follows comes at the rate, first come first served', async () => {
  const clock = new FakeClock()
  const limiter = new RateLimiter({ qps: 10, burst: 3 }, clock)
  const passed: string[] = []
  const calls = ['a', 'b', 'c', 'd', 'e'].map(async (name) => {
    await limiter.take({ signal })
    passed.push(`${name} ${clock.monotonicMs()}`)
  })
  await clock.advance(0)
  expect(passed).toEqual(['a 0', 'b 0', 'c 0'])
  expect(limiter.waiting).toBe(2)
  await clock.advance(1000)
  await Promise.all(calls)
  expect(passed.slice(3)).toEqual(['d 100', 'e 200'])
  expect(limiter.waiting).toBe(0)
})

test('who gives up leaves the place to others', async () => {
  const clock = new FakeClock()
  const limiter = new RateLimiter({ qps: 1, burst: 1 }, clock)
  await limiter.take({ signal })
  const impatient = new AbortController()
  const gone = limiter.take({ signal: impatient.signal })
  impatient.abort(new Error('enough'))
  await expect(gone).rejects.toThrow('enough')
  const next = limiter.take({ signal })
  await clock.advance(1000)
  await expect(next).resolves.toBe(1000)
})

test('however calls come, no more than burst + qps × time pass', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat({ max: 400 }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 20 }),
      async (gaps, qps, burst) => {
        const clock = new FakeClock()
        const limiter = new RateLimiter({ qps, burst }, clock)
        const times: number[] = []
        for (const gap of gaps) {
          void limiter.take({ signal }).then(() => times.push(clock.monotonicMs()))
          await clock.advance(gap)
        }
        await clock.advance(120_000)
        expect(times).toHaveLength(gaps.length)
        for (const [from, start] of times.entries()) {
          for (const [offset, end] of times.slice(from).entries()) expect(offset + 1).toBeLessThanOrEqual(burst + ((end - start) / 1000) * qps + 1.001)
        }
      },
    ),
    { numRuns: 50 },
  )
})
