import type { KubeObject } from '../kube/objects.ts'

/**
 * What somebody does when the cache changed. Called after the change, in order, one at a time; to be quick (put a key into a queue), since the
 * stream waits. Whatever it throws is logged and counted and changes nothing for others.
 */
export interface InformerHandler<T> {
  added?(object: T): void
  updated?(object: T, before: T): void
  /** `finalStateUnknown`: we did not see it go; `object` is the last that we knew. */
  deleted?(object: T, info: { readonly finalStateUnknown: boolean }): void
}

/** The handlers of one informer, kept apart from each other and from the stream. */
export class HandlerSet<T extends KubeObject> {
  readonly #onError: (error: unknown) => void
  #handlers: readonly InformerHandler<T>[] = []

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  add(handler: InformerHandler<T>, present: readonly T[]): () => void {
    // a wrapper of its own for each addition, so that one handler added twice is removed once
    const own: InformerHandler<T> = {
      added: (object) => handler.added?.(object),
      updated: (object, before) => handler.updated?.(object, before),
      deleted: (object, info) => handler.deleted?.(object, info),
    }
    this.#handlers = [...this.#handlers, own]
    for (const object of present) this.#safely(() => own.added?.(object))
    return () => {
      this.#handlers = this.#handlers.filter((other) => other !== own)
    }
  }

  added(object: T): void {
    for (const handler of this.#handlers) this.#safely(() => handler.added?.(object))
  }

  updated(object: T, before: T): void {
    for (const handler of this.#handlers) this.#safely(() => handler.updated?.(object, before))
  }

  deleted(object: T, finalStateUnknown: boolean): void {
    for (const handler of this.#handlers) this.#safely(() => handler.deleted?.(object, { finalStateUnknown }))
  }

  #safely(call: () => unknown): void {
    try {
      const result = call()
      // an async function passes for one that returns nothing; its rejection would end the process
      if (result instanceof Promise) result.catch(this.#onError)
    } catch (error) {
      this.#onError(error)
    }
  }
}
