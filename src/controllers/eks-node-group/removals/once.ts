import type { Random } from '../../../lib/random.ts'
import { Silence } from '../silence.ts'

/** Older than any call can be on its way: what is remembered about it is forgotten, ms. */
const memoryMs = 3_600_000

/**
 * Tokens for calls that must not be repeated and that AWS gives no token for (aws-rules B4: a second termination lowers the count again). The token
 * is stored with the intent; it is good for one call of the process that made it. A stored token that is not good any more says that the call may
 * be on its way, from this process or from one that died.
 *
 * Unlike with calls that may be made again (`SentCalls`), silence alone allows no other one: a lost call may have been taken and show late, so its instance is
 * remembered as long as the process. And what AWS said no to is not silent at once: the next attempt waits as well.
 */
export class OnceTokens {
  /** Not forgotten with time: an intent may wait for days, as under a freeze, is still good then, and can be taken back until it is used. */
  readonly #unused = new Set<string>()
  /** Nothing is on its way under these: AWS said no, or was not asked. */
  readonly #ended = new Set<string>()
  /** AWS said yes to these. */
  readonly #taken = new Set<string>()
  /** A call is lost rarely, and the ID of an instance never comes back: kept as long as the process. */
  readonly #lost = new Set<string>()
  readonly #silence = new Silence(memoryMs, (token) => this.#forget(token))
  readonly #random: Pick<Random, 'id'>

  constructor(random: Pick<Random, 'id'>) {
    this.#random = random
  }

  make(): string {
    const token = this.#random.id()
    this.#unused.add(token)
    return token
  }

  /** Whether no call under this token can have acted: none was sent, or AWS said no. */
  cannotHaveActed(token: string): boolean {
    return this.#unused.has(token) || this.#ended.has(token)
  }

  /** True the first time, for a token of this process; asked right before the call. */
  use(token: string, now: Date): boolean {
    if (!this.#unused.delete(token)) return false
    this.sent(token, now)
    return true
  }

  /** The call under this token may have left up to now: said again when it has ended without an answer. */
  sent(token: string, now: Date): void {
    this.#silence.begin(token, now)
  }

  /** Nothing is on its way under this token; the next attempt still waits, since each write of the status wakes the object at once. */
  end(token: string): void {
    this.#ended.add(token)
  }

  hasEnded(token: string): boolean {
    return this.#ended.has(token)
  }

  /** AWS said yes to the call under this token: it ends the instance, whatever it shows for a while. */
  take(token: string): void {
    this.#taken.add(token)
  }

  /** Whether nobody knows what became of the call under this token: it may have acted, now or later, or never. */
  isUnclear(token: string): boolean {
    return !this.cannotHaveActed(token) && !this.#taken.has(token)
  }

  /** For how long certainly nothing has been sent under a token, ms; of one that is not used yet it means nothing. */
  silentMs(token: string, now: Date): number {
    return this.#silence.ms(token, now)
  }

  /** A call for this instance may have been taken, and AWS showed nothing of it for as long as it can be on its way. */
  lose(instanceId: string): void {
    this.#lost.add(instanceId)
  }

  /**
   * Whether AWS may have taken a call for this instance of which it showed nothing in time. Of the instance, not of the token: what is intended anew, also after
   * the node was drained again, is no first call. Another process finds the stored call silent, and says so itself.
   */
  wasLost(instanceId: string): boolean {
    return this.#lost.has(instanceId)
  }

  #forget(token: string): void {
    this.#ended.delete(token)
    this.#taken.delete(token)
  }
}
