import { moveTowardsDesired, setNumbers } from '../autoscaling/engine.ts'
import { instancesOf, isLeaving } from '../autoscaling/members.ts'
import { terminate } from '../autoscaling/termination.ts'
import { startDrain } from '../drains/drain.ts'
import type { Region } from '../region.ts'
import type { Instance, Nodegroup, NodegroupUpdate, ScalingGroup } from '../state.ts'
import { nodegroupEvents, recordNumbers, softwareOf } from './nodegroup-life.ts'
import { endUpdate, type UpdateError } from './updates.ts'
import type { VersionTarget } from './version-rules.ts'

/** One version update on its way. */
interface Rollout {
  readonly nodegroup: Nodegroup
  readonly group: ScalingGroup
  readonly update: NodegroupUpdate
  readonly target: VersionTarget
  readonly force: boolean
  /** Version of EKS' own template from which on an instance is new. */
  readonly templateVersion: number
  /** Instances that are being emptied, or wait to be terminated after that. */
  readonly active: Set<string>
  phase: 'ScaleUp' | 'Upgrade' | 'ScaleDown'
  /** By how much the numbers are still above what they were. */
  surge: number
  /** Since when new nodes are waited for. */
  waitingSinceMs: number
}

/** How often EKS looks (a guess). */
const stepSeconds = 5

/**
 * EKS replaces the nodes of a group, as its user guide describes ("Understand each phase of node updates"): with `DEFAULT` the group grows first,
 * by max(2 × zones, maxUnavailable), and shrinks by one until it has its old numbers at the end; with `MINIMAL` nodes end first. Nodes are
 * picked at random, up to `maxUnavailable` at once; each is cordoned, evicted for at most 15 minutes and terminated a minute later. A node that
 * does not empty fails the update unless `force` deletes what is left; what was replaced stays replaced: the group is mixed then.
 */
export function startRollout(region: Region, start: Pick<Rollout, 'nodegroup' | 'group' | 'update' | 'target' | 'force'>): void {
  const { group, nodegroup, target } = start
  group.templateVersion += 1
  group.software = softwareOf({ ...nodegroup, ...target })
  const minimal = nodegroup.updateConfig['updateStrategy'] === 'MINIMAL'
  const empty = instancesOf(region, group).length === 0 && group.desiredSize === 0
  const surge = minimal || empty ? 0 : Math.max(2 * group.zones.length, parallel(nodegroup, group.desiredSize))
  const rollout: Rollout = {
    ...start,
    templateVersion: group.templateVersion,
    active: new Set(),
    phase: surge === 0 ? 'Upgrade' : 'ScaleUp',
    surge,
    waitingSinceMs: region.clock.monotonicMs(),
  }
  if (surge > 0) resize(region, rollout, surge)
  step(region, rollout)
}

function step(region: Region, rollout: Rollout): void {
  if (rollout.update.status !== 'InProgress') return
  if (rollout.group.deleted) {
    fail(region, rollout, { errorCode: 'Unknown', errorMessage: 'The Auto Scaling group of the node group is gone', resourceIds: [rollout.group.name] })
    return
  }
  const act = { ScaleUp: scaleUp, Upgrade: upgrade, ScaleDown: scaleDown }[rollout.phase]
  act(region, rollout)
  region.after(stepSeconds, () => {
    step(region, rollout)
  })
}

/** At least one new node in every zone that has nodes, and every new one has joined; then the old ones are marked. */
function scaleUp(region: Region, rollout: Rollout): void {
  const { old, fresh } = membersOf(region, rollout)
  const joined = new Set(fresh.filter((instance) => instance.joined).map(({ zone }) => zone))
  if (fresh.every((instance) => instance.joined) && old.every(({ zone }) => joined.has(zone)) && fresh.length > 0) {
    // also keeps replaced pods off the nodes that will follow; load balancers let go of them
    for (const instance of old) instance.cordoned = true
    region.changed()
    Object.assign(rollout, { phase: 'Upgrade', waitingSinceMs: region.clock.monotonicMs() })
  } else failWhenLate(region, rollout)
}

function upgrade(region: Region, rollout: Rollout): void {
  const { group, nodegroup, active } = rollout
  const { old, fresh } = membersOf(region, rollout)
  const ready = [...old, ...fresh].filter((instance) => instance.joined && !active.has(instance.id)).length
  const missing = Math.max(0, group.desiredSize - ready - active.size)
  if (missing === 0) rollout.waitingSinceMs = region.clock.monotonicMs()
  if (old.length === 0 && active.size === 0 && missing === 0) {
    if (rollout.surge > 0) rollout.phase = 'ScaleDown'
    else succeed(region, rollout)
    return
  }
  let room = parallel(nodegroup, group.desiredSize - rollout.surge) - active.size - missing
  const waiting = old.filter(({ id }) => !active.has(id))
  for (; room > 0 && waiting.length > 0; room -= 1) {
    const [next] = waiting.splice(Math.floor(region.random.next() * waiting.length), 1)
    if (next !== undefined) replace(region, rollout, next)
  }
  if (missing > 0) failWhenLate(region, rollout)
}

function replace(region: Region, rollout: Rollout, instance: Instance): void {
  const { nodegroup, group, active, force } = rollout
  const { evictionSeconds: limitSeconds, upgradePauseSeconds } = region.scenario.delays
  active.add(instance.id)
  startDrain(region, instance, { by: 'VersionUpdate', cluster: nodegroup.cluster, limitSeconds, force }, (outcome) => {
    if (outcome === 'TimedOut' && !isLeaving(instance)) {
      fail(region, rollout, podEvictionFailure(nodegroup, instance))
      return
    }
    region.after(upgradePauseSeconds, () => {
      active.delete(instance.id)
      // somebody else may have ended it meanwhile
      if (rollout.update.status !== 'InProgress' || isLeaving(instance) || group.deleted) return
      const cause = 'an instance was taken out of service in response to a user request'
      terminate(region, group, instance, cause, nodegroupEvents)
      moveTowardsDesired(region, group, 'an instance was started in response to a difference between desired and actual capacity', nodegroupEvents)
    })
  })
}

/** "Decrements by one to return to the values before the update"; who goes is Auto Scaling's choice. */
function scaleDown(region: Region, rollout: Rollout): void {
  resize(region, rollout, -1)
  rollout.surge -= 1
  if (rollout.surge === 0) succeed(region, rollout)
}

function succeed(region: Region, { nodegroup, group, target, update }: Rollout): void {
  Object.assign(nodegroup, target)
  // what others changed meanwhile EKS had noticed with its own surge in it
  recordNumbers(region, nodegroup, group, 0)
  endUpdate(region, nodegroup, update)
}

/**
 * The update ends where it is. What it had launched beyond the old number goes again, newest first; nodes that it had cordoned stay so (reports
 * differ on both, and on whether pods move back: a guess).
 */
function fail(region: Region, rollout: Rollout, error: UpdateError): void {
  if (rollout.update.status !== 'InProgress') return
  const { group, nodegroup, update } = rollout
  endUpdate(region, nodegroup, update, error)
  const extra = membersOf(region, rollout).fresh.toReversed().slice(0, rollout.surge)
  const desiredSize = Math.max(group.minSize, group.desiredSize - rollout.surge)
  Object.assign(group, { maxSize: Math.max(desiredSize, group.maxSize - rollout.surge), desiredSize })
  recordNumbers(region, nodegroup, group, 0)
  for (const instance of extra) terminate(region, group, instance, 'an instance was taken out of service in response to a user request', nodegroupEvents)
  if (!group.deleted) moveTowardsDesired(region, group, 'a user request update of AutoScalingGroup constraints', nodegroupEvents)
}

function failWhenLate(region: Region, rollout: Rollout): void {
  const { group, nodegroup, waitingSinceMs } = rollout
  if (region.clock.monotonicMs() - waitingSinceMs < region.scenario.delays.createTimeoutSeconds * 1000) return
  const notJoined = instancesOf(region, group).filter((instance) => !instance.joined && !isLeaving(instance))
  fail(region, rollout, {
    errorCode: 'NodeCreationFailure',
    errorMessage: `Couldn't proceed with upgrade process as new nodes are not joining node group ${nodegroup.name}`,
    resourceIds: notJoined.map(({ id }) => id),
  })
}

/** The words and the node's name as users quote them from DescribeUpdate. */
function podEvictionFailure({ name }: Nodegroup, { privateDnsName }: Instance): UpdateError {
  return {
    errorCode: 'PodEvictionFailure',
    errorMessage: `Reached max retries while trying to evict pods from nodes in node group ${name}`,
    resourceIds: [privateDnsName],
  }
}

/** How many nodes may be away at once: a number or a share, at least 1, at most 100. */
function parallel({ updateConfig }: Nodegroup, desiredSize: number): number {
  const { maxUnavailable, maxUnavailablePercentage } = updateConfig as { readonly maxUnavailable?: number; readonly maxUnavailablePercentage?: number }
  const share = maxUnavailablePercentage === undefined ? 1 : Math.floor((desiredSize * maxUnavailablePercentage) / 100)
  return Math.min(100, Math.max(1, maxUnavailable ?? share))
}

function resize(region: Region, { group }: Rollout, by: number): void {
  const desiredSize = Math.max(group.minSize, group.desiredSize + by)
  const numbers = { minSize: group.minSize, maxSize: Math.max(1, desiredSize, group.maxSize + by), desiredSize }
  const cause = `a user request update of AutoScalingGroup constraints to min: ${numbers.minSize}, max: ${numbers.maxSize}, desired: ${desiredSize}`
  setNumbers(region, group, numbers, cause, nodegroupEvents)
}

function membersOf(region: Region, { group, templateVersion }: Rollout): { readonly old: readonly Instance[]; readonly fresh: readonly Instance[] } {
  const members = instancesOf(region, group).filter((instance) => !isLeaving(instance) && instance.state !== 'terminated')
  return {
    old: members.filter((instance) => instance.templateVersion < templateVersion),
    fresh: members.filter((instance) => instance.templateVersion >= templateVersion),
  }
}
