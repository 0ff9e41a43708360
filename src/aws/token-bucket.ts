import type { Clock } from '../lib/clock.ts'

export interface Rate {
  readonly perSecond: number
  /** Calls that may go at once after a quiet time. */
  readonly burst: number
}

interface Waiter {
  readonly go: () => void
}

/**
 * Lets `perSecond` calls pass on average and `burst` at once, first come, first served, on the monotonic clock.
 *
 * Guarantees: a waiter that aborts leaves the queue at once and takes nothing; no timer stays when nobody waits.
 */
export class TokenBucket {
  readonly #clock: Clock
  readonly #rate: Rate
  readonly #queue: Waiter[] = []
  #tokens: number
  #filledAtMs: number
  #idle: AbortController | undefined

  constructor(rate: Rate, clock: Clock) {
    this.#clock = clock
    this.#rate = rate
    this.#tokens = rate.burst
    this.#filledAtMs = clock.monotonicMs()
  }

  /** Resolves when one call may go. Rejects with the signal's reason. */
  async take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#queue.length === 0 && this.#spendOne()) return
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        this.#queue.splice(this.#queue.indexOf(waiter), 1)
        if (this.#queue.length === 0) this.#idle?.abort()
        // oxlint-disable-next-line prefer-promise-reject-errors -- the caller's own reason is the best error
        reject(signal.reason)
      }
      const waiter: Waiter = {
        go: () => {
          signal.removeEventListener('abort', onAbort)
          resolve()
        },
      }
      signal.addEventListener('abort', onAbort, { once: true })
      this.#queue.push(waiter)
      if (this.#idle === undefined) void this.#serve()
    })
  }

  /** Books calls that went without asking (the SDK's retries); those that come later wait for them. */
  charge(calls: number): void {
    this.#refill()
    this.#tokens -= calls
  }

  async #serve(): Promise<void> {
    while (this.#queue.length > 0) {
      if (this.#spendOne()) {
        this.#queue.shift()?.go()
        continue
      }
      const waitMs = Math.max(1, Math.ceil(((1 - this.#tokens) / this.#rate.perSecond) * 1000))
      this.#idle = new AbortController()
      try {
        await this.#clock.sleep(waitMs, { signal: this.#idle.signal })
      } catch {
        // Nobody waited any more; somebody may have come since.
      }
    }
    this.#idle = undefined
  }

  #spendOne(): boolean {
    this.#refill()
    // Sums of fractions: 0.1 ten times is a little less than 1.
    if (this.#tokens < 1 - 1e-9) return false
    this.#tokens -= 1
    return true
  }

  #refill(): void {
    const now = this.#clock.monotonicMs()
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + ((now - this.#filledAtMs) / 1000) * this.#rate.perSecond)
    this.#filledAtMs = now
  }
}
