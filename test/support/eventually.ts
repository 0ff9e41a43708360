import { systemClock } from '../../src/lib/clock.ts'

/**
 * Asks again until `check` no longer throws, and returns what it gave. At the deadline the last error comes out, with what was seen last in it.
 */
export async function eventually<T>(check: () => Promise<T> | T, options: { readonly timeoutMs?: number; readonly everyMs?: number } = {}): Promise<T> {
  const { timeoutMs = 60_000, everyMs = 50 } = options
  const end = systemClock.monotonicMs() + timeoutMs
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (systemClock.monotonicMs() > end) {
        if (error instanceof Error) error.message = `after ${timeoutMs} ms still: ${error.message}`
        throw error
      }
      await systemClock.sleep(everyMs)
    }
  }
}
