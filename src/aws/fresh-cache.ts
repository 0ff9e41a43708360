import type { Clock } from '../lib/clock.ts'
import { raceSignal } from './race-signal.ts'

interface Flight<V> {
  readonly startedAtMs: number
  readonly answer: Promise<V>
  readonly abort: AbortController
  waiting: number
  landed: boolean
}

interface Entry<V> {
  readonly value: V
  /** When the read began: what it saw may be as old as that. */
  readonly readAtMs: number
}

/** Long enough for the slowest poll (10 min); a key that nobody asks for is forgotten after it. */
const keepMs = 15 * 60_000

/**
 * Answers of reads, shared by all that ask and kept for as long as each asker allows.
 *
 * Guarantees: an answer is never older than the asker's `maxAgeMs`, counted from the start of the read; with 0 the world is always asked.
 * Askers at the same time share one read; it is aborted only when the last of them went. After `drop` no read that began before is kept or
 * joined. A failed read is kept for nobody.
 */
export class FreshCache<V> {
  readonly #clock: Clock
  readonly #entries = new Map<string, Entry<V>>()
  readonly #flights = new Map<string, Flight<V>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async get(key: string, options: { readonly maxAgeMs: number; readonly signal: AbortSignal }, read: (signal: AbortSignal) => Promise<V>): Promise<V> {
    const { maxAgeMs, signal } = options
    signal.throwIfAborted()
    const oldest = this.#clock.monotonicMs() - maxAgeMs
    const entry = this.#entries.get(key)
    if (maxAgeMs > 0 && entry !== undefined && entry.readAtMs >= oldest) return entry.value
    const running = this.#flights.get(key)
    const flight = maxAgeMs > 0 && running !== undefined && running.startedAtMs >= oldest ? running : this.#start(key, read)
    flight.waiting += 1
    try {
      return await raceSignal(flight.answer, signal)
    } finally {
      flight.waiting -= 1
      if (flight.waiting === 0) this.#leave(key, flight)
    }
  }

  /** Forgets the answer for `key`: after an own write, whatever its outcome. */
  drop(key: string): void {
    this.#entries.delete(key)
    this.#flights.delete(key)
  }

  #start(key: string, read: (signal: AbortSignal) => Promise<V>): Flight<V> {
    const abort = new AbortController()
    const startedAtMs = this.#clock.monotonicMs()
    const flight: Flight<V> = { startedAtMs, abort, waiting: 0, landed: false, answer: read(abort.signal).then((value) => this.#land(key, flight, value)) }
    this.#flights.set(key, flight)
    return flight
  }

  #land(key: string, flight: Flight<V>, value: V): V {
    flight.landed = true
    if (this.#flights.get(key) === flight) {
      this.#forgetOld()
      this.#entries.set(key, { value, readAtMs: flight.startedAtMs })
    }
    return value
  }

  /** The last asker has its answer, or has gone without it. */
  #leave(key: string, flight: Flight<V>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key)
    if (!flight.landed) flight.abort.abort(new DOMException('nobody waits for this read any more', 'AbortError'))
  }

  #forgetOld(): void {
    const oldest = this.#clock.monotonicMs() - keepMs
    for (const [key, { readAtMs }] of this.#entries) if (readAtMs < oldest) this.#entries.delete(key)
  }
}
