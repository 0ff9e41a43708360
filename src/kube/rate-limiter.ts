import type { Clock } from '../lib/clock.ts'

export interface RateLimit {
  /** Calls per second in the long run. */
  readonly qps: number
  /** Calls that may go at once after a quiet time. */
  readonly burst: number
}

export interface TakeOptions {
  readonly signal: AbortSignal
  /** Goes before the calls that are not, as far as `urgentShare` lets it. */
  readonly urgent?: boolean | undefined
}

interface Waiter {
  readonly go: (nowMs: number) => void
}

/** While others wait, at most so many urgent calls pass one after the other: what is urgent needs watches and status writes too, to come to an end. */
const urgentShare = 4
/** Of what the arithmetic of fractions leaves. */
const tolerance = 1e-6

/**
 * A token bucket in front of one API server, shared by all calls to it.
 *
 * Guarantees: over any time of `t` seconds at most `burst + qps × t` calls pass; urgent calls go before others, but of five in a row that pass while
 * others wait one is another; within each of the two classes first come, first served; a caller that gives up leaves its place to the next.
 */
export class RateLimiter {
  readonly #limit: RateLimit
  readonly #clock: Clock
  readonly #urgent = new Set<Waiter>()
  readonly #others = new Set<Waiter>()
  #tokens: number
  #at: number
  #urgentInARow = 0
  #timer: AbortController | undefined

  constructor(limit: RateLimit, clock: Clock) {
    this.#limit = limit
    this.#clock = clock
    this.#tokens = limit.burst
    this.#at = clock.monotonicMs()
  }

  /** How many callers wait now. */
  get waiting(): number {
    return this.#urgent.size + this.#others.size
  }

  /** Resolves when the call may go, with the milliseconds that it waited; rejects with the signal's reason. */
  async take({ signal, urgent = false }: TakeOptions): Promise<number> {
    signal.throwIfAborted()
    this.#refill()
    if (this.waiting === 0 && this.#tokens >= 1 - tolerance) {
      this.#tokens -= 1
      return 0
    }
    const sinceMs = this.#at
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    const queue = urgent ? this.#urgent : this.#others
    const waiter: Waiter = { go: (nowMs) => resolve(nowMs - sinceMs) }
    const onAbort = (): void => {
      queue.delete(waiter)
      if (this.waiting === 0) this.#timer?.abort()
      reject(signal.reason)
    }
    queue.add(waiter)
    signal.addEventListener('abort', onAbort, { once: true })
    this.#arm()
    try {
      return await promise
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  #refill(): void {
    const now = this.#clock.monotonicMs()
    this.#tokens = Math.min(this.#limit.burst, this.#tokens + ((now - this.#at) / 1000) * this.#limit.qps)
    this.#at = now
  }

  /** One timer, for the next token. */
  #arm(): void {
    if (this.waiting === 0 || (this.#timer !== undefined && !this.#timer.signal.aborted)) return
    const timer = new AbortController()
    this.#timer = timer
    this.#clock.sleep(((1 - this.#tokens) / this.#limit.qps) * 1000, { signal: timer.signal }).then(
      () => this.#serve(),
      () => undefined, // nobody waits any more
    )
  }

  #serve(): void {
    this.#timer = undefined
    this.#refill()
    while (this.waiting > 0 && this.#tokens >= 1 - tolerance) {
      this.#tokens -= 1
      this.#next().go(this.#at)
    }
    this.#arm()
  }

  /** Whose turn it is, out of the queue. Somebody waits. */
  #next(): Waiter {
    const isUrgent = this.#urgent.size > 0 && (this.#others.size === 0 || this.#urgentInARow < urgentShare)
    this.#urgentInARow = isUrgent && this.#others.size > 0 ? this.#urgentInARow + 1 : 0
    const queue = isUrgent ? this.#urgent : this.#others
    const [waiter] = queue
    if (waiter === undefined) throw new Error('nobody waits')
    queue.delete(waiter)
    return waiter
  }
}
