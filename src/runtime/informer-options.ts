import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import type { KubeClient } from '../kube/client.ts'
import type { KubeObject } from '../kube/objects.ts'
import type { Resource } from '../kube/resource.ts'
import type { Logger } from '../observability/logger.ts'
import type { Metrics } from '../observability/metrics.ts'
import type { Indexer } from './cache.ts'

/** Times and sizes; the defaults are client-go's where it has them (tools/cache/reflector.go). */
export interface InformerTuning {
  /** Silence after which a watch is cut. The server sends a bookmark every minute, so that two and a half of them are missing then. */
  readonly stallMs: number
  readonly backoff: { readonly baseMs: number; readonly capMs: number }
  /** A watch that lived as long starts the backoff from its beginning. */
  readonly healthyMs: number
  /** The server is asked to end a watch after a time between these, so that clients spread over servers again. */
  readonly watchSeconds: { readonly min: number; readonly max: number }
  readonly pageSize: number
  readonly pageTimeoutMs: number
  /** How long a server may be behind what we have seen before we believe that time went back (etcd restored from a backup). */
  readonly staleToleranceMs: number
  /** How long we list in pages after a server refused WatchList. */
  readonly pagesForMs: number
}

export const defaultTuning: InformerTuning = {
  stallMs: 150_000,
  backoff: { baseMs: 800, capMs: 30_000 },
  healthyMs: 120_000,
  watchSeconds: { min: 300, max: 600 },
  pageSize: 100,
  pageTimeoutMs: 60_000,
  staleToleranceMs: 60_000,
  pagesForMs: 600_000,
}

export interface InformerOptions<T extends KubeObject> {
  readonly client: KubeClient
  readonly resource: Resource
  readonly namespace?: string | undefined
  readonly labelSelector?: string | undefined
  readonly fieldSelector?: string | undefined
  /**
   * What we keep of an object: name, namespace, UID and resource version at least. Default: all but managed fields and kubectl's copy. It may
   * take parts of `raw` and change them: nobody else has it.
   */
  readonly projection?: ((raw: KubeObject) => T) | undefined
  readonly indexers?: Readonly<Record<string, Indexer<T>>>
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly metrics: Metrics
  /** Label of the metrics, and field of the log. */
  readonly cluster?: string
  readonly tuning?: Partial<InformerTuning>
}
