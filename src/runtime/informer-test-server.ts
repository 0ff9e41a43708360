import type { KubeClient, ListOptions, WatchEvent, WatchOptions } from '../kube/client.ts'
import { KubeError } from '../kube/kube-error.ts'
import type { KubeObject } from '../kube/objects.ts'
import { keyOf } from '../kube/resource.ts'

interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: KubeObject
}

interface Watcher {
  readonly queue: WatchEvent<KubeObject>[]
  wake: () => void
  /** Nothing comes any more, not even an end. */
  frozen: boolean
  end: 'open' | 'clean' | KubeError
}

const noWake = (): void => undefined

/**
 * The list and watch of one resource in memory, for the informer's unit and property tests: a history of changes with resource versions, and
 * everything that can go wrong on the way to a client. The real server is met in the integration tests.
 */
export class TestListWatch {
  readonly calls: { readonly verb: 'list' | 'watch'; readonly options: Partial<ListOptions & WatchOptions> }[] = []
  /** The next calls fail so, one each. */
  readonly failNext: KubeError[] = []
  refuseWatchList = false
  /** Knows nothing of `sendInitialEvents`: sends the objects and no end mark. */
  ignoreWatchList = false
  /** Called before the second page of a list is answered. */
  duringList: () => void = () => undefined
  #changes: Change[] = []
  #watchers = new Set<Watcher>()
  #version = 100
  #compacted = 0
  #behindAt: number | undefined
  #uids = 0

  get resourceVersion(): number {
    return this.#version
  }

  /** What the server holds now, by key. */
  truth(at = this.#version): Map<string, KubeObject> {
    const objects = new Map<string, KubeObject>()
    for (const { type, object } of this.#changes) {
      if (Number(object.metadata.resourceVersion) > at) break
      if (type === 'DELETED') objects.delete(keyOf(object.metadata))
      else objects.set(keyOf(object.metadata), object)
    }
    return objects
  }

  put(name: string, labels: Readonly<Record<string, string>> = {}): KubeObject {
    const before = this.truth().get(name)
    if (before === undefined) this.#uids += 1
    const uid = before?.metadata.uid ?? `uid-${this.#uids}`
    this.#version += 1
    const object: KubeObject = { metadata: { name, uid, resourceVersion: String(this.#version), labels } }
    this.#record({ type: before === undefined ? 'ADDED' : 'MODIFIED', object })
    return object
  }

  remove(name: string): void {
    const before = this.truth().get(name)
    if (before === undefined) return
    this.#version += 1
    this.#record({ type: 'DELETED', object: { ...before, metadata: { ...before.metadata, resourceVersion: String(this.#version) } } })
  }

  bookmark(): void {
    for (const watcher of this.#watchers) this.#send(watcher, bookmarkAt(this.#version))
  }

  /** Sends an event as it is to everybody who watches. */
  forge(event: WatchEvent<KubeObject>): void {
    for (const watcher of this.#watchers) this.#send(watcher, event)
  }

  /** Ends all watches: as they should, or with an error. */
  end(how: 'clean' | KubeError): void {
    for (const watcher of this.#watchers) {
      watcher.end = how
      watcher.wake()
    }
    this.#watchers.clear()
  }

  /** All connections stay open and carry nothing more. */
  halfOpen(): void {
    for (const watcher of this.#watchers) watcher.frozen = true
    this.#watchers.clear()
  }

  /** Forgets history: who asks for older events gets a 410. */
  compact(): void {
    this.#compacted = this.#version
  }

  /** Answers from now on as a server does that is cut off from etcd. */
  fallBehind(by = 1): void {
    this.#behindAt = Math.max(100, this.#version - by)
    this.end(new KubeError(0, 'NoAnswer', 'reset'))
  }

  catchUp(): void {
    this.#behindAt = undefined
    this.end(new KubeError(0, 'NoAnswer', 'reset'))
  }

  get client(): KubeClient {
    const client: Pick<KubeClient, 'list' | 'watch'> = {
      list: async <T extends KubeObject>(_: unknown, options: ListOptions) => await Promise.resolve(this.#list<T>(options)),
      watch: <T extends KubeObject>(_: unknown, options: WatchOptions) => this.#watch(options) as AsyncGenerator<WatchEvent<T>>,
    }
    return client as KubeClient
  }

  #list<T>(options: ListOptions): { items: readonly T[]; metadata: { resourceVersion: string; continue?: string } } {
    this.#begin('list', options)
    if (options.continue !== undefined) this.duringList()
    const [at = this.#behindAt ?? this.#version, from = 0] = (options.continue ?? '').split('/').filter(Boolean).map(Number)
    if (options.continue !== undefined && at < this.#compacted) throw new KubeError(410, 'Expired', 'The provided continue parameter is too old')
    const all = [...this.truth(at).values()]
    const to = from + (options.limit ?? all.length)
    const metadata = { resourceVersion: String(at), ...(to < all.length ? { continue: `${at}/${to}` } : {}) }
    return { items: structuredClone(all.slice(from, to)) as T[], metadata }
  }

  async *#watch(options: WatchOptions): AsyncGenerator<WatchEvent<KubeObject>> {
    this.#begin('watch', options)
    const now = this.#behindAt ?? this.#version
    const initial = options.sendInitialEvents === true
    if (initial && this.refuseWatchList) throw new KubeError(422, 'Invalid', 'sendInitialEvents is forbidden')
    const from = initial ? now : Number(options.resourceVersion)
    if (!initial && from < this.#compacted) throw new KubeError(410, 'Expired', 'too old resource version')
    options.onOpen?.()
    const watcher: Watcher = { queue: [], wake: noWake, frozen: false, end: 'open' }
    if (initial) {
      for (const object of this.truth(now).values()) this.#send(watcher, { type: 'ADDED', object })
      if (!this.ignoreWatchList) this.#send(watcher, bookmarkAt(now, true))
    }
    for (const { type, object } of this.#changes) {
      const version = Number(object.metadata.resourceVersion)
      if (version > from && version <= now) this.#send(watcher, { type, object })
    }
    if (this.#behindAt === undefined) this.#watchers.add(watcher)
    yield* this.#drain(watcher, options.signal)
  }

  async *#drain(watcher: Watcher, signal: AbortSignal): AsyncGenerator<WatchEvent<KubeObject>> {
    for (;;) {
      if (signal.aborted) throw signal.reason
      const event = watcher.frozen ? undefined : watcher.queue.shift()
      if (event !== undefined) {
        yield structuredClone(event)
        continue
      }
      if (watcher.end === 'clean') return
      if (watcher.end !== 'open') throw watcher.end
      await new Promise<void>((resolve) => {
        watcher.wake = resolve
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    }
  }

  #begin(verb: 'list' | 'watch', options: ListOptions | WatchOptions): void {
    this.calls.push({ verb, options })
    options.signal.throwIfAborted()
    const failure = this.failNext.shift()
    if (failure !== undefined) throw failure
  }

  #record(change: Change): void {
    this.#changes.push(change)
    for (const watcher of this.#watchers) this.#send(watcher, change)
  }

  #send(watcher: Watcher, event: WatchEvent<KubeObject>): void {
    watcher.queue.push(event)
    watcher.wake()
  }
}

function bookmarkAt(version: number, end = false): WatchEvent<KubeObject> {
  const annotations = end ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}
  return { type: 'BOOKMARK', object: { metadata: { resourceVersion: String(version), ...annotations } as unknown as KubeObject['metadata'] } }
}
