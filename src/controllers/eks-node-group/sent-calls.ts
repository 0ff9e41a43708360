/** Longer than an intent is good for: what is remembered about its token is forgotten, ms. */
const memoryMs = 8 * 3_600_000

/**
 * When calls with a stored token (aws-rules A1) were last known to be under way: one without an answer may still arrive, and what it would begin would be
 * nobody's. It counts from the call and not from its intent, which may have waited for long. Kept as long as the process, whose own calls it is about:
 * another one is dead or no leader any more, and under its tokens nothing is sent from when they are first met here.
 */
export class SentCalls {
  readonly #calls = new Map<string, { readonly atMs: number; readonly isSent: boolean }>()

  /** A token that was made just now, and that nothing is sent under before its intent is stored. */
  made(token: string, now: Date): void {
    this.#remember(token, now, false)
  }

  /** A call under this token may have left up to now: said before it, and again when it has ended without an answer that tells what became of it. */
  sent(token: string, now: Date): void {
    this.#remember(token, now, true)
  }

  /** For how long certainly nothing has been sent under a token, ms: `Infinity` where nothing ever was. */
  silentMs(token: string, now: Date): number {
    const known = this.#calls.get(token)
    if (known === undefined) this.sent(token, now)
    return known?.isSent === false ? Number.POSITIVE_INFINITY : now.getTime() - (known?.atMs ?? now.getTime())
  }

  #remember(token: string, now: Date, isSent: boolean): void {
    const atMs = now.getTime()
    for (const [old, call] of this.#calls) if (atMs - call.atMs > memoryMs) this.#calls.delete(old)
    this.#calls.set(token, { atMs, isSent })
  }
}
