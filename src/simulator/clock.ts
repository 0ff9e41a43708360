import type { Clock } from '../lib/clock.ts'

interface Timer {
  readonly dueMs: number
  readonly sequence: number
  readonly run: () => void
}

/** How a simulated clock stands, for `/_simulator/clock`. */
export interface ClockState {
  readonly now: string
  readonly speed: number
  readonly paused: boolean
  readonly pendingTimers: number
}

/**
 * The simulator's time: `speed` simulated seconds pass in one real second, or none while paused; a paused clock is stepped by `advance`.
 *
 * Guarantees: timers run in the order of their due times, each seeing its own due time as `now`, so that the same timers give the same history at
 * every speed and however late the process was woken. Time never goes back. All durations are simulated milliseconds.
 */
export class SimulatedClock implements Clock {
  readonly #base: Clock
  readonly #wallStartMs: number
  #speed: number
  #paused: boolean
  /** Simulated milliseconds that had passed when `#anchorRealMs` was read. */
  #anchorMs = 0
  #anchorRealMs: number
  /** While timers run: the due time of the one that runs. */
  #cursorMs: number | undefined
  #timers: Timer[] = []
  #sequence = 0
  #wake = new AbortController()

  constructor(base: Clock, options: { readonly speed: number; readonly paused?: boolean }) {
    this.#base = base
    this.#wallStartMs = base.now().getTime()
    this.#anchorRealMs = base.monotonicMs()
    this.#speed = options.speed
    this.#paused = options.paused ?? false
  }

  now(): Date {
    return new Date(this.#wallStartMs + this.monotonicMs())
  }

  /** What the wall clock of the machine says, for what must agree with other processes. */
  realNow(): Date {
    return this.#base.now()
  }

  monotonicMs(): number {
    return this.#cursorMs ?? this.#elapsedMs()
  }

  async sleep(ms: number, options?: { readonly signal?: AbortSignal }): Promise<void> {
    const { signal } = options ?? {}
    signal?.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        // oxlint-disable-next-line prefer-promise-reject-errors -- the caller's own reason is the best error
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.after(ms, () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      })
    })
  }

  /** Runs `run` once `ms` simulated milliseconds have passed. */
  after(ms: number, run: () => void): void {
    this.#timers.push({ dueMs: this.monotonicMs() + Math.max(0, ms), sequence: this.#sequence, run })
    this.#sequence += 1
    this.#wake.abort()
  }

  /** Runs every timer that is due: before each answer, so that what a client reads never depends on when this process was scheduled. */
  settle(): void {
    if (this.#cursorMs === undefined) this.#runUntil(this.#elapsedMs())
  }

  /** Moves time forward by hand, running what falls due on the way. */
  advance(ms: number): void {
    const target = this.#elapsedMs() + ms
    this.#runUntil(target)
    this.#anchor(target)
  }

  pause(): void {
    this.settle()
    this.#anchor(this.#elapsedMs())
    this.#paused = true
    this.#wake.abort()
  }

  resume(): void {
    this.#anchor(this.#elapsedMs())
    this.#paused = false
    this.#wake.abort()
  }

  setSpeed(speed: number): void {
    this.settle()
    this.#anchor(this.#elapsedMs())
    this.#speed = speed
    this.#wake.abort()
  }

  state(): ClockState {
    return { now: this.now().toISOString(), speed: this.#speed, paused: this.#paused, pendingTimers: this.#timers.length }
  }

  /** Keeps running due timers until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.settle()
      this.#wake = new AbortController()
      const next = this.#next(Number.POSITIVE_INFINITY)
      const waitMs = next === undefined || this.#paused ? idleMs : Math.max(1, (next.dueMs - this.#elapsedMs()) / this.#speed)
      await this.#base.sleep(Math.min(waitMs, idleMs), { signal: AbortSignal.any([signal, this.#wake.signal]) }).catch(() => undefined)
    }
  }

  #elapsedMs(): number {
    return this.#paused ? this.#anchorMs : this.#anchorMs + (this.#base.monotonicMs() - this.#anchorRealMs) * this.#speed
  }

  #anchor(atMs: number): void {
    this.#anchorMs = atMs
    this.#anchorRealMs = this.#base.monotonicMs()
  }

  #next(untilMs: number): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.#timers) {
      if (timer.dueMs > untilMs) continue
      if (first === undefined || timer.dueMs < first.dueMs || (timer.dueMs === first.dueMs && timer.sequence < first.sequence)) first = timer
    }
    return first
  }

  #runUntil(targetMs: number): void {
    for (let timer = this.#next(targetMs); timer !== undefined; timer = this.#next(targetMs)) {
      const due = timer
      this.#timers = this.#timers.filter((other) => other !== due)
      this.#cursorMs = due.dueMs
      try {
        due.run()
      } finally {
        this.#cursorMs = undefined
      }
    }
  }
}

/** The longest real sleep of the timer loop; a new timer wakes it earlier. */
const idleMs = 60_000
