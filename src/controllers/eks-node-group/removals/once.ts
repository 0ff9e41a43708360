import type { Random } from '../../../lib/random.ts'

/**
 * Tokens for calls that must not be repeated and that AWS gives no token for (aws-rules B4: a second termination lowers the count again). The token
 * is stored with the intent; it is good for one call of the process that made it. A stored token that is not good any more says that the call may
 * be on its way, from this process or from one that died.
 */
export class OnceTokens {
  readonly #unused = new Set<string>()
  readonly #random: Pick<Random, 'id'>

  constructor(random: Pick<Random, 'id'>) {
    this.#random = random
  }

  make(): string {
    const token = this.#random.id()
    this.#unused.add(token)
    return token
  }

  /** True the first time, for a token of this process; asked right before the call. */
  use(token: string): boolean {
    return this.#unused.delete(token)
  }
}
