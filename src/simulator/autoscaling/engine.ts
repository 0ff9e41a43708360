import { launchInstance } from '../ec2/launch.ts'
import type { Region } from '../region.ts'
import { ServiceError } from '../service-error.ts'
import type { Instance, ScalingActivity, ScalingGroup, ScalingNumbers } from '../state.ts'
import { finish, record } from './activities.ts'
import type { ScalingEvents } from './events.ts'
import { instancesOf, staying } from './members.ts'
import { considerRebalance, finishRebalance } from './rebalance.ts'
import { leaveGroup, terminate } from './termination.ts'
import { launchOrder, scaleInVictim } from './victims.ts'

/** What is left out stays. */
export type NumbersChange = { readonly [K in keyof ScalingNumbers]?: number | undefined }

/**
 * A group's numbers after a change of some. A bound that passes the number takes it along: "If you specify a new value for MaxSize without specifying a value
 * for DesiredCapacity, and the new MaxSize is smaller than the current size of the group, this sets the group's DesiredCapacity to the new MaxSize value",
 * and so does MinSize upward (EC2 Auto Scaling API Reference, UpdateAutoScalingGroup).
 */
export function changedNumbers({ minSize, maxSize, desiredSize }: ScalingNumbers, change: NumbersChange): ScalingNumbers {
  const bounds = { minSize: change.minSize ?? minSize, maxSize: change.maxSize ?? maxSize }
  return { ...bounds, desiredSize: change.desiredSize ?? Math.min(bounds.maxSize, Math.max(bounds.minSize, desiredSize)) }
}

/**
 * Sets a group's numbers and moves its instances towards them.
 *
 * @throws ServiceError `ValidationError` when the desired capacity is outside the bounds, in Auto Scaling's words.
 */
export function setNumbers(region: Region, group: ScalingGroup, numbers: ScalingNumbers, cause: string, events: ScalingEvents): void {
  const { minSize, maxSize, desiredSize } = numbers
  if (desiredSize < minSize || desiredSize > maxSize) {
    throw new ServiceError('ValidationError', 400, `Desired capacity:${desiredSize} must be between the specified min size:${minSize} and max size:${maxSize}`)
  }
  Object.assign(group, { minSize, maxSize, desiredSize })
  moveTowardsDesired(region, group, cause, events)
}

/** Launches or terminates until the instances that stay are as many as desired; what cannot be launched now is tried again for as long as it is wanted. */
export function moveTowardsDesired(region: Region, group: ScalingGroup, cause: string, events: ScalingEvents): void {
  if (group.deleted) return
  if (!group.suspended.has('Launch')) launchInTime(region, group, cause, events)
  if (!group.suspended.has('Terminate')) terminateSurplus(region, group, cause, events)
  considerRebalance(region, group, { launch: launchIn, events })
}

/** The instance is dead at EC2: Auto Scaling notices at its next health check, lets go of it and, since the desired capacity stands, starts another. */
export function replaceLost(region: Region, group: ScalingGroup, instance: Instance, events: ScalingEvents): void {
  instance.health = 'Unhealthy'
  region.after(region.scenario.delays.healthCheckSeconds, () => {
    if (group.deleted || !group.instanceIds.has(instance.id) || group.suspended.has('HealthCheck') || group.suspended.has('ReplaceUnhealthy')) return
    const cause = 'an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped'
    finish(region, record(region, group, `Terminating EC2 instance: ${instance.id}`, cause), 'Successful')
    leaveGroup(region, group, instance, events)
    moveTowardsDesired(region, group, 'an instance was started in response to a difference between desired and actual capacity', events)
  })
}

/** Some time passes from the difference until a launch begins, and no activity tells of it (Auto Scaling API reference, DescribeScalingActivities, `Cause`). */
function launchInTime(region: Region, group: ScalingGroup, cause: string, events: ScalingEvents): void {
  const { launchSeconds } = region.scenario.delays
  if (launchSeconds === 0) {
    launchMissing(region, group, cause, events)
    return
  }
  if (group.launchScheduled || staying(region, group).length >= group.desiredSize) return
  group.launchScheduled = true
  region.after(launchSeconds, () => {
    group.launchScheduled = false
    if (!group.deleted && !group.suspended.has('Launch')) launchMissing(region, group, cause, events)
  })
}

function launchMissing(region: Region, group: ScalingGroup, cause: string, events: ScalingEvents): void {
  while (staying(region, group).length < group.desiredSize) {
    if (launchSomewhere(region, group, cause, events)) continue
    retryLater(region, group, events)
    return
  }
}

/** One instance, in the first zone that has room. */
function launchSomewhere(region: Region, group: ScalingGroup, cause: string, events: ScalingEvents): boolean {
  return launchOrder(group.zones, instancesOf(region, group)).some((zone) => launchIn(region, group, zone, cause, events) !== undefined)
}

/** Launches one instance in a zone; a refusal is an activity of its own. */
function launchIn(region: Region, group: ScalingGroup, zone: string, cause: string, events: ScalingEvents): Instance | undefined {
  const result = launchInstance(region, group, zone)
  if ('code' in result) {
    finish(region, record(region, group, 'Launching a new EC2 instance', cause), 'Failed', result.message)
    events.launchFailed?.(region, group, result)
    return undefined
  }
  group.instanceIds.add(result.id)
  const activity = record(region, group, `Launching a new EC2 instance: ${result.id}`, cause)
  region.after(region.scenario.delays.bootSeconds, () => {
    boot(region, group, result, activity, events)
  })
  region.changed()
  return result
}

function boot(region: Region, group: ScalingGroup, instance: Instance, activity: ScalingActivity, events: ScalingEvents): void {
  finish(region, activity, 'Successful')
  if (instance.lifecycle !== 'Pending' || instance.state !== 'pending') return
  instance.state = 'running'
  instance.lifecycle = 'InService'
  events.inService?.(region, group, instance)
  region.changed()
  if (group.rebalancing === instance.id) finishRebalance(region, group, events)
  // the zones may differ still
  considerRebalance(region, group, { launch: launchIn, events })
  region.after(region.scenario.delays.joinSeconds, () => {
    if (instance.lifecycle !== 'InService' || instance.state !== 'running') return
    if (region.faults.noJoin(region.account.id, instance.type, instance.zone) !== undefined) return
    instance.joined = true
    events.joined?.(region, group, instance)
    region.changed()
  })
}

function retryLater(region: Region, group: ScalingGroup, events: ScalingEvents): void {
  if (group.retryScheduled) return
  group.retryScheduled = true
  region.after(region.scenario.delays.launchRetrySeconds, () => {
    group.retryScheduled = false
    moveTowardsDesired(region, group, 'an instance was started in response to a difference between desired and actual capacity', events)
  })
}

function terminateSurplus(region: Region, group: ScalingGroup, cause: string, events: ScalingEvents): void {
  while (staying(region, group).length > group.desiredSize) {
    const victim = scaleInVictim(instancesOf(region, group).filter(({ id }) => id !== group.rebalancing))
    if (victim === undefined) return
    terminate(region, group, victim, cause, events)
  }
}
