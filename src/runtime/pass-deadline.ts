import type { Clock } from '../lib/clock.ts'

/** A signal that somebody must end, so that no timer and no listener stays behind. Unlike kube's `withDeadline` it lets the work end by itself. */
export interface Deadline {
  readonly signal: AbortSignal
  end(): void
}

/** Aborts when one of `outers` does, with its reason, or after `ms` milliseconds with `reason()`. */
export function startDeadline(clock: Clock, ms: number, outers: readonly AbortSignal[], reason: () => Error): Deadline {
  const inner = new AbortController()
  const timer = new AbortController()
  const onAbort = ({ target }: { readonly target: EventTarget | null }): void => inner.abort((target as AbortSignal).reason)
  for (const outer of outers) {
    if (outer.aborted) inner.abort(outer.reason)
    outer.addEventListener('abort', onAbort, { once: true })
  }
  clock.sleep(ms, { signal: timer.signal }).then(
    () => inner.abort(reason()),
    () => undefined, // ended in time
  )
  return {
    signal: inner.signal,
    end: () => {
      for (const outer of outers) outer.removeEventListener('abort', onAbort)
      timer.abort()
    },
  }
}
