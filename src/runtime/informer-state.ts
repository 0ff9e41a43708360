import { turn } from '../lib/turn.ts'
import type { KubeObject } from '../kube/objects.ts'
import { compareResourceVersions } from '../kube/resource-version.ts'
import { keyOf } from '../kube/resource.ts'
import type { ObjectCache } from './cache.ts'
import type { HandlerSet } from './informer-handlers.ts'

interface Waiter {
  readonly key: string
  readonly resourceVersion: string
  readonly resolve: () => void
}

/** After so many notifications of a new list others get a turn. */
const turnEvery = 200

/** A server that is behind what we have already seen; thrown so that nothing goes back in time. */
export class StaleServerError extends Error {
  constructor(seen: string, answered: string) {
    super(`the API server answered with resource version ${answered}, we have seen ${seen}`)
    this.name = 'StaleServerError'
  }
}

/**
 * Cache, position in the stream, and handlers, changed together: each change reaches the cache first, then the handlers, then those who wait
 * for a resource version.
 *
 * Guarantees: what handlers were told, replayed, is what the cache holds. An object with the resource version that we have is no event. Another
 * UID under a known key is a deletion and an addition.
 */
export class InformerState<T extends KubeObject> {
  readonly cache: ObjectCache<T>
  readonly #handlers: HandlerSet<T>
  readonly #waiters = new Set<Waiter>()
  #resourceVersion: string | undefined

  constructor(cache: ObjectCache<T>, handlers: HandlerSet<T>) {
    this.cache = cache
    this.#handlers = handlers
  }

  /** Up to here we have seen everything. */
  get resourceVersion(): string | undefined {
    return this.#resourceVersion
  }

  /** Throws `StaleServerError` when `resourceVersion` is older than what we have seen. */
  refuseStale(resourceVersion: string): void {
    const seen = this.#resourceVersion
    if (seen !== undefined && (compareResourceVersions(resourceVersion, seen) ?? 0) < 0) throw new StaleServerError(seen, resourceVersion)
  }

  /** The server's time went back: take what it says from now on. The cache stays until the next list. */
  forgetPosition(): void {
    this.#resourceVersion = undefined
  }

  /** A whole list: what is not in it has gone, unseen by us. Stops early, between two objects, when `signal` aborts. */
  async replace(objects: ReadonlyMap<string, T>, resourceVersion: string, signal: AbortSignal): Promise<void> {
    let count = 0
    const pause = async (): Promise<void> => {
      count += 1
      if (count % turnEvery === 0) await turn()
      signal.throwIfAborted()
    }
    for (const key of this.cache.keys()) {
      if (objects.has(key)) continue
      this.#remove(key, undefined)
      await pause()
    }
    for (const [key, object] of objects) {
      this.#put(key, object)
      await pause()
    }
    this.advance(resourceVersion)
  }

  /** An event of a watch that goes on from what we have seen. False when it told nothing new. */
  apply(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): boolean {
    const key = keyOf(object.metadata)
    const { resourceVersion } = object.metadata
    const seen = this.#resourceVersion
    const old = seen !== undefined && (compareResourceVersions(resourceVersion, seen) ?? 1) <= 0
    if (old) {
      const known = this.cache.get(key)?.metadata.resourceVersion
      const order = known === undefined ? undefined : (compareResourceVersions(resourceVersion, known) ?? 1)
      if (type === 'DELETED' ? order === undefined || order < 0 : order !== undefined && order <= 0) return false
      if (type !== 'DELETED') throw new StaleServerError(seen, resourceVersion)
    }
    if (type === 'DELETED') this.#remove(key, object)
    else this.#put(key, object)
    if (!old) this.advance(resourceVersion)
    return true
  }

  advance(resourceVersion: string): void {
    this.#resourceVersion = resourceVersion
    for (const waiter of this.#waiters) if (this.shows(waiter.key, waiter.resourceVersion)) waiter.resolve()
  }

  /** Whether the cache holds everything up to `resourceVersion`, as far as it concerns `key`. */
  shows(key: string, resourceVersion: string): boolean {
    const atLeast = (found: string | undefined): boolean => found !== undefined && (compareResourceVersions(found, resourceVersion) ?? -1) >= 0
    return atLeast(this.cache.get(key)?.metadata.resourceVersion) || atLeast(this.#resourceVersion)
  }

  /** Calls `resolve`, perhaps more than once, when `shows` becomes true; gives what ends the wait. */
  wait(key: string, resourceVersion: string, resolve: () => void): () => void {
    const waiter: Waiter = { key, resourceVersion, resolve }
    this.#waiters.add(waiter)
    return () => {
      this.#waiters.delete(waiter)
    }
  }

  #put(key: string, object: T): void {
    const before = this.cache.get(key)
    if (before === undefined) {
      this.cache.set(key, object)
      this.#handlers.added(object)
      return
    }
    if (before.metadata.uid !== object.metadata.uid) {
      this.#remove(key, undefined)
      this.#put(key, object)
      return
    }
    if (before.metadata.resourceVersion === object.metadata.resourceVersion) return
    this.cache.set(key, object)
    this.#handlers.updated(object, before)
  }

  /** `last` is the object as it went; without it, or when it is another one than we knew, we tell what we knew. */
  #remove(key: string, last: T | undefined): void {
    const before = this.cache.get(key)
    if (before === undefined) return
    this.cache.delete(key)
    const seen = last !== undefined && last.metadata.uid === before.metadata.uid
    this.#handlers.deleted(seen ? last : before, !seen)
  }
}
