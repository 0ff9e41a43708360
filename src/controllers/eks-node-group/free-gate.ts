import type { Result } from '../../runtime/reconciler.ts'
import { confirmFree, endedBy } from './holder.ts'
import type { Pass } from './pass.ts'

/** As old as the word may be that nobody holds the object back (P10: asked before each batch of at most 50 calls or 1 s). */
const wordMs = 1_000
const callsPerWord = 50

/**
 * Nothing was sent, since the API server did not say that it may be; the cause is what `confirmFree` threw. Of its own kind, since a `KubeError` would pass for
 * an answer to the write.
 */
export class NotFreeError extends Error {
  constructor(cause: unknown) {
    super('the API server does not say that nobody holds the object back', { cause })
    this.name = 'NotFreeError'
  }
}

/** How a pass ends whose writes were made side by side, where the API server said between two of them that it may not go on; `undefined` where it may. */
export function stoppedBy(draft: Pass['draft'], rejected: readonly PromiseRejectedResult[]): Result | undefined {
  const [stop] = rejected.flatMap(({ reason }) => (reason instanceof NotFreeError ? [reason] : []))
  return stop === undefined ? undefined : endedBy(draft, stop.cause)
}

interface Word {
  readonly askedAtMs: number
  readonly answer: Promise<void>
  calls: number
}

type Asking = Pick<Pass, 'draft' | 'context' | 'surroundings' | 'freeAt'>

/**
 * For a pass that makes many writes side by side: asks the API server whether it still may, once for each batch of at most 50 of them and at least once a
 * second, however many nodes they are about. Once it may not, it asks no more.
 */
export class FreeGate {
  readonly #pass: Asking
  #word: Word | undefined
  #shut: NotFreeError | undefined

  constructor(pass: Asking) {
    this.#pass = pass
    // What the pass itself asked before it looked at the world is as good a word, while it is as young.
    if (pass.freeAt !== undefined) this.#word = { askedAtMs: pass.freeAt.getTime(), answer: Promise.resolve(), calls: 0 }
  }

  /** To be called right before each write, which must not be made when this rejects. Errors: `NotFreeError`. */
  readonly confirm = async (): Promise<void> => {
    const nowMs = this.#pass.surroundings.now().getTime()
    let word = this.#word
    if (this.#shut !== undefined) throw this.#shut
    if (word === undefined || isSpent(word, nowMs)) {
      word = { askedAtMs: nowMs, answer: this.#ask(), calls: 0 }
      this.#word = word
    }
    word.calls += 1
    await word.answer
  }

  async #ask(): Promise<void> {
    const { draft, context, surroundings } = this.#pass
    try {
      await confirmFree(draft, context, surroundings)
    } catch (error) {
      this.#shut = new NotFreeError(error)
      throw this.#shut
    }
  }
}

/**
 * For a pass that makes many changes one after the other, which nothing undoes: to be called before each. The first call asks whatever the pass has asked before, the
 * others as `FreeGate.confirm`. A result ends the pass: somebody holds the object back by now, or it asks for something else. Errors: `KubeError`.
 */
export function createStillFree({ draft, context, surroundings }: Omit<Asking, 'freeAt'>): () => Promise<Result | undefined> {
  const gate = new FreeGate({ draft, context, surroundings })
  return async () => {
    try {
      await gate.confirm()
      return undefined
    } catch (error) {
      return endedBy(draft, error instanceof NotFreeError ? error.cause : error)
    }
  }
}

/** The same for a pass that makes one such change. */
export async function stillFreeNow(pass: Omit<Asking, 'freeAt'>): Promise<Result | undefined> {
  return await createStillFree(pass)()
}

/** Of a clock that was set back nobody knows how old the word is. */
function isSpent({ askedAtMs, calls }: Word, nowMs: number): boolean {
  const ageMs = nowMs - askedAtMs
  return calls >= callsPerWord || ageMs > wordMs || ageMs < 0
}
