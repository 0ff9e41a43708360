/**
 * For how long certainly nothing has been sent under a stored token (aws-rules A1, B4): a call without an answer may still arrive, and what it would begin
 * would be nobody's. How long is long enough is for the caller to say.
 *
 * Guarantees, in ms of the times that it is given: it counts from the call and not from its intent, which may have waited for long. An unknown token counts
 * from when it is first met here: it is of another process, which is dead or no leader any more and sends nothing under it from then on. Kept as long as the
 * process, whose own calls it is about; what is older than `memoryMs` is forgotten, and unknown again: that costs a wait, and never makes a silence longer.
 */
export class Silence {
  readonly #lastMs = new Map<string, number>()
  readonly #memoryMs: number
  readonly #onForget: (token: string) => void

  /** `onForget`: what the caller remembers about a token may go with its time. */
  constructor(memoryMs: number, onForget: (token: string) => void) {
    this.#memoryMs = memoryMs
    this.#onForget = onForget
  }

  /** Up to now a call under this token may have left: to be said before it, and again when it has ended without an answer. */
  begin(token: string, now: Date): void {
    const nowMs = now.getTime()
    for (const [old, lastMs] of this.#lastMs) if (nowMs - lastMs > this.#memoryMs) this.#forget(old)
    this.#lastMs.set(token, nowMs)
  }

  /** For how long certainly nothing has been sent under this token, ms: 0 where it is met for the first time. */
  ms(token: string, now: Date): number {
    const lastMs = this.#lastMs.get(token)
    if (lastMs === undefined) this.begin(token, now)
    return lastMs === undefined ? 0 : now.getTime() - lastMs
  }

  #forget(token: string): void {
    this.#lastMs.delete(token)
    this.#onForget(token)
  }
}
