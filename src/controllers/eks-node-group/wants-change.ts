import type { NodeGroup } from '../../aws/eks/port.ts'
import { zonesStep } from './acts/keep-zones.ts'
import { isTagLeftOver } from './withdrawal/protection-tag.ts'
import { takesChanges } from './group-state.ts'
import { isResting } from './operation.ts'
import { isMarkedBy } from './ownership.ts'
import type { ScalingGroup } from '../../aws/autoscaling/port.ts'
import type { Pass } from './pass.ts'
import { memberOf } from './removals/asked.ts'
import { hasLeft } from './removals/member.ts'
import { planRemovals } from './removals/plan.ts'
import type { Removal, RemovalWorld } from './removals/removal.ts'
import { isOverdue } from './removals/stuck.ts'
import { worldOf } from './removals/world.ts'
import { planSize } from './sizing.ts'
import { decideUpdate } from './updates/decide.ts'
import { questionOf } from './updates/question.ts'
import { type Asking, isPointless, plannedCalls } from './settings/calls.ts'

/** Whether some act might have something to do with what was seen: then it has to be seen afresh. */
export function wantsChange(pass: Pick<Pass, 'draft' | 'spec' | 'seen' | 'target' | 'surroundings' | 'once' | 'refused' | 'name'>): boolean {
  const { draft, spec, seen } = pass
  const { group, scalingGroup } = seen
  if (spec.policy.management === 'Observe') return false
  if (group === undefined || scalingGroup === undefined) return true
  if (!takesChanges(group)) return true
  if (!isMarkedBy(group.tags, draft.object.metadata.uid)) return true
  // `fillSize` writes the number that is there into the spec.
  if (spec.scaling.sizeOwner === 'Orders' && spec.scaling.desiredSize === undefined) return true
  if (Object.keys(planSize(spec.scaling, scalingGroup).send).length > 0) return true
  return settingsMove(pass, group) || decideUpdate(questionOf(pass)).kind === 'go' || removalsMove(pass, scalingGroup) || hasLeftOver(pass, scalingGroup)
}

/** Whether settings differ. What EKS failed or refused to set is asked for again at its time, not looked at all the while. */
function settingsMove(pass: Asking, group: NodeGroup): boolean {
  const rests = isResting(pass.draft.status.operation, pass.surroundings.now())
  return plannedCalls(pass, group).some((call) => !isPointless(pass, call) && !(call.kind === 'UpdateConfig' && rests))
}

/** Whether something of ours on the Auto Scaling group has had its time. What AWS refuses to take away stalls the object, which is its pace. */
function hasLeftOver(pass: Parameters<typeof zonesStep>[0], scalingGroup: ScalingGroup): boolean {
  if (scalingGroup.operator !== undefined) return false
  return zonesStep(pass, scalingGroup) !== 'Nothing' || isTagLeftOver(pass, scalingGroup)
}

/**
 * Whether nodes leave in a way that AWS has a part in. A drain alone, which may wait for days, is not worth a call: AWS is asked afresh before it is asked
 * to end anything.
 */
function removalsMove(pass: Pick<Pass, 'draft' | 'spec' | 'seen' | 'target' | 'surroundings' | 'once'>, scalingGroup: ScalingGroup): boolean {
  const { status } = pass.draft
  const world = worldOf(pass, scalingGroup)
  const isUnderWay = status.withdrawal !== undefined || world.before.some((one) => one.state === 'Removing' && !hasLeftItsNode(one, world))
  // In a group that another service operates nothing of ours goes on, maybe for days; that it was released the sweep tells.
  if (isUnderWay && !world.isLocked) return true
  const { removals, released, withdraw } = planRemovals(world)
  if (released.length > 0 || withdraw > 0 || removals.length !== world.before.length) return true
  return removals.some((one) => !world.before.some(({ instanceId, state }) => instanceId === one.instanceId && state === one.state))
}

/** Of a machine that is gone only the Node is waited for, maybe for days. */
function hasLeftItsNode(one: Removal, { members, now }: RemovalWorld): boolean {
  return hasLeft(memberOf(one, { members })) && isOverdue(one, now)
}

/** Whether the last missing node has come to a group that EKS called unhealthy minutes ago: what EKS says now is worth a call. */
export function hasRecovered({ draft, seen }: Pick<Pass, 'draft' | 'seen'>): boolean {
  const { group, scalingGroup, nodes } = seen
  if (group === undefined || scalingGroup === undefined || draft.conditions.isTrue('NodesReady')) return false
  return (group.healthIssues.length > 0 || group.state === 'Degraded') && nodes.ready >= scalingGroup.desiredCapacity
}
