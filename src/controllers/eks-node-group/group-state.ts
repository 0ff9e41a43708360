import type { NodeGroup } from '../../aws/eks/port.ts'
import type { Pass } from './pass.ts'

/** EKS refuses every other change of a group in these states. */
const busy: ReadonlySet<NodeGroup['state'] | undefined> = new Set(['Creating', 'Updating', 'Deleting'])

/** Whether EKS is at work on the group. */
export function isBusy({ seen }: Pick<Pass, 'seen'>): boolean {
  return busy.has(seen.group?.state)
}

/** Whether the group is made and EKS takes a change of it now: it is at work on nothing, and failed at neither its creation nor its deletion. */
export function takesChanges(group: NodeGroup | undefined): group is NodeGroup {
  return group?.state === 'Active' || group?.state === 'Degraded'
}

/** Whether EKS failed to make the group, or to delete it: it takes no change but its deletion. */
export function isWreck(group: NodeGroup | undefined): boolean {
  return group?.state === 'CreateFailed' || group?.state === 'DeleteFailed'
}

/** Whether EKS names an Auto Scaling group that does not show: it may have any number of instances. A failed creation names one that never was. */
export function hasUnseenScalingGroup({ group, scalingGroup }: Pick<Pass['seen'], 'group' | 'scalingGroup'>): boolean {
  return scalingGroup === undefined && group !== undefined && group.state !== 'CreateFailed' && group.autoScalingGroups.length > 0
}
