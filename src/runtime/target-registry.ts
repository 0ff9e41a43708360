interface Entry<T> {
  readonly fingerprint: string
  readonly stop: AbortController
  readonly opened: Promise<T>
  value?: T
}

/**
 * What is kept open per target (a client, its informers), shared by all who need it and started on first use.
 *
 * Guarantees: one opening per name and fingerprint at a time, whose outcome all who asked meanwhile get; another fingerprint stops the old one and
 * opens anew; what failed to open is forgotten, so that the next who asks tries again; no name waits for another.
 * Whatever `open` starts must end when its `signal` aborts.
 */
export class TargetRegistry<T> {
  readonly #entries = new Map<string, Entry<T>>()

  /** The names that are open or being opened. */
  get names(): readonly string[] {
    return [...this.#entries.keys()]
  }

  /** The open value; undefined while it is being opened or when it is not there. */
  get(name: string): T | undefined {
    return this.#entries.get(name)?.value
  }

  /**
   * The value for `name`, opened if there is none with this fingerprint. Rejects with what `open` threw, or with the reason of `signal`, which ends only
   * the waiting.
   */
  async acquire(
    name: string,
    fingerprint: string,
    open: (signal: AbortSignal) => Promise<T>,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<T> {
    const { signal } = options
    signal?.throwIfAborted()
    const { opened } = this.#current(name, fingerprint) ?? this.#open(name, fingerprint, open)
    if (signal === undefined) return opened
    const { promise: aborted, reject } = Promise.withResolvers<never>()
    // oxlint-disable-next-line prefer-promise-reject-errors -- the caller's own reason is the best error
    const onAbort = (): void => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      return await Promise.race([opened, aborted])
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** Stops what is open under `name`, or its opening. */
  release(name: string): void {
    const entry = this.#entries.get(name)
    this.#entries.delete(name)
    entry?.stop.abort(new Error(`target ${name} was released`))
  }

  releaseAll(): void {
    for (const name of this.names) this.release(name)
  }

  #current(name: string, fingerprint: string): Entry<T> | undefined {
    const entry = this.#entries.get(name)
    return entry?.fingerprint === fingerprint ? entry : undefined
  }

  #open(name: string, fingerprint: string, open: (signal: AbortSignal) => Promise<T>): Entry<T> {
    this.release(name)
    const stop = new AbortController()
    const entry: Entry<T> = { fingerprint, stop, opened: this.#run(name, stop, open) }
    this.#entries.set(name, entry)
    entry.opened.then(
      (value) => (entry.value = value),
      () => undefined, // told to those who asked
    )
    return entry
  }

  async #run(name: string, stop: AbortController, open: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      const value = await open(stop.signal)
      stop.signal.throwIfAborted() // released meanwhile: nobody may use what is being stopped
      return value
    } catch (error) {
      if (this.#entries.get(name)?.stop === stop) this.#entries.delete(name)
      stop.abort(error) // what was half open
      throw error
    }
  }
}
