import { type BackoffOptions, backoffMs } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import type { Metrics } from '../observability/metrics.ts'
import { DelayHeap } from './delay-heap.ts'
import { createQueueMetrics, type QueueMetrics } from './workqueue-metrics.ts'

/** client-go's per-item limiter (util/workqueue/default_rate_limiters.go) with a little chance, so that failures of one cause spread out. */
const defaultBackoff: BackoffOptions = { baseMs: 5, capMs: 1_000_000, jitter: 0.1 }

/** A timer holds at most 2^31-1 ms; the queue looks again after this long in any case. */
const longestSleepMs = 3_600_000

/**
 * Keys that wait for a worker, with client-go's semantics (util/workqueue).
 *
 * Guarantees: a key that was added is handed out at least once after its last `add`, never lost; one key is never with two workers at once (added
 * while it runs, it runs again after `done`); a key added many times before it is handed out is handed out once; ready keys come out first in,
 * first out; of several delays of one key the earliest wins, and a delayed key does not hold back an `add` of the same key.
 * After `shutDown` nothing is accepted and delays are dropped, but what was ready is still handed out.
 */
export class WorkQueue {
  readonly #clock: Clock
  readonly #random: Random
  readonly #backoff: BackoffOptions
  readonly #metrics: QueueMetrics
  /** Must be handed out (again); what is also in `#processing` waits for its `done`. Maps to the moment it was added. */
  readonly #dirty = new Map<string, number>()
  /** Handed out and not done; maps to the moment it was handed out. */
  readonly #processing = new Map<string, number>()
  readonly #failures = new Map<string, number>()
  readonly #delayed = new DelayHeap()
  readonly #takers: ((key: string | undefined) => void)[] = []
  readonly #drained: (() => void)[] = []
  #ready: string[] = []
  /** Index of the first ready key: shifting a long array costs its length. */
  #head = 0
  #timer: { readonly dueMs: number; readonly cancel: AbortController } | undefined
  #down = false

  constructor(options: {
    readonly name: string
    readonly clock: Clock
    readonly random: Random
    readonly metrics: Metrics
    readonly backoff?: BackoffOptions | undefined
  }) {
    this.#clock = options.clock
    this.#random = options.random
    this.#backoff = options.backoff ?? defaultBackoff
    this.#metrics = createQueueMetrics(options.metrics, options.name)
  }

  /** How many keys are ready. */
  get depth(): number {
    return this.#ready.length - this.#head
  }

  add(key: string): void {
    if (this.#down || this.#dirty.has(key)) return
    this.#metrics.adds.inc()
    this.#dirty.set(key, this.#clock.monotonicMs())
    if (!this.#processing.has(key)) this.#makeReady(key)
  }

  /** Adds `key` in `ms` milliseconds, at once when that is not positive. */
  addAfter(key: string, ms: number): void {
    if (this.#down) return
    if (!(ms > 0)) return this.add(key)
    this.#delayed.put(key, this.#clock.monotonicMs() + ms)
    this.#arm()
  }

  /** Adds `key` after its backoff, which doubles each time until `forget`. Answers how long that is. */
  addRateLimited(key: string): number {
    const failures = this.retries(key) + 1
    this.#failures.set(key, failures)
    const ms = backoffMs(failures, this.#backoff, this.#random)
    this.#metrics.retries.inc()
    this.addAfter(key, ms)
    return ms
  }

  /** How often `key` was added with backoff since the last `forget`. */
  retries(key: string): number {
    return this.#failures.get(key) ?? 0
  }

  forget(key: string): void {
    this.#failures.delete(key)
  }

  /** The next key; waits for one. Undefined once `signal` is aborted, or the queue is shut down and empty. Each key needs its `done`. */
  async get(signal: AbortSignal): Promise<string | undefined> {
    if (signal.aborted) return undefined
    const key = this.#take()
    if (key !== undefined || this.#down) return key
    return new Promise((resolve) => {
      const taker = (handed: string | undefined): void => {
        signal.removeEventListener('abort', onAbort)
        resolve(handed)
      }
      const onAbort = (): void => {
        this.#takers.splice(this.#takers.indexOf(taker), 1)
        resolve(undefined)
      }
      this.#takers.push(taker)
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** The worker is through with `key`; it becomes ready again if it was added meanwhile. */
  done(key: string): void {
    const startedMs = this.#processing.get(key)
    if (startedMs === undefined) return
    this.#processing.delete(key)
    this.#metrics.workDuration.observe((this.#clock.monotonicMs() - startedMs) / 1000)
    if (this.#dirty.has(key)) this.#makeReady(key)
    this.#resolveDrained()
  }

  /** Accepts nothing more and wakes who waits for a key. */
  shutDown(): void {
    this.#down = true
    this.#delayed.clear()
    this.#timer?.cancel.abort()
    for (const taker of this.#takers.splice(0)) taker(undefined)
    this.#resolveDrained()
  }

  /** Resolves when the queue is shut down and every key that was ready or handed out is done. */
  async drained(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#drained.push(resolve)
      this.#resolveDrained()
    })
  }

  #makeReady(key: string): void {
    this.#ready.push(key)
    this.#metrics.depth.set(this.depth)
    const taker = this.#takers.shift()
    taker?.(this.#take())
  }

  #take(): string | undefined {
    const key = this.#ready[this.#head]
    if (key === undefined) return undefined
    this.#head += 1
    if (this.#head * 2 > this.#ready.length) {
      this.#ready = this.#ready.slice(this.#head)
      this.#head = 0
    }
    const nowMs = this.#clock.monotonicMs()
    this.#metrics.depth.set(this.depth)
    this.#metrics.queueDuration.observe((nowMs - (this.#dirty.get(key) ?? nowMs)) / 1000)
    this.#dirty.delete(key)
    this.#processing.set(key, nowMs)
    return key
  }

  #resolveDrained(): void {
    if (!this.#down || this.#processing.size > 0 || this.depth > 0) return
    for (const resolve of this.#drained.splice(0)) resolve()
  }

  /** One timer, for the soonest delayed key. */
  #arm(): void {
    const dueMs = this.#delayed.nextMs
    if (dueMs === undefined || (this.#timer !== undefined && this.#timer.dueMs <= dueMs)) return
    this.#timer?.cancel.abort()
    const timer = { dueMs, cancel: new AbortController() }
    this.#timer = timer
    // Whole milliseconds, so that a rounding error is never a sleep of nothing, again and again.
    const ms = Math.min(longestSleepMs, Math.max(1, Math.ceil(dueMs - this.#clock.monotonicMs())))
    this.#clock.sleep(ms, { signal: timer.cancel.signal }).then(
      () => this.#fire(),
      () => undefined, // cancelled for an earlier one, or by shutDown
    )
  }

  #fire(): void {
    this.#timer = undefined
    for (const key of this.#delayed.takeDue(this.#clock.monotonicMs())) this.add(key)
    this.#arm()
  }
}
