/** An object that may need the Secret too. */
interface Other {
  readonly uid: string
  readonly secrets: readonly string[]
}

/**
 * Who still needs a Secret that several TargetClusters may share. An object that has left it says so here before it asks, so that of two which leave
 * at once the second finds nobody, whatever the cache shows; after a start anew, whoever is still there does it.
 */
export class SecretHolds {
  readonly #left = new Set<string>()

  /** This object needs it, maybe again. */
  enter(secret: string, uid: string): void {
    this.#left.delete(`${uid}/${secret}`)
  }

  /** This object needs it no longer. Answers whether nobody else does. */
  leave(secret: string, uid: string, others: readonly Other[]): boolean {
    this.#left.add(`${uid}/${secret}`)
    return !others.some((other) => other.uid !== uid && other.secrets.includes(secret) && !this.#left.has(`${other.uid}/${secret}`))
  }

  /** The object is gone. */
  forget(uid: string): void {
    for (const key of this.#left) if (key.startsWith(`${uid}/`)) this.#left.delete(key)
  }
}
