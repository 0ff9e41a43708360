import type { Clock } from '../lib/clock.ts'
import { raceSignal } from './race-signal.ts'

/** Keys that are read, or will be, in one call. */
interface Batch<V> {
  readonly keys: Set<string>
  readonly answer: PromiseWithResolvers<ReadonlyMap<string, V>>
  readonly abort: AbortController
  waiting: number
}

/** A call that hangs holds up those who come later for no longer than this. */
const patienceMs = 1_000

/**
 * Reads of single things for which the API takes many names in one call. Who asks while a call is under way, or waits for its place in the call budget, shares
 * the next one, and so does who asks less than `gapMs` after one began: a lone asker waits no longer than that, and many cost few calls, however fast the API
 * answers.
 *
 * Guarantees: an answer comes from a call that began after it was asked for, so that it is as fresh as a call of one's own; what one asker's signal ends
 * goes on for the others, and a call that nobody waits for any more is aborted, or not begun. An error is that of all who shared the call.
 */
export class GatheredReads<V> {
  readonly #clock: Clock
  readonly #most: number
  readonly #gapMs: number
  readonly #read: (keys: readonly string[], signal: AbortSignal) => Promise<ReadonlyMap<string, V>>
  readonly #planned: Batch<V>[] = []
  /** A call is under way that others wait for. */
  #isHeld = false
  #mayDepartAtMs = -Infinity
  #pausing = false

  /** `most`: so many keys fit into one call. `gapMs`: from the begin of one call to that of the next. */
  constructor(options: {
    readonly clock: Clock
    readonly most: number
    readonly gapMs: number
    readonly read: (keys: readonly string[], signal: AbortSignal) => Promise<ReadonlyMap<string, V>>
  }) {
    this.#clock = options.clock
    this.#most = options.most
    this.#gapMs = options.gapMs
    this.#read = options.read
  }

  /** What is there under `key`; `undefined` for nothing. */
  async get(key: string, signal: AbortSignal): Promise<V | undefined> {
    signal.throwIfAborted()
    const batch = this.#batchFor(key)
    batch.keys.add(key)
    batch.waiting += 1
    // What is asked for in the same moment goes together.
    queueMicrotask(() => this.#departNext())
    try {
      return (await raceSignal(batch.answer.promise, signal)).get(key)
    } finally {
      batch.waiting -= 1
      if (batch.waiting === 0) batch.abort.abort(new DOMException('nobody waits for this read any more', 'AbortError'))
    }
  }

  #batchFor(key: string): Batch<V> {
    const last = this.#planned.at(-1)
    if (last !== undefined && !last.abort.signal.aborted && (last.keys.has(key) || last.keys.size < this.#most)) return last
    const batch: Batch<V> = { keys: new Set(), answer: Promise.withResolvers(), abort: new AbortController(), waiting: 0 }
    batch.answer.promise.catch(() => undefined) // those who asked may all have gone
    this.#planned.push(batch)
    return batch
  }

  #departNext(): void {
    if (this.#isHeld || this.#pausing) return
    const pauseMs = this.#mayDepartAtMs - this.#clock.monotonicMs()
    if (pauseMs > 0 && this.#planned.length > 0) {
      void this.#pause(pauseMs)
      return
    }
    for (let batch = this.#planned.shift(); batch !== undefined; batch = this.#planned.shift()) {
      if (batch.abort.signal.aborted) continue
      void this.#depart(batch)
      return
    }
  }

  async #pause(ms: number): Promise<void> {
    this.#pausing = true
    await this.#clock.sleep(ms)
    this.#pausing = false
    this.#departNext()
  }

  async #depart({ keys, answer, abort }: Batch<V>): Promise<void> {
    this.#isHeld = true
    this.#mayDepartAtMs = this.#clock.monotonicMs() + this.#gapMs
    let holds = true
    const letGo = (): void => {
      if (!holds) return
      holds = false
      this.#isHeld = false
      this.#departNext()
    }
    const ended = new AbortController()
    this.#clock.sleep(patienceMs, { signal: ended.signal }).then(letGo, () => undefined)
    try {
      answer.resolve(await this.#read([...keys], abort.signal))
    } catch (error) {
      answer.reject(error)
    } finally {
      ended.abort()
      letGo()
    }
  }
}
