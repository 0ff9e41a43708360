import type { Clock } from '../lib/clock.ts'

/**
 * Cuts a stream that has been silent for too long, which is how a half-open connection looks from here.
 *
 * One timer at a time: it looks when the silence would be too long if nothing came meanwhile, so that a busy stream costs nothing.
 */
export class StallTimer {
  readonly #clock: Clock
  readonly #afterMs: number
  #last: number

  constructor(clock: Clock, afterMs: number) {
    this.#clock = clock
    this.#afterMs = afterMs
    this.#last = clock.monotonicMs()
  }

  /** Something came. */
  touch(): void {
    this.#last = this.#clock.monotonicMs()
  }

  /** Calls `onStall` once after a silence of `afterMs`; ends quietly when `signal` aborts. */
  async watch(signal: AbortSignal, onStall: () => void): Promise<void> {
    try {
      for (;;) {
        const silentMs = this.#clock.monotonicMs() - this.#last
        if (silentMs >= this.#afterMs) break
        await this.#clock.sleep(this.#afterMs - silentMs, { signal })
      }
    } catch {
      return
    }
    onStall()
  }
}
