/** What is to be read at once: all of AWS that concerns the object, or only the counts, which one shared read tells for all groups. */
type What = 'Everything' | 'Counts'

export interface Wish {
  readonly what: What
}

/**
 * Objects whose next pass shall not believe what it remembers of AWS: somebody asked for it (`tidegate.io/refresh`), or a Node told of a change.
 *
 * Guarantees: each wish is granted by a read that began after it was made, also when a pass is under way; one that failed is not granted. In
 * memory only: after a restart everything is read anyway.
 */
export class FreshWishes {
  readonly #asked = new Map<string, Wish>()

  ask(uid: string, what: What): void {
    const more = this.#asked.get(uid)?.what === 'Everything' ? 'Everything' : what
    this.#asked.set(uid, { what: more })
  }

  of(uid: string): Wish | undefined {
    return this.#asked.get(uid)
  }

  /** It was read as `wish` asked; what was asked for since stays. */
  granted(uid: string, wish: Wish): void {
    if (this.#asked.get(uid) === wish) this.#asked.delete(uid)
  }

  forget(uid: string): void {
    this.#asked.delete(uid)
  }
}
