/**
 * One line of RBAC that a controller needs, as data: `config/rbac` and the chart's roles are generated from these.
 *
 * `scope` says where the role lives: `management` (cluster-wide in the management cluster), `target` (cluster-wide in each target cluster),
 * `targetSystem` (only in `kube-system` of each target cluster), `releaseNamespace` (only in the namespace that the operator runs in).
 */
export interface Permission {
  readonly apiGroup: string
  /** Resources and subresources, such as `nodes`, `eksnodegroups/status`. */
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  /** Only these names; not with `list`, `watch` or `create`, which know no name. */
  readonly resourceNames?: readonly string[]
  readonly scope: 'management' | 'target' | 'targetSystem' | 'releaseNamespace'
  /** Why, in one sentence; it stands in the generated file. */
  readonly reason: string
}
