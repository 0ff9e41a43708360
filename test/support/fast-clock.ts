import { type Clock, systemClock } from '../../src/lib/clock.ts'

/**
 * A real clock that runs `speed` times as fast, so that a test sees what an operator does within a minute without waiting for it. Time-outs that
 * are counted on it shrink as well; those of the AWS SDK are real.
 */
export function fastClock(speed: number): Clock {
  const startMs = systemClock.now().getTime()
  const startMonotonicMs = systemClock.monotonicMs()
  const elapsedMs = (): number => (systemClock.monotonicMs() - startMonotonicMs) * speed
  return {
    now: () => new Date(startMs + elapsedMs()),
    monotonicMs: elapsedMs,
    sleep: async (ms, options) => {
      await systemClock.sleep(ms / speed, options)
    },
  }
}
