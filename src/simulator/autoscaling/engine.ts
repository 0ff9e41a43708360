import { launchInstance } from '../ec2/launch.ts'
import type { Region } from '../region.ts'
import { ServiceError } from '../service-error.ts'
import type { Instance, ScalingActivity, ScalingGroup, ScalingNumbers } from '../state.ts'
import type { ScalingEvents } from './events.ts'
import { launchOrder, scaleInVictim } from './victims.ts'

/** A group's instances that are not gone. */
export function instancesOf(region: Region, group: ScalingGroup): readonly Instance[] {
  return [...group.instanceIds].flatMap((id) => region.instances.get(id) ?? [])
}

/** Those that count against the desired capacity: not leaving. */
function staying(region: Region, group: ScalingGroup): readonly Instance[] {
  return instancesOf(region, group).filter(({ lifecycle }) => !lifecycle.startsWith('Terminat'))
}

/**
 * Sets a group's numbers and moves its instances towards them.
 *
 * @throws ServiceError `ValidationError` when the desired capacity is outside the bounds, in Auto Scaling's words.
 */
export function setNumbers(region: Region, group: ScalingGroup, numbers: ScalingNumbers, cause: string, events: ScalingEvents): void {
  const { minSize, maxSize, desiredSize } = numbers
  if (desiredSize < minSize) {
    throw new ServiceError('ValidationError', 400, `Desired capacity:${desiredSize} must be between the specified min size:${minSize} and max size:${maxSize}`)
  }
  if (desiredSize > maxSize) {
    throw new ServiceError('ValidationError', 400, `Desired capacity:${desiredSize} must be between the specified min size:${minSize} and max size:${maxSize}`)
  }
  Object.assign(group, { minSize, maxSize, desiredSize })
  moveTowardsDesired(region, group, cause, events)
}

/** Launches or terminates until the instances that stay are as many as desired; what cannot be launched now is tried again for as long as it is wanted. */
export function moveTowardsDesired(region: Region, group: ScalingGroup, cause: string, events: ScalingEvents): void {
  if (group.deleted) return
  if (!group.suspended.has('Launch')) launchMissing(region, group, cause, events)
  if (!group.suspended.has('Terminate')) terminateSurplus(region, group, cause, events)
}

function launchMissing(region: Region, group: ScalingGroup, cause: string, events: ScalingEvents): void {
  while (staying(region, group).length < group.desiredSize) {
    if (launchSomewhere(region, group, cause, events)) continue
    retryLater(region, group, events)
    return
  }
}

/** One instance, in the first zone that has room; each refusal is an activity of its own. */
function launchSomewhere(region: Region, group: ScalingGroup, cause: string, events: ScalingEvents): boolean {
  for (const zone of launchOrder(group.zones, instancesOf(region, group))) {
    const result = launchInstance(region, group, zone)
    if ('code' in result) {
      const activity = record(region, group, 'Launching a new EC2 instance', cause)
      finish(region, activity, 'Failed', result.message)
      events.launchFailed?.(region, group, result)
      continue
    }
    group.instanceIds.add(result.id)
    const activity = record(region, group, `Launching a new EC2 instance: ${result.id}`, cause)
    region.after(region.scenario.delays.bootSeconds, () => {
      boot(region, group, result, activity, events)
    })
    region.changed()
    return true
  }
  return false
}

function boot(region: Region, group: ScalingGroup, instance: Instance, activity: ScalingActivity, events: ScalingEvents): void {
  finish(region, activity, 'Successful')
  if (instance.lifecycle !== 'Pending') return
  instance.state = 'running'
  instance.lifecycle = 'InService'
  events.inService?.(region, group, instance)
  region.changed()
  region.after(region.scenario.delays.joinSeconds, () => {
    if (instance.lifecycle !== 'InService') return
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
    const victim = scaleInVictim(instancesOf(region, group))
    if (victim === undefined) return
    terminate(region, group, victim, cause, events)
  }
}

/** Starts the end of one instance: EKS' terminate hook holds it, then it shuts down, then it is gone and its address is free again. */
export function terminate(region: Region, group: ScalingGroup, instance: Instance, cause: string, events: ScalingEvents): ScalingActivity {
  const { terminateWaitSeconds, terminateSeconds } = region.scenario.delays
  const activity = record(region, group, `Terminating EC2 instance: ${instance.id}`, cause)
  instance.lifecycle = 'Terminating:Wait'
  region.changed()
  region.after(terminateWaitSeconds, () => {
    instance.lifecycle = 'Terminating:Proceed'
    instance.state = 'shutting-down'
    region.changed()
    region.after(terminateSeconds, () => {
      gone(region, group, instance)
      finish(region, activity, 'Successful')
      events.gone?.(region, group, instance)
      region.changed()
    })
  })
  return activity
}

function gone(region: Region, group: ScalingGroup, instance: Instance): void {
  instance.lifecycle = 'Terminated'
  instance.state = 'terminated'
  group.instanceIds.delete(instance.id)
  const subnet = region.subnets.get(instance.subnetId)
  if (subnet !== undefined) subnet.freeAddresses += 1
  // EC2 keeps a terminated instance in its answers for about an hour
  region.after(3600, () => {
    region.instances.delete(instance.id)
  })
}

function record(region: Region, group: ScalingGroup, description: string, why: string): ScalingActivity {
  const startedAt = region.clock.now()
  const activity: ScalingActivity = {
    id: region.random.id(),
    group: group.name,
    description,
    cause: `At ${startedAt.toISOString().replace(/\.\d+Z$/, 'Z')} ${why}.`,
    startedAt,
    endedAt: undefined,
    statusCode: 'InProgress',
    statusMessage: undefined,
    progress: 50,
  }
  group.activities.push(activity)
  if (group.activities.length > 1000) group.activities.shift()
  return activity
}

function finish(region: Region, activity: ScalingActivity, statusCode: 'Successful' | 'Failed', statusMessage?: string): void {
  activity.statusCode = statusCode
  activity.statusMessage = statusMessage
  activity.endedAt = region.clock.now()
  activity.progress = 100
}
