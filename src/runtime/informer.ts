import { backoffMs } from '../lib/backoff.ts'
import type { WatchEvent } from '../kube/client.ts'
import type { KubeObject } from '../kube/objects.ts'
import { apiVersion, keyOf } from '../kube/resource.ts'
import type { Logger } from '../observability/logger.ts'
import { type Cache, ObjectCache } from './cache.ts'
import { Contact } from './informer-contact.ts'
import { InitialEventsError, StalledError, type Verdict, judge, refusesWatchList } from './informer-errors.ts'
import { HandlerSet, type InformerHandler } from './informer-handlers.ts'
import { InformerMetrics } from './informer-metrics.ts'
import { type InformerOptions, type InformerTuning, defaultTuning } from './informer-options.ts'
import { frozen, keepAll } from './informer-projection.ts'
import { StallTimer } from './informer-stall.ts'
import { InformerState } from './informer-state.ts'
import { waitUntil } from './informer-wait.ts'

/**
 * Keeps a copy of a resource: lists (by WatchList, in pages where that is refused), watches, and goes on after every error.
 *
 * Guarantees: while `run` runs, the cache comes to equal what the server has, whatever happens to the connection; it never goes back in time,
 * except when the server stays behind for longer than `staleToleranceMs`. Handlers see each change of the cache exactly once and in order.
 * A cache once filled is never emptied by an error: how old it may be tells `lastContactAgeMs`.
 */
export class Informer<T extends KubeObject> {
  readonly #options: InformerOptions<T>
  readonly #tuning: InformerTuning
  readonly #log: Logger
  readonly #metrics: InformerMetrics
  readonly #handlers: HandlerSet<T>
  readonly #state: InformerState<T>
  readonly #contact: Contact
  readonly #project: (raw: KubeObject) => T
  readonly #syncWaiters = new Set<() => void>()
  #running: Promise<void> | undefined
  #hasSynced = false
  #mustList = true
  #failures = 0
  #staleSince: number | undefined
  #initialFailures = 0
  #pagesUntil = 0

  constructor(options: InformerOptions<T>) {
    const { resource, namespace, cluster = '', indexers = {} } = options
    this.#options = options
    this.#tuning = { ...defaultTuning, ...options.tuning }
    this.#log = options.log.child({ resource: resource.plural, ...(namespace === undefined ? {} : { namespace }), ...(cluster === '' ? {} : { cluster }) })
    this.#metrics = new InformerMetrics(options.metrics, { resource: resource.plural, cluster })
    this.#handlers = new HandlerSet((err) => {
      this.#metrics.failed('handler')
      this.#log.error({ err }, 'informer handler failed')
    })
    const cache = new ObjectCache<T>(indexers, (index, err) => {
      this.#metrics.failed('indexer')
      this.#log.error({ err, index }, 'indexer failed')
    })
    this.#state = new InformerState(cache, this.#handlers)
    this.#contact = new Contact(options.clock)
    this.#project = options.projection ?? ((raw) => keepAll(raw) as T)
  }

  get cache(): Cache<T> {
    return this.#state.cache
  }

  /** Whether the cache has held one whole list. */
  get hasSynced(): boolean {
    return this.#hasSynced
  }

  /** Up to here the cache has seen everything. */
  get resourceVersion(): string | undefined {
    return this.#state.resourceVersion
  }

  /** Tells `handler` what is there as added, then what changes. Gives what removes it. */
  addHandler(handler: InformerHandler<T>): () => void {
    return this.#handlers.add(handler, this.#state.cache.list())
  }

  /** Milliseconds since the server last showed that the cache is up to date; `Infinity` before the first list. */
  lastContactAgeMs(): number {
    return this.#contact.ageMs()
  }

  /** What has been in the way since then: the error with which the last attempt ended, if one did. */
  get failure(): unknown {
    return this.#contact.failure
  }

  /** Resolves when the cache has held one whole list; rejects with the signal's reason. */
  async synced(options: { readonly signal: AbortSignal }): Promise<void> {
    await waitUntil(options.signal, (resolve) => {
      if (this.#hasSynced) resolve()
      this.#syncWaiters.add(resolve)
      return () => this.#syncWaiters.delete(resolve)
    })
  }

  /**
   * Read-your-writes: true when the cache shows what a write to `key` answered with, or something newer; false when it did not within
   * `timeoutMs`. Rejects with the signal's reason. With resource versions that cannot be compared it waits for exactly this one.
   */
  async waitFor(key: string, resourceVersion: string, options: { readonly signal: AbortSignal; readonly timeoutMs: number }): Promise<boolean> {
    const { signal, timeoutMs } = options
    const done = new AbortController()
    let shown = false
    try {
      await waitUntil(signal, (resolve) => {
        const show = (): void => {
          shown = true
          resolve()
        }
        if (this.#state.shows(key, resourceVersion)) show()
        else void this.#options.clock.sleep(timeoutMs, { signal: done.signal }).then(resolve, () => undefined)
        return this.#state.wait(key, resourceVersion, show)
      })
    } finally {
      done.abort()
    }
    return shown
  }

  /** Resolves when `signal` aborts; never rejects. A second call joins the first. */
  async run(signal: AbortSignal): Promise<void> {
    this.#running ??= this.#loop(signal)
    await this.#running
  }

  async #loop(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options
    while (!signal.aborted) {
      const started = clock.monotonicMs()
      const pages = this.#pagesUntil
      const verdict = await this.#attempt(signal)
      if (signal.aborted) break
      const livedMs = clock.monotonicMs() - started
      this.#metrics.restarted(verdict.reason)
      if (livedMs >= this.#tuning.healthyMs) this.#failures = 0
      // a watch that ends as it should is opened again at once, unless the server ends every one at once
      if (verdict.reason === 'ended' && livedMs >= 1000) continue
      if (this.#mustList && refusesWatchList(verdict.error) && pages < this.#pagesUntil) continue
      this.#failures += 1
      // one line for each doubling, so that an outage of ten minutes is five lines
      if (Number.isInteger(Math.log2(this.#failures))) {
        this.#log.warn({ err: verdict.error, reason: verdict.reason, failures: this.#failures, relist: this.#mustList }, 'watch interrupted')
      }
      const delayMs = Math.max(verdict.retryAfterMs, backoffMs(this.#failures, { ...this.#tuning.backoff, jitter: 0.5 }, random))
      await clock.sleep(delayMs, { signal }).catch(() => undefined)
    }
    this.#metrics.stopped()
  }

  /** Lists where needed, watches until that ends, and says why. */
  async #attempt(signal: AbortSignal): Promise<Verdict> {
    let failure: unknown
    try {
      if (this.#mustList && this.#options.clock.monotonicMs() < this.#pagesUntil) await this.#listPages(signal)
      await this.#watch(signal)
    } catch (error) {
      failure = error
    }
    const verdict = judge(failure)
    if (signal.aborted) return verdict
    this.#contact.ended(failure)
    this.#learn(failure, verdict)
    return verdict
  }

  /** What the end of an attempt means for the next one. */
  #learn(failure: unknown, verdict: Verdict): void {
    const now = this.#options.clock.monotonicMs()
    const firstList = this.#mustList && now >= this.#pagesUntil
    if (verdict.relist) this.#mustList = true
    if (verdict.reason === 'stale_server') {
      this.#staleSince ??= now
      if (now - this.#staleSince >= this.#tuning.staleToleranceMs) {
        this.#mustList = true
        this.#state.forgetPosition()
        this.#staleSince = undefined
      }
    }
    if (!firstList) return
    if (verdict.reason === 'initial_events' || verdict.reason === 'stalled') this.#initialFailures += 1
    if (refusesWatchList(failure) || this.#initialFailures >= 2) {
      this.#pagesUntil = now + this.#tuning.pagesForMs
      this.#initialFailures = 0
    }
  }

  async #listPages(signal: AbortSignal): Promise<void> {
    const { client, resource, namespace, labelSelector, fieldSelector } = this.#options
    const { pageSize: limit, pageTimeoutMs: timeoutMs } = this.#tuning
    const selection = { ...given({ namespace, labelSelector, fieldSelector }), signal, limit, timeoutMs }
    const objects = new Map<string, T>()
    let page = await client.list<KubeObject>(resource, selection)
    // objects in a list come without these two
    const type = { apiVersion: apiVersion(resource), kind: resource.kind }
    for (;;) {
      for (const item of page.items) this.#collect(objects, 'ADDED', { ...type, ...item })
      const { continue: token } = page.metadata
      if (token === undefined || token === '') break
      page = await client.list<KubeObject>(resource, { ...selection, continue: token })
    }
    await this.#replace(objects, page.metadata.resourceVersion, 'pages', signal)
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    const stop = new AbortController()
    const onAbort = (): void => {
      stop.abort(signal.reason)
    }
    signal.throwIfAborted()
    signal.addEventListener('abort', onAbort, { once: true })
    const stall = new StallTimer(clock, this.#tuning.stallMs)
    void stall.watch(stop.signal, () => {
      stop.abort(new StalledError(this.#tuning.stallMs))
    })
    try {
      await this.#follow(stop.signal, stall)
    } catch (error) {
      throw stop.signal.aborted ? stop.signal.reason : error
    } finally {
      signal.removeEventListener('abort', onAbort)
      stop.abort()
    }
  }

  async #follow(signal: AbortSignal, stall: StallTimer): Promise<void> {
    const { client, resource, random, namespace, labelSelector, fieldSelector } = this.#options
    const { min, max } = this.#tuning.watchSeconds
    let initial = this.#mustList ? new Map<string, T>() : undefined
    this.#metrics.watching()
    const events = client.watch<KubeObject>(resource, {
      ...given({ namespace, labelSelector, fieldSelector, resourceVersion: initial === undefined ? this.#state.resourceVersion : undefined }),
      sendInitialEvents: initial !== undefined,
      timeoutSeconds: Math.round(min + random.next() * (max - min)),
      signal,
      onOpen: () => {
        if (initial === undefined) this.#contact.made()
      },
      onBytes: (bytes) => {
        stall.touch()
        this.#metrics.received(bytes)
      },
    })
    for await (const event of events) {
      signal.throwIfAborted()
      stall.touch()
      if (initial === undefined) {
        this.#live(event)
      } else if (event.type !== 'BOOKMARK') {
        this.#collect(initial, event.type, event.object)
      } else if (event.object.metadata.annotations?.['k8s.io/initial-events-end'] === 'true') {
        await this.#replace(initial, event.object.metadata.resourceVersion, 'watchlist', signal)
        initial = undefined
      }
    }
    signal.throwIfAborted()
    if (initial !== undefined) throw new InitialEventsError()
  }

  #live(event: WatchEvent<KubeObject>): void {
    const { type, object: raw } = event
    if (type === 'ERROR') return
    if (type === 'BOOKMARK') {
      this.#state.refuseStale(raw.metadata.resourceVersion)
      this.#state.advance(raw.metadata.resourceVersion)
    } else {
      const object = this.#projected(raw)
      if (object === undefined) return
      if (!this.#state.apply(type, object)) this.#metrics.repeated()
    }
    this.#contact.made()
    this.#staleSince = undefined
    this.#metrics.event(this.#options.clock.now(), this.#state.cache.size)
  }

  #collect(objects: Map<string, T>, type: WatchEvent<T>['type'], raw: KubeObject): void {
    const key = keyOf(raw.metadata)
    if (type === 'DELETED') {
      objects.delete(key)
      return
    }
    const object = this.#projected(raw)
    if (object !== undefined) objects.set(key, object)
  }

  async #replace(objects: Map<string, T>, resourceVersion: string, mode: 'watchlist' | 'pages', signal: AbortSignal): Promise<void> {
    this.#state.refuseStale(resourceVersion)
    await this.#state.replace(objects, resourceVersion, signal)
    this.#contact.made()
    this.#mustList = false
    this.#initialFailures = 0
    this.#staleSince = undefined
    this.#metrics.listed(mode)
    this.#metrics.event(this.#options.clock.now(), this.#state.cache.size)
    this.#log.debug({ mode, objects: objects.size, resourceVersion }, 'listed')
    this.#hasSynced = true
    for (const resolve of this.#syncWaiters) resolve()
  }

  /** An object that the projection cannot take is left as it was: a fault of ours must not stop the stream. */
  #projected(raw: KubeObject): T | undefined {
    try {
      return frozen(this.#project(raw))
    } catch (err) {
      this.#metrics.failed('projection')
      this.#log.error({ err, key: keyOf(raw.metadata) }, 'projection failed')
      return undefined
    }
  }
}

type Given<F> = { readonly [K in keyof F]?: Exclude<F[K], undefined> }

/** Only what is defined, for options that must not be there as `undefined`. */
function given<F extends object>(fields: F): Given<F> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<F>
}
