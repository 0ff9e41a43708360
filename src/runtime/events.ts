import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import type { KubeClient } from '../kube/client.ts'
import type { KubeObject } from '../kube/objects.ts'
import { apiVersion, type Resource, resources } from '../kube/resource.ts'
import type { Logger } from '../observability/logger.ts'
import type { Metrics } from '../observability/metrics.ts'
import { microTime } from './micro-time.ts'

/** What happened, for `kubectl get events`. `reason` is a constant of the caller (UpperCamelCase), `action` what we did or tried. */
export interface EventText {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly action: string
  /** For people; what is beyond 1 KiB is cut. */
  readonly note: string
}

/** Tells about an object. Never throws and never waits: an event that cannot be stored must not fail the pass that tells it. */
export interface EventRecorder {
  record(resource: Resource, regarding: KubeObject, event: EventText): void
}

/** client-go's: the same event within this time is one series, which is refreshed this often (tools/events/event_broadcaster.go). */
const seriesMs = 360_000
/** Per object and reason: this many at once, then one each `refillMs` (client-go's spam filter, tools/record/events_cache.go). */
const burst = 25
const refillMs = 300_000
/** The server refuses a longer note (pkg/apis/core/validation/events.go). */
const maxNoteBytes = 1024
const maxPending = 500
const maxRemembered = 4000

interface Series {
  readonly namespace: string
  readonly name: string
  count: number
  lastMs: number
  storedMs: number
}

export interface EventRecorderOptions {
  readonly client: KubeClient
  /** Who tells, as a qualified name: `tidegate.io/operator`. */
  readonly reportingController: string
  /** Which process. */
  readonly reportingInstance: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly metrics: Metrics
  /** Ends all sending. */
  readonly signal: AbortSignal
}

/**
 * Records events through `events.k8s.io/v1`, one after the other in the background.
 *
 * Guarantees: an event that is told again with the same words within 6 min becomes a series (its `count` is exact when it is stored: at the second
 * time, and every 6 min from then on); no object floods the API server or this process; a failure is logged and counted.
 * An event about a cluster-scoped object lies in the namespace `default`, since the server refuses any other.
 */
export class KubeEventRecorder implements EventRecorder {
  readonly #options: EventRecorderOptions
  readonly #count: (result: 'created' | 'series' | 'dropped' | 'failed') => void
  readonly #series = new Map<string, Series>()
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>()
  readonly #pending: (() => Promise<unknown>)[] = []
  #sending: Promise<void> | undefined

  constructor(options: EventRecorderOptions) {
    this.#options = options
    const total = options.metrics.counter('tidegate_events_total', 'Events about objects by what became of them', ['result'])
    for (const result of ['created', 'series', 'dropped', 'failed']) total.inc({ result }, 0)
    this.#count = (result) => total.inc({ result })
  }

  record(resource: Resource, regarding: KubeObject, event: EventText): void {
    const note = cutToBytes(event.note, maxNoteBytes)
    const { uid } = regarding.metadata
    const key = JSON.stringify([uid, event.type, event.reason, event.action, note])
    const nowMs = this.#options.clock.monotonicMs()
    const series = this.#series.get(key)
    if (series !== undefined && nowMs - series.lastMs < seriesMs) return this.#repeat(series, nowMs)
    if (!this.#takeToken(`${uid} ${event.reason}`, nowMs)) return this.#count('dropped')
    const { namespace = 'default', name } = regarding.metadata
    // A name of 253 is the limit, and the object's own may be as long.
    const first: Series = { namespace, name: `${name.slice(0, 200)}.${this.#options.random.id()}`, count: 1, lastMs: nowMs, storedMs: nowMs }
    remember(this.#series, key, first)
    this.#enqueue('created', () => this.#create(resource, regarding, { ...event, note }, first))
  }

  /** Resolves when everything that was told is stored, or has failed. */
  async flushed(): Promise<void> {
    while (this.#sending !== undefined) await this.#sending
  }

  #repeat(series: Series, nowMs: number): void {
    series.count += 1
    series.lastMs = nowMs
    if (series.count > 2 && nowMs - series.storedMs < seriesMs) return
    series.storedMs = nowMs
    const value = { count: series.count, lastObservedTime: microTime(this.#options.clock.now()) }
    const { client, signal } = this.#options
    this.#enqueue('series', () => client.jsonPatch(resources.events, series, [{ op: 'add', path: '/series', value }], { signal, fieldManager: 'tidegate' }))
  }

  async #create(resource: Resource, { metadata }: KubeObject, event: EventText, { namespace, name }: Series): Promise<unknown> {
    const { client, reportingController, reportingInstance, clock, signal } = this.#options
    const regarding = {
      apiVersion: apiVersion(resource),
      kind: resource.kind,
      name: metadata.name,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      uid: metadata.uid,
      resourceVersion: metadata.resourceVersion,
    }
    const body = {
      apiVersion: apiVersion(resources.events),
      kind: resources.events.kind,
      metadata: { namespace, name },
      eventTime: microTime(clock.now()),
      reportingController,
      reportingInstance: reportingInstance.slice(0, 128),
      regarding,
      ...event,
    }
    return client.create(resources.events, body, { namespace, signal, fieldManager: 'tidegate' })
  }

  #takeToken(key: string, nowMs: number): boolean {
    const known = this.#buckets.get(key)
    const tokens = known === undefined ? burst : Math.min(burst, known.tokens + (nowMs - known.atMs) / refillMs)
    remember(this.#buckets, key, { tokens: tokens < 1 ? tokens : tokens - 1, atMs: nowMs })
    return tokens >= 1
  }

  #enqueue(result: 'created' | 'series', send: () => Promise<unknown>): void {
    if (this.#pending.length >= maxPending) return this.#count('dropped')
    this.#pending.push(async () => {
      await send()
      this.#count(result)
    })
    this.#sending ??= this.#send()
  }

  async #send(): Promise<void> {
    for (let send = this.#pending.shift(); send !== undefined; send = this.#pending.shift()) {
      try {
        await send()
      } catch (error) {
        this.#count('failed')
        if (!this.#options.signal.aborted) this.#options.log.debug({ err: error }, 'event not stored')
      }
    }
    this.#sending = undefined
  }
}

/** Keeps the newest entries. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key)
  map.set(key, value)
  const oldest = map.size > maxRemembered ? map.keys().next().value : undefined
  if (oldest !== undefined) map.delete(oldest)
}

/** At most `max` bytes of UTF-8, and no half character at the end. */
function cutToBytes(text: string, max: number): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= max) return text
  let end = max - 3
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return `${bytes.subarray(0, end).toString()}…`
}
