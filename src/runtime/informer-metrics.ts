import type { Counter, Gauge } from 'prom-client'
import type { Metrics } from '../observability/metrics.ts'

/** Why a watch was opened again. */
const restartReasons = [
  'ended',
  'expired',
  'stalled',
  'throttled',
  'unavailable',
  'broken_stream',
  'stale_server',
  'initial_events',
  'not_found',
  'refused',
] as const
export type RestartReason = (typeof restartReasons)[number]

type Base = 'resource' | 'cluster'
const base: readonly Base[] = ['resource', 'cluster']

/** Counts of one informer; every series is there from the start, so that a dashboard has no gaps. */
export class InformerMetrics {
  readonly #labels: Readonly<Record<Base, string>>
  readonly #lists: Counter<Base | 'mode'>
  readonly #watches: Counter<Base>
  readonly #restarts: Counter<Base | 'reason'>
  readonly #bytes: Counter<Base>
  readonly #errors: Counter<Base | 'where'>
  readonly #repeated: Counter<Base>
  readonly #objects: Gauge<Base>
  readonly #lastEvent: Gauge<Base>

  constructor(metrics: Metrics, labels: Readonly<Record<Base, string>>) {
    this.#labels = labels
    this.#lists = metrics.counter('informer_lists_total', 'Whole lists taken, by how: watchlist or pages.', [...base, 'mode'])
    this.#watches = metrics.counter('informer_watches_total', 'Watches opened.', base)
    this.#restarts = metrics.counter('informer_restarts_total', 'Watches that ended, by reason.', [...base, 'reason'])
    this.#bytes = metrics.counter('informer_watch_bytes_total', 'Bytes that came over watches.', base)
    this.#errors = metrics.counter('informer_errors_total', 'Errors of handlers, indexers and projections.', [...base, 'where'])
    this.#repeated = metrics.counter('informer_repeated_events_total', 'Events that told nothing new.', base)
    this.#objects = metrics.gauge('informer_objects', 'Objects in the cache.', base)
    this.#lastEvent = metrics.gauge('informer_last_event_timestamp_seconds', 'When the last event or bookmark came; its age is time() minus this.', base)
    for (const mode of ['watchlist', 'pages']) this.#lists.inc({ ...labels, mode }, 0)
    for (const reason of restartReasons) this.#restarts.inc({ ...labels, reason }, 0)
    for (const where of ['handler', 'indexer', 'projection']) this.#errors.inc({ ...labels, where }, 0)
    for (const counter of [this.#watches, this.#bytes, this.#repeated]) counter.inc(labels, 0)
  }

  listed(mode: 'watchlist' | 'pages'): void {
    this.#lists.inc({ ...this.#labels, mode })
  }

  watching(): void {
    this.#watches.inc(this.#labels)
  }

  restarted(reason: RestartReason): void {
    this.#restarts.inc({ ...this.#labels, reason })
  }

  received(bytes: number): void {
    this.#bytes.inc(this.#labels, bytes)
  }

  failed(where: 'handler' | 'indexer' | 'projection'): void {
    this.#errors.inc({ ...this.#labels, where })
  }

  repeated(): void {
    this.#repeated.inc(this.#labels)
  }

  event(at: Date, objects: number): void {
    this.#lastEvent.set(this.#labels, at.getTime() / 1000)
    this.#objects.set(this.#labels, objects)
  }

  /** Takes the gauges of a cache that nobody keeps any more out of the registry. */
  stopped(): void {
    this.#objects.remove(this.#labels)
    this.#lastEvent.remove(this.#labels)
  }
}
