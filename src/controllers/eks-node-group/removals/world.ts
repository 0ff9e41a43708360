import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import { protectedByUs } from '../withdrawal/protection-tag.ts'
import type { Pass } from '../pass.ts'
import { retryTokenOf } from '../retry-token.ts'
import { planSize } from '../sizing.ts'
import { membersOf } from './member.ts'
import { stillOwed } from './owed.ts'
import type { RemovalWorld } from './removal.ts'

/** What the choice of removals is made from, with the numbers of this Auto Scaling group. */
export function worldOf(
  { draft, spec, seen, target, surroundings, once }: Pick<Pass, 'draft' | 'spec' | 'seen' | 'target' | 'surroundings' | 'once'>,
  scalingGroup: ScalingGroup,
): RemovalWorld {
  const plan = planSize(spec.scaling, scalingGroup)
  return {
    requested: spec.scaling.removals ?? [],
    before: draft.status.removals ?? [],
    members: membersOf(scalingGroup.instances, target.nodes, protectedByUs({ draft }, scalingGroup)),
    allGo: draft.object.metadata.deletionTimestamp !== undefined,
    desiredCapacity: scalingGroup.desiredCapacity,
    keep: plan.keep,
    minSize: Math.min(spec.scaling.minSize, scalingGroup.desiredCapacity),
    uidOf: (name) => target.nodes.byName(name)?.metadata.uid,
    isUpdating: seen.group?.state === 'Updating' || draft.status.operation?.kind === 'UpdateVersion',
    isLocked: scalingGroup.operator !== undefined,
    retry: retryTokenOf(draft.object.metadata),
    now: surroundings.now(),
    cannotHaveActed: (token) => once.cannotHaveActed(token),
    isOwed: (instanceId) => once.wasLost(instanceId) && stillOwed(scalingGroup) !== undefined,
    isReady: (name) => target.nodes.byName(name)?.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True',
  }
}
