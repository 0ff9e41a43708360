import type { TargetCluster } from '../../crds/target-cluster.ts'
import { type Draft, type FinalizeResult, type ReconcileContext, type Reconciler, type Result, finalized, requeueAfter } from '../../runtime/reconciler.ts'
import type { TargetPass } from './pass.ts'
import type { TargetClusterDeps } from './ports.ts'
import { checkSpec } from './steps/check-spec.ts'
import { cloudReachable } from './steps/cloud-reachable.ts'
import { countNodes } from './steps/count-nodes.ts'
import { kubernetesReachable } from './steps/kubernetes-reachable.ts'
import { listGroups } from './steps/list-groups.ts'
import type { Targets } from './targets.ts'

/** How often a target that stands still is looked at. Only reads; a status that says the same is not written (P7). */
const lookMs = 30_000

/** Keeps the connection to one target cluster open and tells what is there. */
export class TargetClusterReconciler implements Reconciler<TargetCluster> {
  readonly #deps: TargetClusterDeps
  readonly #targets: Targets

  constructor(deps: TargetClusterDeps, targets: Targets) {
    this.#deps = deps
    this.#targets = targets
  }

  async reconcile(draft: Draft<TargetCluster>, context: ReconcileContext): Promise<Result> {
    const { name } = draft.object.metadata
    const pass: TargetPass = { draft, context, deps: this.#deps, facts: this.#targets.facts(name), name }
    checkSpec(pass)
    await kubernetesReachable(pass)
    await cloudReachable(pass)
    countNodes(pass)
    await listGroups(pass)
    if (draft.object.spec.suspend) draft.conditions.paused('Suspended', 'spec.suspend is true: nothing is changed in its groups')
    return requeueAfter(lookMs)
  }

  /** A target stays while something names it: whoever needs it to clean up would be stuck without. */
  async finalize({ object, conditions }: Draft<TargetCluster>): Promise<FinalizeResult> {
    const { name } = object.metadata
    const users = this.#deps.others.users(name)
    if (users.length > 0) {
      const shown = users
        .slice(0, 5)
        .map((user) => user.object)
        .join(', ')
      conditions.reconciling('InUse', `${users.length} objects name this cluster: ${shown}; delete them first`)
      return requeueAfter(lookMs)
    }
    this.#deps.connections.close(name)
    this.#targets.forget(name)
    return finalized
  }
}
