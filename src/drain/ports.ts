import type { JsonPatchOperation } from '../kube/client.ts'
import type { Node } from '../kube/objects.ts'
import type { PodSummary, RawPod } from '../kube/pod-summary.ts'

export interface DrainContext {
  readonly signal: AbortSignal
  /**
   * Whether the caller still may (P10): asked right before each write, all nodes of one caller counted together, since each makes up to 50 in a pass. A write that
   * it rejects for is not made, and the pass rejects with that error, which must be no `KubeError`.
   */
  readonly confirm?: (() => Promise<void>) | undefined
}

/** What the informers of one target show. May be old: what cannot be undone is decided on `DrainApi`. */
export interface DrainCache {
  node(name: string): Node | undefined
  /** The nodes that carry a mark of Tidegate's, whosever it is. */
  markedNodes(): readonly Node[]
  /** The pods that are bound to a node. */
  podsOn(node: string): readonly PodSummary[]
}

export interface PodRef {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

/** A volume that is attached to a node, or on its way. */
export interface Attachment {
  readonly node: string
  /** Absent for one that has no PersistentVolume. */
  readonly volume: string | undefined
}

/** One API server, as a drain needs it. Errors: `KubeError`. */
export interface DrainApi {
  /** `undefined` when there is no Node of that name. */
  node(name: string, context: DrainContext): Promise<Node | undefined>
  /** The Node afterwards. 422 when a `test` failed. */
  patchNode(name: string, operations: readonly JsonPatchOperation[], context: DrainContext): Promise<Node>
  /** All pods that are bound to the node, from the API server. */
  podsOn(node: string, context: DrainContext): Promise<readonly RawPod[]>
  evict(pod: PodRef, gracePeriodSeconds: number | undefined, context: DrainContext): Promise<void>
  deletePod(pod: PodRef, gracePeriodSeconds: number, context: DrainContext): Promise<void>
  /** Of the whole cluster: the API server cannot tell them by node. */
  attachments(context: DrainContext): Promise<readonly Attachment[]>
  /** The PersistentVolume behind a claim; `undefined` where it has none. */
  volumeOf(namespace: string, claim: string, context: DrainContext): Promise<string | undefined>
  /** Whether we may delete pods: the opt-in role of `onTimeout: Force`. */
  mayDeletePods(context: DrainContext): Promise<boolean>
}
