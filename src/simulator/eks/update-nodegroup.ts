import { setNumbers } from '../autoscaling/engine.ts'
import type { Region } from '../region.ts'
import { ServiceError } from '../service-error.ts'
import type { Cluster, Nodegroup, NodegroupUpdate, ScalingNumbers, Taint } from '../state.ts'
import { eksError } from './errors.ts'
import { scalingGroupOf } from './lookup.ts'
import { nodegroupEvents, recordNumbers, touch } from './nodegroup-life.ts'
import { taintFault, updatedNumbers, wholeTaints } from './rules.ts'
import type { UpdateNodegroupConfigInput } from './schemas.ts'

/** Starts a configuration update: one at a time, checked before anything changes, applied at once and reported as done a little later. */
export function updateNodegroupConfig(region: Region, cluster: Cluster, nodegroup: Nodegroup, input: UpdateNodegroupConfigInput): NodegroupUpdate {
  const fields = { clusterName: cluster.name, nodegroupName: nodegroup.name }
  if (nodegroup.status !== 'ACTIVE' && nodegroup.status !== 'DEGRADED') {
    throw eksError.inUse('Nodegroup cannot be updated as it is currently not in Active State', fields)
  }
  const fault = taintFault([...(input.taints?.addOrUpdateTaints ?? []), ...(input.taints?.removeTaints ?? [])])
  if (fault !== undefined) throw fault
  const numbers = askedNumbers(region, nodegroup, input)
  const params = paramsOf(input)
  if (params.length === 0) throw eksError.invalidParameter('There should be at least one config to update', fields)
  applyConfig(nodegroup, input)
  if (numbers !== undefined) applyNumbers(region, nodegroup, numbers)
  return follow(region, cluster, nodegroup, params)
}

function askedNumbers(region: Region, nodegroup: Nodegroup, input: UpdateNodegroupConfigInput): ScalingNumbers | undefined {
  const group = scalingGroupOf(region, nodegroup)
  if (input.scalingConfig === undefined || group === undefined) return undefined
  const numbers = updatedNumbers(region, group, input.scalingConfig)
  if (numbers instanceof ServiceError) throw numbers
  return numbers
}

function applyNumbers(region: Region, nodegroup: Nodegroup, numbers: ScalingNumbers): void {
  const group = scalingGroupOf(region, nodegroup)
  if (group === undefined) return
  recordNumbers(region, nodegroup, numbers, 0)
  setNumbers(
    region,
    group,
    numbers,
    `a user request update of AutoScalingGroup constraints to min: ${numbers.minSize}, max: ${numbers.maxSize}, desired: ${numbers.desiredSize}`,
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
  if (updateConfig !== undefined) nodegroup.updateConfig = { ...nodegroup.updateConfig, ...updateConfig }
  if (nodeRepairConfig !== undefined) nodegroup.nodeRepairConfig = { ...nodegroup.nodeRepairConfig, ...nodeRepairConfig }
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
  ]
  return params.flatMap(([type, value]) => (value === undefined ? [] : [{ type, value: typeof value === 'string' ? value : JSON.stringify(value) }]))
}

function follow(region: Region, cluster: Cluster, nodegroup: Nodegroup, params: NodegroupUpdate['params']): NodegroupUpdate {
  const update: NodegroupUpdate = {
    id: region.random.id(),
    nodegroup: nodegroup.name,
    type: 'ConfigUpdate',
    params,
    createdAt: region.clock.now(),
    status: 'InProgress',
    errors: [],
  }
  cluster.updates.push(update)
  nodegroup.status = 'UPDATING'
  touch(region, nodegroup)
  region.changed()
  region.after(region.scenario.delays.updateSeconds, () => {
    update.status = 'Successful'
    if (nodegroup.status === 'UPDATING') nodegroup.status = nodegroup.degraded ? 'DEGRADED' : 'ACTIVE'
    touch(region, nodegroup)
  })
  return update
}
