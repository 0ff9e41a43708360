import type { Clock } from '../lib/clock.ts'

/** A signal that somebody must end, so that no timer and no listener stays behind. Unlike kube's `withDeadline` it lets the work end by itself. */
export interface Deadline {
  readonly signal: AbortSignal
  end(): void
}

/** Aborts when `outer` does, with its reason, or after `ms` milliseconds with `reason()`. */
export function startDeadline(clock: Clock, ms: number, outer: AbortSignal, reason: () => Error): Deadline {
  const inner = new AbortController()
  const timer = new AbortController()
  const onAbort = (): void => inner.abort(outer.reason)
  if (outer.aborted) onAbort()
  outer.addEventListener('abort', onAbort, { once: true })
  clock.sleep(ms, { signal: timer.signal }).then(
    () => inner.abort(reason()),
    () => undefined, // ended in time
  )
  return {
    signal: inner.signal,
    end: () => {
      outer.removeEventListener('abort', onAbort)
      timer.abort()
    },
  }
}
