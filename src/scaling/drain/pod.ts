/** A pod as a drain sees it. */
export interface DrainPod {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** The controller that will make it anew; absent where there is none. */
  readonly controller?: { readonly kind: string; readonly name: string; readonly uid: string } | undefined
  readonly createdAt: Date
  /** Its containers have ended for good (`Succeeded`, `Failed`). */
  readonly finished: boolean
  /** Made by a kubelet from a file; the API server's copy means nothing. */
  readonly mirror: boolean
  /** `system-cluster-critical` or `system-node-critical`. */
  readonly critical: boolean
  /** Tidegate's own. */
  readonly own: boolean
  /** When its grace period ends; absent while nobody has deleted it. */
  readonly graceEndsAt?: Date | undefined
  /** Values of the annotations with which people keep a pod. */
  readonly doNotDisrupt?: string | undefined
  /** `false` alone keeps it, in this spelling: kubernetes/autoscaler cluster-autoscaler/utils/drain/drain.go, `HasNotSafeToEvictAnnotation`. */
  readonly safeToEvict?: string | undefined
  /** Has an emptyDir. */
  readonly localData: boolean
  /** Its grace period, where it was read from the API server. */
  readonly gracePeriodSeconds?: number | undefined
}

/** `namespace/name` */
export function podKey({ namespace, name }: DrainPod): string {
  return `${namespace}/${name}`
}

/** False for what stays on a node that leaves: pods of DaemonSets, mirror pods, finished pods. They are never evicted. */
export function hasToGo({ finished, mirror, controller }: DrainPod): boolean {
  return !finished && !mirror && controller?.kind !== 'DaemonSet'
}

/**
 * Which go together: ordinary pods, then what the cluster itself runs on (so that DNS is there while the others shut down), then ourselves.
 * A wave begins when the one before has left the node.
 */
export function waveOf({ critical, own }: DrainPod): 0 | 1 | 2 {
  if (own) return 2
  return critical ? 1 : 0
}
