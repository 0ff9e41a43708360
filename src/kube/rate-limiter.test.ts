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

test('urgent calls go before others, which still get one of five', async () => {
  const clock = new FakeClock()
  const limiter = new RateLimiter({ qps: 10, burst: 1 }, clock)
  await limiter.take({ signal })
  const passed: string[] = []
  const call = (name: string, urgent: boolean): void => {
    void limiter.take({ signal, urgent }).then(() => passed.push(name))
  }
  for (const name of ['list', 'status', 'watch']) call(name, false)
  for (let n = 1; n <= 9; n += 1) call(`evict ${n}`, true)
  await clock.advance(1200)
  const shown = passed.map((name) => name.replace(/^evict /, '')).join(' ')
  expect(shown).toBe('1 2 3 4 list 5 6 7 8 status 9 watch')
})

test('urgent calls that nobody waits beside are not held up, and wait no longer than the rate says', async () => {
  const clock = new FakeClock()
  const limiter = new RateLimiter({ qps: 10, burst: 1 }, clock)
  const waits = Array.from({ length: 8 }, async () => limiter.take({ signal, urgent: true }))
  await clock.advance(1000)
  expect(await Promise.all(waits)).toEqual([0, 100, 200, 300, 400, 500, 600, 700])
})

test('a call that comes after all who waited have given up still passes', async () => {
  const clock = new FakeClock()
  const limiter = new RateLimiter({ qps: 1, burst: 1 }, clock)
  await limiter.take({ signal })
  const impatient = new AbortController()
  const gone = [limiter.take({ signal: impatient.signal, urgent: true }), limiter.take({ signal: impatient.signal })]
  await clock.advance(400)
  impatient.abort(new Error('enough'))
  for (const one of gone) await expect(one).rejects.toThrow('enough')
  expect(limiter.waiting).toBe(0)
  const next = limiter.take({ signal })
  await clock.advance(600)
  await expect(next).resolves.toBe(600)
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
          void limiter.take({ signal, urgent: gap % 2 === 0 }).then(() => times.push(clock.monotonicMs()))
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
