import { describe, expect, it } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { TokenBucket } from './token-bucket.ts'

const never = new AbortController().signal

/** Takes `count` places and tells at which time each was given. */
function takeMany(bucket: TokenBucket, clock: FakeClock, count: number, signal = never): { readonly times: number[]; readonly done: Promise<unknown> } {
  const times: number[] = []
  const one = async (): Promise<void> => {
    await bucket.take(signal)
    times.push(clock.monotonicMs())
  }
  return { times, done: Promise.allSettled(Array.from({ length: count }, one)) }
}

describe('TokenBucket', () => {
  it('lets the burst pass at once and then the rate', async () => {
    const clock = new FakeClock()
    const { times, done } = takeMany(new TokenBucket({ perSecond: 10, burst: 3 }, clock), clock, 6)
    await clock.advance(1000)
    await done
    expect(times).toEqual([0, 0, 0, 100, 200, 300])
  })

  it('is full again after a quiet time, and never more than full', async () => {
    const clock = new FakeClock()
    const bucket = new TokenBucket({ perSecond: 10, burst: 2 }, clock)
    await takeMany(bucket, clock, 2).done
    await clock.advance(60_000)
    const { times, done } = takeMany(bucket, clock, 3)
    await clock.advance(1000)
    await done
    expect(times).toEqual([60_000, 60_000, 60_100])
  })

  it('serves first come, first served, also those that come while others wait', async () => {
    const clock = new FakeClock()
    const bucket = new TokenBucket({ perSecond: 1, burst: 1 }, clock)
    const order: string[] = []
    const take = async (name: string): Promise<void> => {
      await bucket.take(never)
      order.push(name)
    }
    const all = [take('a'), take('b'), take('c')]
    await clock.advance(1500)
    all.push(take('d'))
    await clock.advance(5000)
    await Promise.all(all)
    expect(order).toEqual(['a', 'b', 'c', 'd'])
  })

  it('an aborted waiter takes nothing, leaves no timer, and gives the next its turn', async () => {
    const clock = new FakeClock()
    const bucket = new TokenBucket({ perSecond: 1, burst: 1 }, clock)
    await bucket.take(never)
    const stop = new AbortController()
    const reason = new Error('stopping')
    const aborted = bucket.take(stop.signal).catch((caught: unknown) => caught)
    const { times, done } = takeMany(bucket, clock, 1)
    await clock.advance(500)
    stop.abort(reason)
    expect(await aborted).toBe(reason)
    await clock.advance(500)
    await done
    expect(times).toEqual([1000])
    expect(clock.sleeping).toBe(0)
  })

  it('sleeps for nobody when all waiters went, and works when somebody comes again at once', async () => {
    const clock = new FakeClock()
    const bucket = new TokenBucket({ perSecond: 0.1, burst: 1 }, clock)
    await bucket.take(never)
    const stop = new AbortController()
    const gone = takeMany(bucket, clock, 5, stop.signal)
    await clock.advance(10)
    expect(clock.sleeping).toBe(1)
    stop.abort(new Error('stopping'))
    const { times, done } = takeMany(bucket, clock, 1)
    await gone.done
    await clock.advance(0)
    expect(clock.sleeping).toBe(1)
    await clock.advance(10_000)
    await done
    expect(times).toEqual([10_000])
    expect(clock.sleeping).toBe(0)
  })

  it('what went without asking is paid by those that come later', async () => {
    const clock = new FakeClock()
    const bucket = new TokenBucket({ perSecond: 10, burst: 1 }, clock)
    bucket.charge(3)
    const { times, done } = takeMany(bucket, clock, 1)
    await clock.advance(1000)
    await done
    expect(times).toEqual([300])
  })
})
