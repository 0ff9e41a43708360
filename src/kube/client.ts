import type { KubeObject } from './objects.ts'
import type { ObjectKey, Resource } from './resource.ts'

export interface CallOptions {
  readonly signal: AbortSignal
  /** Gives up after this long, with `KubeError` status 0. Default 30 s. */
  readonly timeoutMs?: number
  /** Goes before other calls where the client-side rate limit holds them up. For what keeps nodes and pods safe; evictions are urgent anyway. */
  readonly urgent?: boolean
}

export interface ChangeOptions extends CallOptions {
  /**
   * Asked right before the write is sent, when the rate limit has let it pass. One that rejects is not sent, and rejects with the same error, which must be no
   * `KubeError`: that would pass for the server's answer.
   */
  readonly confirm?: (() => Promise<void>) | undefined
}

export interface WriteOptions extends ChangeOptions {
  readonly fieldManager: string
  readonly subresource?: 'status' | 'scale'
}

export interface DeleteOptions extends ChangeOptions {
  readonly uid?: string
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan'
  /** At least 1: nothing of ours takes an object away from under a running process. Default: the object's own. */
  readonly gracePeriodSeconds?: number | undefined
}

export interface EvictOptions extends ChangeOptions {
  readonly uid: string
  /** At least 1. Default: the pod's own. */
  readonly gracePeriodSeconds?: number | undefined
}

export interface ListOptions extends CallOptions {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly limit?: number
  readonly continue?: string
  readonly resourceVersion?: string
}

export interface List<T> {
  readonly items: readonly T[]
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string }
}

export interface JsonPatchOperation {
  readonly op: 'test' | 'add' | 'replace' | 'remove'
  readonly path: string
  readonly value?: unknown
}

export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: T
}

export interface WatchOptions {
  readonly signal: AbortSignal
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly resourceVersion?: string
  /** Asks for the present objects first (WatchList), ended by a bookmark annotated `k8s.io/initial-events-end`. */
  readonly sendInitialEvents?: boolean
  readonly timeoutSeconds: number
  /** Called when the server has taken the watch. */
  readonly onOpen?: () => void
  /** Called for every chunk that arrives, so that a stall can be told from silence. */
  readonly onBytes?: (bytes: number) => void
}

/**
 * Everything that we say to one API server. All calls share a pooled agent, a rate limit, metrics, and the hook before writes.
 *
 * Errors: `KubeError`, always; `status` 0 when no answer came (for a write: it may have happened). An aborted `signal` rejects with its reason.
 * 429 and 503 with `Retry-After` are retried inside `timeoutMs` for reads; writes are never repeated here, since only the caller knows
 * whether a repetition is safe.
 */
export interface KubeClient {
  get<T extends KubeObject>(resource: Resource, key: ObjectKey, options: CallOptions): Promise<T>
  /** One page. */
  list<T extends KubeObject>(resource: Resource, options: ListOptions): Promise<List<T>>
  create<T extends KubeObject>(resource: Resource, body: object, options: WriteOptions & { readonly namespace?: string | undefined }): Promise<T>
  /** PUT: for objects that we own whole, such as Leases. The body carries `metadata.resourceVersion`. */
  replace<T extends KubeObject>(resource: Resource, key: ObjectKey, body: object, options: WriteOptions): Promise<T>
  /** Server-side apply with `fieldValidation=Strict`: only the fields that `fieldManager` owns; what an earlier apply had and this one leaves out goes. */
  apply<T extends KubeObject>(resource: Resource, key: ObjectKey, body: object, options: WriteOptions & { readonly force?: boolean }): Promise<T>
  /** A failed `test` is a `KubeError` 422 `Invalid`: read again and decide again. */
  jsonPatch<T extends KubeObject>(resource: Resource, key: ObjectKey, operations: readonly JsonPatchOperation[], options: WriteOptions): Promise<T>
  delete(resource: Resource, key: ObjectKey, options: DeleteOptions): Promise<void>
  /**
   * Asks for an eviction (policy/v1) of exactly this pod. Resolves when the server took it, also where the pod was leaving already.
   *
   * Errors: 429 with a cause `DisruptionBudget` when a budget says no (never repeated here); 500 when several budgets match; 409 when the name
   * belongs to another pod by now; 404 when it is gone, or when something else is that was asked for on the way (`details.kind` says what); 403 with a
   * cause `NamespaceTerminating` while its namespace goes.
   */
  evict(key: ObjectKey, options: EvictOptions): Promise<void>
  /** Opens a watch and yields its events as they arrive; ends when the server ends it. A line that is not JSON is an error, never skipped. */
  watch<T extends KubeObject>(resource: Resource, options: WatchOptions): AsyncIterable<WatchEvent<T>>
  /** Any GET that answers JSON or text, for `/version`, `/readyz`, and discovery. */
  raw(path: string, options: CallOptions): Promise<string>
}
