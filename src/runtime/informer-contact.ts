import type { Clock } from '../lib/clock.ts'

/**
 * When the server last showed that a cache is up to date, and what has been in the way since.
 *
 * By a whole list, by an event or bookmark of the watch that goes on from it, or by taking that watch: from there it tells whatever there is. Parts of a list
 * show nothing, nor does a stream that says what went wrong.
 */
export class Contact {
  readonly #clock: Clock
  #lastMs: number | undefined
  #failure: unknown

  constructor(clock: Clock) {
    this.#clock = clock
  }

  made(): void {
    this.#lastMs = this.#clock.monotonicMs()
    this.#failure = undefined
  }

  /** An attempt ended so. */
  ended(failure: unknown): void {
    this.#failure = failure
  }

  /** Milliseconds since the last one; `Infinity` before the first. */
  ageMs(): number {
    return this.#lastMs === undefined ? Number.POSITIVE_INFINITY : this.#clock.monotonicMs() - this.#lastMs
  }

  /** How the last attempt ended, where there has been no contact since; `undefined` also where it ended as watches do. */
  get failure(): unknown {
    return this.#failure
  }
}
