import type { Clock } from '../lib/clock.ts'
import { type RateState, type Share, nextShare } from '../scaling/drain/budget.ts'

/** A share that nobody came for is forgotten after this long: it must not be spent on top of later ones. */
const keptMs = 2000

/**
 * One limit of evictions per second for a whole target, shared by all its drains. Nobody waits in here: who gets less than he wanted is told when
 * to come back, and finds his share then. On the monotonic clock, in memory: a process that starts anew may be one share (a quarter of a second) early.
 */
export class EvictionLimiter {
  readonly #clock: Clock
  readonly #shares = new Map<string, Share>()
  #state: RateState = { givenUntilMs: Number.NEGATIVE_INFINITY }
  perSecond: number

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock
    this.perSecond = perSecond
  }

  /** How many calls `key` may make now, at most `wanted`, and, where these are fewer, in how many milliseconds it may make more. */
  take(key: string, wanted: number): { readonly count: number; readonly waitMs: number } {
    const nowMs = this.#clock.monotonicMs()
    let count = 0
    for (;;) {
      const share = this.#shares.get(key)
      if (share !== undefined && share.atMs > nowMs) return { count, waitMs: Math.ceil(share.atMs - nowMs) }
      this.#shares.delete(key)
      if (share !== undefined && nowMs - share.atMs <= keptMs) count += Math.min(share.count, wanted - count)
      if (count >= wanted) return { count, waitMs: 0 }
      const next = nextShare(this.#state, { nowMs, perSecond: this.perSecond, wanted: wanted - count })
      this.#state = next.state
      this.#shares.set(key, next.share)
    }
  }

  /** Its drain is over. */
  forget(key: string): void {
    this.#shares.delete(key)
  }
}
