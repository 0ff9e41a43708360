import type { Clock } from '../lib/clock.ts'

export interface RateLimit {
  /** Calls per second in the long run. */
  readonly qps: number
  /** Calls that may go at once after a quiet time. */
  readonly burst: number
}

/**
 * A token bucket in front of one API server, shared by all calls to it.
 *
 * Guarantees: first come, first served; over any time of `t` seconds at most `burst + qps × t` calls pass; a caller that gives up gives its
 * place back. Each caller reserves its token on arrival, also one in the future, so that waiting needs one timer per caller and no queue.
 */
export class RateLimiter {
  readonly #limit: RateLimit
  readonly #clock: Clock
  #tokens: number
  #at: number
  #waiting = 0

  constructor(limit: RateLimit, clock: Clock) {
    this.#limit = limit
    this.#clock = clock
    this.#tokens = limit.burst
    this.#at = clock.monotonicMs()
  }

  /** How many callers wait now. */
  get waiting(): number {
    return this.#waiting
  }

  /** Resolves when the call may go, with the milliseconds that it waited; rejects with the signal's reason. */
  async take(options: { readonly signal: AbortSignal }): Promise<number> {
    options.signal.throwIfAborted()
    const now = this.#clock.monotonicMs()
    this.#tokens = Math.min(this.#limit.burst, this.#tokens + ((now - this.#at) / 1000) * this.#limit.qps) - 1
    this.#at = now
    if (this.#tokens >= 0) return 0
    const waitMs = (-this.#tokens / this.#limit.qps) * 1000
    this.#waiting += 1
    try {
      await this.#clock.sleep(waitMs, options)
      return waitMs
    } catch (error) {
      this.#tokens += 1
      throw error
    } finally {
      this.#waiting -= 1
    }
  }
}
