import type { TargetCluster, TargetClusterEvent } from '../../crds/target-cluster.ts'
import type { Draft, ReconcileContext } from '../../runtime/reconciler.ts'
import type { TargetClusterDeps } from './ports.ts'
import type { TargetFacts } from './targets.ts'

/** All that the steps of one pass work with. */
export interface TargetPass {
  readonly draft: Draft<TargetCluster>
  readonly context: Omit<ReconcileContext, 'event'> & { readonly event: (event: TargetClusterEvent) => void }
  readonly deps: TargetClusterDeps
  readonly facts: TargetFacts
  readonly name: string
}
