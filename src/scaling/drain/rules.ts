/** How the pods of a node are treated. Same words as `drain` of an order and `scaleDown` of a group (kinds.md). */
export interface DrainRules {
  /**
   * What the deadline means. `Wait`: nothing, the drain goes on as before it. `Fail`: the drain ends and the node is kept. `Force`: what is left is
   * deleted; that needs the opt-in role in the target and the verb `force`.
   */
  readonly onTimeout: 'Wait' | 'Fail' | 'Force'
  /** Pods that nobody makes anew. */
  readonly unmanagedPods: 'Block' | 'Evict'
  /** Pods of a Job, of another kind whose name ends with it (PyTorchJob), or of a RayCluster: `Wait` lets them end by themselves. */
  readonly jobs: 'Wait' | 'Evict'
  /** Pods with data that goes with them. */
  readonly emptyDir: 'Delete' | 'Block'
  /** Instead of the pods' own, at least 1; with `Force` only where it is shorter. */
  readonly gracePeriodSeconds?: number | undefined
}

export const defaultDrainRules: DrainRules = { onTimeout: 'Wait', unmanagedPods: 'Block', jobs: 'Wait', emptyDir: 'Delete' }
