import { Silence } from './silence.ts'

/** Longer than an intent is good for: what is remembered about its token is forgotten, ms. */
const memoryMs = 8 * 3_600_000

/**
 * When calls that may be made again under their stored token were last known to be under way: those that AWS takes once for each token (aws-rules A1), and
 * those that set a number. What goes against such a call has only to wait until it cannot arrive any more, so that all there is to know is the silence.
 */
export class SentCalls {
  /** Forgotten with time, as what was sent: it then looks as if it were sent just now, which costs a wait. */
  readonly #unsent = new Set<string>()
  readonly #silence = new Silence(memoryMs, (token) => this.#unsent.delete(token))

  /** A token that was made just now, and that nothing is sent under before its intent is stored. */
  made(token: string, now: Date): void {
    this.#silence.begin(token, now)
    this.#unsent.add(token)
  }

  /** A call under this token may have left up to now: said before it, and again when it has ended without an answer that tells what became of it. */
  sent(token: string, now: Date): void {
    this.#unsent.delete(token)
    this.#silence.begin(token, now)
  }

  /** For how long certainly nothing has been sent under a token, ms: `Infinity` where nothing ever was. */
  silentMs(token: string, now: Date): number {
    const ms = this.#silence.ms(token, now)
    return this.#unsent.has(token) ? Number.POSITIVE_INFINITY : ms
  }
}
