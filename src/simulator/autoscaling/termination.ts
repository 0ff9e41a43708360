import { endDrain, startDrain } from '../drains/drain.ts'
import type { Region } from '../region.ts'
import type { Instance, ScalingActivity, ScalingGroup } from '../state.ts'
import { finish, record } from './activities.ts'
import type { ScalingEvents } from './events.ts'

export interface TerminationOptions {
  /** For how long EKS evicts the node's pods; 0 for not at all. Default: the scenario's `evictionSeconds`. */
  readonly evictionSeconds?: number
}

/**
 * Starts the end of one instance: EKS' terminate hook holds it in `Terminating:Wait` while the node is drained (15 minutes at most, then it ends
 * whatever its budgets say), then it shuts down, then it is gone and its address is free again.
 *
 * Source: EKS user guide, "Simplify node lifecycle with managed node groups"; aws-rules G1.
 */
export function terminate(
  region: Region,
  group: ScalingGroup,
  instance: Instance,
  cause: string,
  events: ScalingEvents,
  options: TerminationOptions = {},
): ScalingActivity {
  const { terminateWaitSeconds, evictionSeconds } = region.scenario.delays
  const limitSeconds = options.evictionSeconds ?? evictionSeconds
  const activity = record(region, group, `Terminating EC2 instance: ${instance.id}`, cause)
  instance.lifecycle = 'Terminating:Wait'
  if (group.rebalancing === instance.id) group.rebalancing = undefined
  region.changed()
  const waits = new Set(['hook', 'drain'])
  const over = (wait: 'hook' | 'drain'): void => {
    waits.delete(wait)
    if (waits.size === 0 && instance.lifecycle === 'Terminating:Wait') shutDown(region, group, instance, activity, events)
  }
  if (group.nodegroup === undefined || limitSeconds === 0) over('drain')
  else
    startDrain(region, instance, { by: 'TerminateHook', cluster: group.nodegroup.cluster, limitSeconds }, () => {
      over('drain')
    })
  region.after(terminateWaitSeconds, () => {
    over('hook')
  })
  return activity
}

function shutDown(region: Region, group: ScalingGroup, instance: Instance, activity: ScalingActivity, events: ScalingEvents): void {
  if (instance.state === 'terminated') {
    // somebody ended it at EC2 meanwhile
    leaveGroup(region, group, instance, events)
    finish(region, activity, 'Successful')
    return
  }
  instance.lifecycle = 'Terminating:Proceed'
  instance.state = 'shutting-down'
  region.changed()
  region.after(region.scenario.delays.terminateSeconds, () => {
    leaveGroup(region, group, instance, events)
    finish(region, activity, 'Successful')
  })
}

/** The instance is terminated and no member any more; its address is free. */
export function leaveGroup(region: Region, group: ScalingGroup, instance: Instance, events: ScalingEvents): void {
  instance.lifecycle = 'Terminated'
  group.instanceIds.delete(instance.id)
  if (group.rebalancing === instance.id) group.rebalancing = undefined
  if (instance.state !== 'terminated') endInstance(region, instance)
  events.gone?.(region, group, instance)
}

/** EC2's side of the end. */
export function endInstance(region: Region, instance: Instance): void {
  instance.state = 'terminated'
  endDrain(region, instance, 'Drained')
  const subnet = region.subnets.get(instance.subnetId)
  if (subnet !== undefined) subnet.freeAddresses += 1
  // EC2 keeps a terminated instance in its answers for about an hour
  region.after(3600, () => {
    region.instances.delete(instance.id)
  })
  region.changed()
}
