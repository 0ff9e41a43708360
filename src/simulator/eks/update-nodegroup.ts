import { changedNumbers, setNumbers } from '../autoscaling/engine.ts'
import type { Region } from '../region.ts'
import { ServiceError } from '../service-error.ts'
import type { Cluster, Nodegroup, NodegroupUpdate, ScalingNumbers, Taint } from '../state.ts'
import { eksError } from './errors.ts'
import { scalingGroupOf, shownNumbers } from './lookup.ts'
import { nodegroupEvents, recordNumbers } from './nodegroup-life.ts'
import { exclusive, pairsFault, taintFault, updatedNumbers, wholeTaints } from './rules.ts'
import type { UpdateNodegroupConfigInput } from './schemas.ts'
import { beginUpdate, endUpdate, faultedError, refuseWhileBusy } from './updates.ts'

/** Starts a configuration update: one at a time, checked before anything changes, applied at once and reported as done a little later. */
export function updateNodegroupConfig(region: Region, cluster: Cluster, nodegroup: Nodegroup, input: UpdateNodegroupConfigInput): NodegroupUpdate {
  const fields = { clusterName: cluster.name, nodegroupName: nodegroup.name }
  refuseWhileBusy(nodegroup)
  const fault = taintFault([...(input.taints?.addOrUpdateTaints ?? []), ...(input.taints?.removeTaints ?? [])]) ?? pairsFault(input)
  if (fault !== undefined) throw fault
  const numbers = askedNumbers(region, nodegroup, input)
  const params = paramsOf(input)
  if (params.length === 0) throw eksError.invalidParameter('There should be at least one config to update', fields)
  applyConfig(nodegroup, input)
  if (numbers !== undefined) applyNumbers(region, nodegroup, numbers)
  return follow(region, cluster, nodegroup, input, params)
}

interface AskedNumbers {
  /** EKS' own after the call. */
  readonly own: ScalingNumbers
  /** What the Auto Scaling group is given: its own rules say what becomes of a number that is left out. */
  readonly live: ScalingNumbers
}

/**
 * EKS compares what it is sent with its own numbers, as people see who change bounds after an autoscaler moved the number ("Minimum capacity 3 can't be
 * greater than desired size 2"). That these lag as DescribeNodegroup does is the worst case, and a guess: nothing is documented.
 */
function askedNumbers(region: Region, nodegroup: Nodegroup, { scalingConfig }: UpdateNodegroupConfigInput): AskedNumbers | undefined {
  const group = scalingGroupOf(region, nodegroup)
  if (scalingConfig === undefined || group === undefined) return undefined
  const own = updatedNumbers(region, shownNumbers(region, nodegroup), scalingConfig)
  if (own instanceof ServiceError) throw own
  const live = updatedNumbers(region, changedNumbers(group, scalingConfig), {})
  if (live instanceof ServiceError) throw live
  return { own, live }
}

function applyNumbers(region: Region, nodegroup: Nodegroup, { own, live }: AskedNumbers): void {
  const group = scalingGroupOf(region, nodegroup)
  if (group === undefined) return
  recordNumbers(region, nodegroup, own, 0)
  if (own.desiredSize !== live.desiredSize || own.minSize !== live.minSize || own.maxSize !== live.maxSize)
    recordNumbers(region, nodegroup, live, region.scenario.delays.numbersLagSeconds)
  setNumbers(
    region,
    group,
    live,
    `a user request update of AutoScalingGroup constraints to min: ${live.minSize}, max: ${live.maxSize}, desired: ${live.desiredSize}`,
    nodegroupEvents,
  )
}

function applyConfig(nodegroup: Nodegroup, input: UpdateNodegroupConfigInput): void {
  const { labels, taints, updateConfig, nodeRepairConfig } = input
  if (labels !== undefined) {
    const removed = new Set(labels.removeLabels ?? [])
    nodegroup.labels = Object.fromEntries(Object.entries({ ...nodegroup.labels, ...labels.addOrUpdateLabels }).filter(([name]) => !removed.has(name)))
  }
  if (taints !== undefined) {
    const replaced = new Set([...wholeTaints(taints.addOrUpdateTaints ?? []), ...wholeTaints(taints.removeTaints ?? [])].map(identity))
    nodegroup.taints = [...nodegroup.taints.filter((taint) => !replaced.has(identity(taint))), ...wholeTaints(taints.addOrUpdateTaints ?? [])]
  }
  if (updateConfig !== undefined) nodegroup.updateConfig = merged(nodegroup.updateConfig, updateConfig)
  if (nodeRepairConfig !== undefined) nodegroup.nodeRepairConfig = merged(nodegroup.nodeRepairConfig ?? {}, nodeRepairConfig)
}

/** What is named replaces what was there, and its counterpart goes: a number and a percentage never stand together. */
function merged(before: Readonly<Record<string, unknown>>, change: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const replaced = new Set<string>(exclusive.filter((pair) => pair.some((member) => change[member] !== undefined)).flat())
  return { ...Object.fromEntries(Object.entries(before).filter(([member]) => !replaced.has(member))), ...change }
}

/** A taint's identity includes its effect (aws-eks.md §3.3). */
function identity({ key, effect }: Taint): string {
  return `${key}:${effect}`
}

/** The update's parameters by EKS' names (`UpdateParamType`), values as JSON or plain numbers. */
function paramsOf(input: UpdateNodegroupConfigInput): readonly { readonly type: string; readonly value: string }[] {
  const { labels, taints, scalingConfig, updateConfig, nodeRepairConfig } = input
  const params: readonly (readonly [string, unknown])[] = [
    ['LabelsToAdd', labels?.addOrUpdateLabels],
    ['LabelsToRemove', labels?.removeLabels],
    ['TaintsToAdd', taints?.addOrUpdateTaints],
    ['TaintsToRemove', taints?.removeTaints],
    ['MinSize', scalingConfig?.minSize],
    ['MaxSize', scalingConfig?.maxSize],
    ['DesiredSize', scalingConfig?.desiredSize],
    ['MaxUnavailable', updateConfig?.maxUnavailable],
    ['MaxUnavailablePercentage', updateConfig?.maxUnavailablePercentage],
    ['UpdateStrategy', updateConfig?.updateStrategy],
    ['NodeRepairEnabled', nodeRepairConfig?.enabled],
    ['MaxUnhealthyNodeThresholdCount', nodeRepairConfig?.maxUnhealthyNodeThresholdCount],
    ['MaxUnhealthyNodeThresholdPercentage', nodeRepairConfig?.maxUnhealthyNodeThresholdPercentage],
    ['MaxParallelNodesRepairedCount', nodeRepairConfig?.maxParallelNodesRepairedCount],
    ['MaxParallelNodesRepairedPercentage', nodeRepairConfig?.maxParallelNodesRepairedPercentage],
    ['NodeRepairConfigOverrides', nodeRepairConfig?.nodeRepairConfigOverrides],
  ]
  return params.flatMap(([type, value]) => (value === undefined ? [] : [{ type, value: typeof value === 'string' ? value : JSON.stringify(value) }]))
}

function follow(region: Region, cluster: Cluster, nodegroup: Nodegroup, input: UpdateNodegroupConfigInput, params: NodegroupUpdate['params']): NodegroupUpdate {
  const update = beginUpdate(region, cluster, nodegroup, 'ConfigUpdate', params)
  const occasion = { service: 'eks', action: 'UpdateNodegroupConfig', account: region.account.id, input }
  region.after(region.scenario.delays.updateSeconds, () => {
    const fault = region.faults.failLater(occasion)
    endUpdate(region, nodegroup, update, fault === undefined ? undefined : faultedError(fault, nodegroup))
  })
  return update
}
