import type { Clock } from './clock.ts'

interface Sleeper {
  readonly due: number
  readonly wake: () => void
}

/**
 * A clock that stands still until it is told to move, for tests and for a simulator that is stepped by hand.
 *
 * Guarantees: `advance` wakes sleepers in the order of their deadlines and lets each one run its continuation (and sleep again) before the next
 * is woken, so that a loop of short sleeps runs as often as it would have on a real clock.
 */
export class FakeClock implements Clock {
  #elapsedMs = 0
  #wallMs: number
  #sleepers: Sleeper[] = []

  constructor(start: Date = new Date('2026-11-21T06:00:00Z')) {
    this.#wallMs = start.getTime()
  }

  now(): Date {
    return new Date(this.#wallMs)
  }

  monotonicMs(): number {
    return this.#elapsedMs
  }

  /** How many callers sleep now. */
  get sleeping(): number {
    return this.#sleepers.length
  }

  async sleep(ms: number, options?: { readonly signal?: AbortSignal }): Promise<void> {
    const { signal } = options ?? {}
    signal?.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper)
        // oxlint-disable-next-line prefer-promise-reject-errors -- the caller's own reason is the best error
        reject(signal?.reason)
      }
      const sleeper: Sleeper = {
        due: this.#elapsedMs + Math.max(0, ms),
        wake: () => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        },
      }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** Moves both clocks forward by `ms`. */
  async advance(ms: number): Promise<void> {
    const end = this.#elapsedMs + ms
    await settle()
    for (;;) {
      const next = this.#sleepers.filter(({ due }) => due <= end).toSorted((a, b) => a.due - b.due)[0]
      if (next === undefined) break
      this.#sleepers = this.#sleepers.filter((other) => other !== next)
      this.#move(Math.max(this.#elapsedMs, next.due))
      next.wake()
      await settle()
    }
    this.#move(end)
    await settle()
  }

  /** Sets the wall clock alone, as an administrator or NTP does; the monotonic clock does not notice. */
  setWall(to: Date): void {
    this.#wallMs = to.getTime()
  }

  #move(to: number): void {
    this.#wallMs += to - this.#elapsedMs
    this.#elapsedMs = to
  }
}

/** Lets everything that is ready run: a turn of the event loop, with all the microtasks that hang on it. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve)
    })
  }
}
