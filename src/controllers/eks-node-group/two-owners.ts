import type { ManagedEksNodeGroupSpec } from '../../crds/eks-node-group.ts'
import type { Frozen } from '../../runtime/reconciler.ts'
import type { Pass, Seen } from './pass.ts'
import type { GroupTarget } from './ports.ts'

type Spec = Frozen<ManagedEksNodeGroupSpec>

/** Whether the number in the spec has a second owner in the cluster: a Cluster Autoscaler that has discovered the group (aws-rules B3). */
export async function hasTwoOwners(
  { scaling, policy }: Spec,
  { scalingGroup }: Pick<Seen, 'scalingGroup'>,
  target: Pick<GroupTarget, 'autoscaler'>,
): Promise<boolean> {
  if (policy.management === 'Observe' || scaling.sizeOwner === 'External' || scaling.desiredSize === undefined || scalingGroup === undefined) return false
  return await target.autoscaler.moves(scalingGroup.name)
}

/**
 * What the spec asks for while two own the number. Neither is fought (P5): as under `sizeOwner: External` no number is sent, and no node leaves because
 * the autoscaler has started it. Nodes that an order names leave all the same.
 */
export function withoutNumber(spec: Spec): Spec {
  return { ...spec, scaling: { ...spec.scaling, sizeOwner: 'External' } }
}

/** What a person is told, for `InSync=False/TwoOwnersOfCount`. */
export function twoOwnersInWords({ draft, seen }: Pick<Pass, 'draft' | 'seen'>): string {
  const number = draft.object.spec.scaling?.desiredSize
  const group = seen.scalingGroup?.name
  return `a Cluster Autoscaler in the target moves the number of nodes too: its status (ConfigMap kube-system/cluster-autoscaler-status) lists ${group}. Until one of the two lets go, desiredSize ${number} is not asked for, and no node leaves because of it: set scaling.sizeOwner to External, or take the group out of the autoscaler (its flag --nodes, or the tag k8s.io/cluster-autoscaler/enabled on the Auto Scaling group)`
}
