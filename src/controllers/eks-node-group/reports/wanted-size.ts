import type { EksNodeGroup } from '../../../crds/eks-node-group.ts'
import type { Frozen } from '../../../runtime/reconciler.ts'
import type { GroupDraft, Report } from '../pass.ts'

/**
 * `status.wantedSize`, which kubectl get shows: what people asked for, not what AWS has while nodes leave, or while EKS adds some to update. Only where the number
 * in AWS rules is it that one.
 */
export const wantedSize: Report = ({ draft: { object, status }, seen: { group, scalingGroup } }) => {
  const size = rulingSize(object.spec) ?? scalingGroup?.desiredCapacity
  if (size !== undefined) status.wantedSize = size
  // One that does not show for a moment is as it was.
  else if ((group?.autoScalingGroups.length ?? 0) === 0) delete status.wantedSize
}

/** As far as it is known without a look at the group, for a pass that may see nothing of it: who changed the number would think it was not heard. */
export function sayRulingSize({ object, status }: Pick<GroupDraft, 'object' | 'status'>): void {
  const size = rulingSize(object.spec)
  if (size !== undefined) status.wantedSize = size
}

/** The number in the spec; `undefined` where the one in AWS rules, or nobody has said one. */
function rulingSize({ policy, scaling }: Frozen<EksNodeGroup>['spec']): number | undefined {
  return policy.management === 'Observe' || scaling?.sizeOwner === 'External' ? undefined : scaling?.desiredSize
}
