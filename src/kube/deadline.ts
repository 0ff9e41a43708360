import type { Clock } from '../lib/clock.ts'

export interface DeadlineOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly timeoutMs: number
  /** What to reject with when the time is up. */
  readonly expired: () => Error
}

/**
 * Runs `work` until it ends, the time is up, or `signal` aborts, whichever is first. In the last two cases `work`'s own signal aborts.
 *
 * Guarantees: rejects at once with `expired()` or the signal's reason, also when `work` does not listen; leaves no listener and no timer.
 */
export async function withDeadline<T>(options: DeadlineOptions, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { clock, signal, timeoutMs, expired } = options
  signal.throwIfAborted()
  const inner = new AbortController()
  const finished = new AbortController()
  return await new Promise<T>((resolve, reject) => {
    const stop = (reason: unknown): void => {
      // oxlint-disable-next-line prefer-promise-reject-errors -- the caller's own reason is the best error
      reject(reason)
      inner.abort(reason)
    }
    const onAbort = (): void => {
      stop(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    const watchTheTime = async (): Promise<void> => {
      await clock.sleep(timeoutMs, { signal: finished.signal })
      stop(expired())
    }
    watchTheTime().catch(() => undefined)
    work(inner.signal)
      .then(resolve, reject)
      .finally(() => {
        signal.removeEventListener('abort', onAbort)
        finished.abort()
      })
  })
}
