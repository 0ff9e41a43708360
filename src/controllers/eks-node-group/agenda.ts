import type { Result } from '../../runtime/reconciler.ts'

/** When the steps of one pass that do not end it want to be called again. */
export class Agenda {
  #ms = Number.POSITIVE_INFINITY

  /** At the latest in so many milliseconds. */
  within(ms: number): void {
    this.#ms = Math.min(this.#ms, ms)
  }

  /** What a pass ends with, brought forward to what was asked here. */
  sooner(result: Result): Result {
    if (!Number.isFinite(this.#ms)) return result
    if (result.kind === 'awaitChange') return { kind: 'requeueAfter', ms: this.#ms }
    return result.kind === 'requeueAfter' ? { ...result, ms: Math.min(result.ms, this.#ms) } : result
  }
}
