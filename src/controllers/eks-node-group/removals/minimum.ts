import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import { isCounted } from './member.ts'
import type { Removal } from './removal.ts'

/**
 * Those of `removals` that are to begin and for which the Auto Scaling group's own minimum leaves no room beside what leaves already (aws-rules B4). `least`: the
 * spec's minimum, to which EKS is asked to lower it; what that one allows `planRemovals` has judged. Pure.
 */
export function heldByMinimum(
  removals: readonly Removal[],
  isToBegin: (one: Removal) => boolean,
  { least, group }: { readonly least: number; readonly group: ScalingGroup | undefined },
): ReadonlySet<Removal> {
  if (group === undefined || group.minSize <= least) return new Set()
  const counted = new Set(group.instances.filter(isCounted).map(({ instanceId }) => instanceId))
  const lowering = removals.filter(({ instanceId, state }) => counted.has(instanceId) && state !== 'Gone' && state !== 'Refused')
  const beginning = lowering.filter(isToBegin)
  const room = group.desiredCapacity - group.minSize - (lowering.length - beginning.length)
  return new Set(beginning.slice(Math.max(0, room)))
}
