import type { Region } from '../region.ts'
import type { Cluster, Nodegroup, ScalingGroup } from '../state.ts'
import { eksError } from './errors.ts'

/** @throws ServiceError 404 in EKS' words. */
export function clusterOf(region: Region, name: string): Cluster {
  const cluster = region.clusters.get(name)
  if (cluster === undefined) throw eksError.notFound(`No cluster found for name: ${name}.`, { clusterName: name })
  return cluster
}

/** @throws ServiceError 404 in EKS' words. */
export function nodegroupOf(region: Region, clusterName: string, name: string): { readonly cluster: Cluster; readonly nodegroup: Nodegroup } {
  const cluster = clusterOf(region, clusterName)
  const nodegroup = cluster.nodegroups.get(name)
  if (nodegroup === undefined || nodegroup.readableAtMs > region.clock.monotonicMs())
    throw eksError.notFound(`No node group found for name: ${name}.`, { clusterName, nodegroupName: name })
  return { cluster, nodegroup }
}

export function scalingGroupOf(region: Region, nodegroup: Nodegroup): ScalingGroup | undefined {
  return nodegroup.scalingGroup === undefined ? undefined : region.scalingGroups.get(nodegroup.scalingGroup)
}

/** The group's numbers as EKS shows them: its own changes at once, those that were made at Auto Scaling after the lag (aws-rules G1). */
export function shownNumbers(region: Region, nodegroup: Nodegroup): { readonly minSize: number; readonly maxSize: number; readonly desiredSize: number } {
  const nowMs = region.clock.monotonicMs()
  const seen = nodegroup.seenNumbers.findLast(({ visibleAtMs }) => visibleAtMs <= nowMs) ?? nodegroup.requested
  return { minSize: seen.minSize, maxSize: seen.maxSize, desiredSize: seen.desiredSize }
}
