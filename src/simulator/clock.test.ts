import { describe, expect, it } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { SimulatedClock } from './clock.ts'

/** When a timer that sets itself again every 70 ms ran, on a clock that was moved in these jumps. */
function history(jumps: readonly number[]): readonly number[] {
  const clock = new SimulatedClock(new FakeClock(), { speed: 1, paused: true })
  const seen: number[] = []
  const tick = (): void => {
    seen.push(clock.monotonicMs())
    clock.after(70, tick)
  }
  clock.after(70, tick)
  for (const jump of jumps) clock.advance(jump)
  return seen
}

describe('SimulatedClock', () => {
  it('passes `speed` simulated seconds in one real second', async () => {
    const real = new FakeClock()
    const clock = new SimulatedClock(real, { speed: 60 })
    await real.advance(1000)
    expect(clock.monotonicMs()).toBe(60_000)
    expect(clock.now().toISOString()).toBe('2026-11-21T06:01:00.000Z')
  })

  it('changes its speed without a jump', async () => {
    const real = new FakeClock()
    const clock = new SimulatedClock(real, { speed: 1 })
    await real.advance(1000)
    clock.setSpeed(10)
    expect(clock.monotonicMs()).toBe(1000)
    await real.advance(1000)
    expect(clock.monotonicMs()).toBe(11_000)
  })

  it('stands while paused, moves by hand, and goes on from there', async () => {
    const real = new FakeClock()
    const clock = new SimulatedClock(real, { speed: 2, paused: true })
    await real.advance(5000)
    expect(clock.monotonicMs()).toBe(0)
    clock.advance(300)
    expect(clock.monotonicMs()).toBe(300)
    clock.resume()
    await real.advance(100)
    expect(clock.monotonicMs()).toBe(500)
  })

  it('runs timers in the order of their due times, each at its own time, also those that timers make', () => {
    const clock = new SimulatedClock(new FakeClock(), { speed: 1, paused: true })
    const seen: (readonly [string, number])[] = []
    const note = (name: string) => () => {
      seen.push([name, clock.monotonicMs()])
    }
    clock.after(200, note('second'))
    clock.after(100, () => {
      note('first')()
      clock.after(50, note('made by the first'))
    })
    clock.after(200, note('third'))
    clock.after(2000, note('too late'))
    clock.advance(1000)
    expect(seen).toEqual([
      ['first', 100],
      ['made by the first', 150],
      ['second', 200],
      ['third', 200],
    ])
    expect(clock.state().pendingTimers).toBe(1)
  })

  it('gives the same history in one jump as in many', () => {
    expect(history([1000])).toEqual(history(Array.from({ length: 100 }, () => 10)))
  })

  it('wakes sleepers of its own time while it runs, and leaves when told', async () => {
    const real = new FakeClock()
    const clock = new SimulatedClock(real, { speed: 60 })
    const stop = new AbortController()
    const running = clock.run(stop.signal)
    const sleeper = clock.sleep(30_000)
    await real.advance(499)
    expect(clock.state().pendingTimers).toBe(1)
    await real.advance(2)
    await sleeper
    expect(clock.state().pendingTimers).toBe(0)
    stop.abort()
    await running
  })

  it('ends a sleep with the reason of its signal', async () => {
    const clock = new SimulatedClock(new FakeClock(), { speed: 1, paused: true })
    const stop = new AbortController()
    const sleep = clock.sleep(1000, { signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(sleep).rejects.toThrow('enough')
  })
})
