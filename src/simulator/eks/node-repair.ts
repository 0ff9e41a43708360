import { moveTowardsDesired } from '../autoscaling/engine.ts'
import { instancesOf, isLeaving } from '../autoscaling/members.ts'
import { terminate } from '../autoscaling/termination.ts'
import type { Region } from '../region.ts'
import type { Instance, Nodegroup, ScalingGroup } from '../state.ts'
import { nodegroupBehind, nodegroupEvents } from './nodegroup-life.ts'
import type { NodeRepairInput } from './schemas.ts'

/** How often a repair that may not begin is looked at again (a guess). */
const retrySeconds = 60

/**
 * EKS' own node auto repair of a machine that has just got into trouble: where the node group has it enabled, the instance is replaced (or, by an
 * override, rebooted or left alone) once the condition has lasted 10 minutes for `AcceleratedHardwareReady` and 30 for others, unless too many
 * nodes are unhealthy: by default more than 20 % of more than 5.
 *
 * Source: EKS user guide, "Detect node health issues and enable automatic node repair".
 */
export function watchForRepair(region: Region, instance: Instance): void {
  const { trouble } = instance
  const group = region.scalingGroups.get(instance.scalingGroup)
  const nodegroup = group === undefined ? undefined : nodegroupBehind(region, group)
  if (trouble === undefined || group === undefined || nodegroup === undefined) return
  const rule = ruleFor(configOf(nodegroup), trouble.condition, trouble.reason)
  const act = (): void => {
    // mended, in other trouble, or on its way out
    if (instance.trouble !== trouble || instance.lifecycle !== 'InService' || group.deleted) return
    if (configOf(nodegroup).enabled !== true || rule.action === 'NoAction') return
    if (mayRepair(region, group, configOf(nodegroup))) repair(region, group, instance, rule.action)
    else region.after(retrySeconds, act)
  }
  region.after(rule.waitSeconds, act)
}

function repair(region: Region, group: ScalingGroup, instance: Instance, action: 'Replace' | 'Reboot'): void {
  if (action === 'Reboot') {
    region.after(region.scenario.delays.bootSeconds, () => {
      if (instance.trouble !== undefined) instance.trouble = { ...instance.trouble, status: 'True', reason: 'Rebooted', since: region.clock.realNow() }
      region.changed()
    })
    return
  }
  terminate(region, group, instance, 'an instance was taken out of service in response to a user request', nodegroupEvents)
  moveTowardsDesired(region, group, 'an instance was started in response to a difference between desired and actual capacity', nodegroupEvents)
}

interface RepairRule {
  readonly action: 'Replace' | 'Reboot' | 'NoAction'
  readonly waitSeconds: number
}

function ruleFor({ nodeRepairConfigOverrides = [] }: NodeRepairInput, condition: string, reason: string): RepairRule {
  const found = nodeRepairConfigOverrides.find((rule) => rule.nodeMonitoringCondition === condition && rule.nodeUnhealthyReason === reason)
  if (found !== undefined) return { action: found.repairAction, waitSeconds: found.minRepairWaitTimeMins * 60 }
  // pressure is reported and never repaired
  if (condition === 'DiskPressure' || condition === 'MemoryPressure') return { action: 'NoAction', waitSeconds: 0 }
  return { action: 'Replace', waitSeconds: condition === 'AcceleratedHardwareReady' ? 600 : 1800 }
}

/** Whether few enough are unhealthy, and few enough are being repaired. */
function mayRepair(region: Region, group: ScalingGroup, config: NodeRepairInput): boolean {
  const members = instancesOf(region, group).filter(({ joined }) => joined)
  const inTrouble = members.filter(({ trouble }) => trouble !== undefined && trouble.status !== 'True')
  const { maxUnhealthyNodeThresholdCount, maxUnhealthyNodeThresholdPercentage, maxParallelNodesRepairedCount, maxParallelNodesRepairedPercentage } = config
  const share = (percent: number): number => Math.floor((members.length * percent) / 100)
  const usual = members.length > 5 ? share(20) : members.length
  const unhealthy = maxUnhealthyNodeThresholdCount ?? (maxUnhealthyNodeThresholdPercentage === undefined ? usual : share(maxUnhealthyNodeThresholdPercentage))
  const parallel = maxParallelNodesRepairedCount ?? Math.max(1, share(maxParallelNodesRepairedPercentage ?? 100))
  return inTrouble.length <= unhealthy && inTrouble.filter(isLeaving).length < parallel
}

function configOf({ nodeRepairConfig = {} }: Nodegroup): NodeRepairInput {
  return nodeRepairConfig
}
