import type { Clock } from '../lib/clock.ts'
import { type RateState, type Share, nextShare } from '../scaling/drain/budget.ts'

/** A share that nobody came for is forgotten after this long. */
const keptMs = 2000
/** What is saved up while nobody comes. A pass over many nodes takes a while, and with less than its length they would not come up to the limit. */
const savedSeconds = 0.5

/**
 * One limit of evictions per second for a whole target, shared by all its drains. Nobody waits in here: who gets less than he wanted is told when
 * to come back, and finds his share then.
 *
 * Guarantees: in any `t` seconds at most `perSecond × (t + 0.5)` calls are allowed (and one in any case), also where drains come late for shares that
 * became due meanwhile. On the monotonic clock, in memory: a process that starts anew may be half a second early.
 */
export class EvictionLimiter {
  readonly #clock: Clock
  readonly #shares = new Map<string, Share>()
  /** In which order and when: what makes drains take turns. */
  #state: RateState = { givenUntilMs: Number.NEGATIVE_INFINITY }
  /** What may be spent now: what keeps the limit when shares are fetched late, and several at once. */
  #allowance: { readonly calls: number; readonly atMs: number } = { calls: Number.POSITIVE_INFINITY, atMs: Number.NEGATIVE_INFINITY }
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
      if (share !== undefined && nowMs - share.atMs <= keptMs) {
        const due = Math.min(share.count, wanted - count)
        const spent = this.#spend(due, nowMs)
        count += spent.count
        // others were late, and spend what was ours: soon
        if (spent.count < due) this.#shares.set(key, { count: due - spent.count, atMs: nowMs + spent.waitMs })
        if (spent.count < due) continue
      }
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

  #spend(wanted: number, nowMs: number): { readonly count: number; readonly waitMs: number } {
    const { calls, atMs } = this.#allowance
    const available = Math.min(Math.max(1, this.perSecond * savedSeconds), calls + ((nowMs - atMs) / 1000) * this.perSecond)
    const count = Math.min(wanted, Math.floor(available + 1e-6))
    this.#allowance = { calls: available - count, atMs: nowMs }
    return { count, waitMs: ((wanted - count - (available - count)) / this.perSecond) * 1000 }
  }
}
