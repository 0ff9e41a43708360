import { setNumbers } from '../autoscaling/engine.ts'
import type { ScalingEvents } from '../autoscaling/events.ts'
import { instancesOf, isLeaving } from '../autoscaling/members.ts'
import { terminate } from '../autoscaling/termination.ts'
import type { Fault } from '../faults.ts'
import { ec2Id } from '../ids.ts'
import type { Region } from '../region.ts'
import type { HealthIssue, LaunchSoftware, Nodegroup, ScalingGroup, ScalingNumbers } from '../state.ts'
import { scalingGroupOf } from './lookup.ts'

/** What EKS hears from the Auto Scaling group of a node group. */
export const nodegroupEvents: ScalingEvents = {
  launchFailed: (region, group, { code, message }) => {
    const nodegroup = nodegroupBehind(region, group)
    if (nodegroup === undefined) return
    const issue: HealthIssue =
      code === 'InsufficientFreeAddressesInSubnet'
        ? {
            code: 'InsufficientFreeAddresses',
            message: 'Amazon Autoscaling was unable to launch instances because there are not enough free addresses in the subnet(s).',
            resourceIds: group.subnetIds,
          }
        : { code: 'AsgInstanceLaunchFailures', message, resourceIds: [group.name] }
    addIssue(region, nodegroup, issue)
    nodegroup.degraded = true
    if (nodegroup.status === 'ACTIVE') nodegroup.status = 'DEGRADED'
  },
  inService: (region, group) => {
    const nodegroup = nodegroupBehind(region, group)
    if (nodegroup === undefined || nodegroup.status === 'CREATING') return
    // sticky until a launch succeeds (containers-roadmap#2326)
    nodegroup.degraded = false
    nodegroup.healthIssues = []
    if (nodegroup.status === 'DEGRADED') nodegroup.status = 'ACTIVE'
  },
  joined: (region, group) => {
    const nodegroup = nodegroupBehind(region, group)
    if (nodegroup !== undefined) finishCreation(region, nodegroup)
  },
  gone: (region, group) => {
    const nodegroup = nodegroupBehind(region, group)
    if (nodegroup?.status === 'DELETING') finishDeletion(region, nodegroup)
  },
}

/** Takes a new group through its creation: Auto Scaling group, instances, nodes, ACTIVE; or CREATE_FAILED when they do not come in time. */
export function startCreation(region: Region, nodegroup: Nodegroup, templateVersion: number): void {
  const { scalingGroupSeconds, createSeconds, createTimeoutSeconds } = region.scenario.delays
  const occasion = {
    service: 'eks',
    action: 'CreateNodegroup',
    account: region.account.id,
    input: { clusterName: nodegroup.cluster, nodegroupName: nodegroup.name },
  }
  region.after(scalingGroupSeconds, () => {
    if (nodegroup.status !== 'CREATING') return
    const issue = orderedIssue(region.faults.failLater(occasion), nodegroup) ?? missingGround(region, nodegroup)
    if (issue !== undefined) {
      failCreation(region, nodegroup, issue)
      return
    }
    const group = createScalingGroup(region, nodegroup, templateVersion)
    nodegroup.scalingGroup = group.name
    recordNumbers(region, nodegroup, nodegroup.requested, 0)
    setNumbers(region, group, nodegroup.requested, 'a user request created an AutoScalingGroup changing the desired capacity', nodegroupEvents)
  })
  region.after(createSeconds, () => {
    finishCreation(region, nodegroup)
  })
  region.after(createTimeoutSeconds, () => {
    if (nodegroup.status !== 'CREATING') return
    const message = 'Instances failed to join the kubernetes cluster'
    const notJoined: HealthIssue = { code: 'NodeCreationFailure', message, resourceIds: instanceIds(region, nodegroup) }
    failCreation(region, nodegroup, nodegroup.healthIssues.length === 0 ? notJoined : undefined)
  })
}

/** For good: nothing but a deletion helps such a group. */
function failCreation(region: Region, nodegroup: Nodegroup, issue: HealthIssue | undefined): void {
  nodegroup.status = 'CREATE_FAILED'
  if (issue !== undefined) addIssue(region, nodegroup, issue)
  touch(region, nodegroup)
}

/** What was there when the call was checked and is gone now. */
function missingGround(region: Region, nodegroup: Nodegroup): HealthIssue | undefined {
  const subnets = nodegroup.subnets.filter((id) => !region.subnets.has(id))
  if (subnets.length > 0) return { code: 'Ec2SubnetNotFound', message: `The subnets ${subnets.join(', ')} do not exist`, resourceIds: subnets }
  const { nodeRole } = nodegroup
  if ([...region.account.roles.values()].some(({ arn }) => arn === nodeRole)) return undefined
  return { code: 'IamNodeRoleNotFound', message: `The node role ${nodeRole} does not exist`, resourceIds: [nodeRole] }
}

function orderedIssue(fault: Fault | undefined, nodegroup: Nodegroup): HealthIssue | undefined {
  if (fault === undefined) return undefined
  const { code = 'InternalFailure', message = 'an error that /_simulator/faults ordered' } = fault
  return { code, message, resourceIds: [nodegroup.name] }
}

/** ACTIVE, once the creation took its time and every wanted instance has joined. */
function finishCreation(region: Region, nodegroup: Nodegroup): void {
  const group = scalingGroupOf(region, nodegroup)
  if (nodegroup.status !== 'CREATING' || group === undefined) return
  const oldEnough = region.clock.now().getTime() - nodegroup.createdAt.getTime() >= region.scenario.delays.createSeconds * 1000
  const joined = instancesOf(region, group).filter((instance) => instance.joined).length
  if (!oldEnough || joined < group.desiredSize) return
  nodegroup.status = 'ACTIVE'
  nodegroup.degraded = false
  nodegroup.healthIssues = []
  touch(region, nodegroup)
}

/** Starts a deletion: numbers to zero, instances drained for a while and terminated, then the group is gone. */
export function startDeletion(region: Region, nodegroup: Nodegroup): void {
  nodegroup.status = 'DELETING'
  touch(region, nodegroup)
  const group = scalingGroupOf(region, nodegroup)
  if (group !== undefined) {
    Object.assign(group, { minSize: 0, desiredSize: 0 })
    recordNumbers(region, nodegroup, { ...group }, 0)
    // scale-in protection and suspended processes do not hold up a deletion
    for (const instance of instancesOf(region, group)) {
      if (isLeaving(instance)) continue
      const evictionSeconds = region.scenario.delays.deletionEvictionSeconds
      terminate(region, group, instance, 'a user request deleted the node group', nodegroupEvents, { evictionSeconds })
    }
  }
  finishDeletion(region, nodegroup)
}

function finishDeletion(region: Region, nodegroup: Nodegroup): void {
  const group = scalingGroupOf(region, nodegroup)
  if (group !== undefined && group.instanceIds.size > 0) return
  const occasion = {
    service: 'eks',
    action: 'DeleteNodegroup',
    account: region.account.id,
    input: { clusterName: nodegroup.cluster, nodegroupName: nodegroup.name },
  }
  region.after(region.scenario.delays.deleteSeconds, () => {
    const issue = orderedIssue(region.faults.failLater(occasion), nodegroup)
    if (issue !== undefined) {
      // DeleteNodegroup may be called again
      nodegroup.status = 'DELETE_FAILED'
      addIssue(region, nodegroup, issue)
      return
    }
    if (group !== undefined) {
      group.deleted = true
      region.scalingGroups.delete(group.name)
    }
    const cluster = region.clusters.get(nodegroup.cluster)
    if (cluster?.nodegroups.get(nodegroup.name) === nodegroup) {
      cluster.nodegroups.delete(nodegroup.name)
      // the next group of this name must not inherit them
      cluster.updates = cluster.updates.filter((update) => update.nodegroup !== nodegroup.name)
    }
    region.changed()
  })
}

/** Notes what EKS knows of the numbers, visible after `lagSeconds`. */
export function recordNumbers(region: Region, nodegroup: Nodegroup, numbers: ScalingNumbers, lagSeconds: number): void {
  const { minSize, maxSize, desiredSize } = numbers
  nodegroup.seenNumbers.push({ minSize, maxSize, desiredSize, visibleAtMs: region.clock.monotonicMs() + lagSeconds * 1000 })
  if (nodegroup.seenNumbers.length > 100) nodegroup.seenNumbers.shift()
}

export function touch(region: Region, nodegroup: Nodegroup): void {
  nodegroup.modifiedAt = region.clock.now()
}

function addIssue(region: Region, nodegroup: Nodegroup, issue: HealthIssue): void {
  nodegroup.healthIssues = [...nodegroup.healthIssues.filter(({ code }) => code !== issue.code), issue]
  touch(region, nodegroup)
}

function instanceIds(region: Region, nodegroup: Nodegroup): readonly string[] {
  const group = scalingGroupOf(region, nodegroup)
  return group === undefined ? [] : [...group.instanceIds]
}

export function nodegroupBehind(region: Region, group: ScalingGroup): Nodegroup | undefined {
  if (group.nodegroup === undefined) return undefined
  const nodegroup = region.clusters.get(group.nodegroup.cluster)?.nodegroups.get(group.nodegroup.name)
  return nodegroup?.scalingGroup === group.name ? nodegroup : undefined
}

/** What instances of the group boot with at its present version. */
export function softwareOf({ imageId, version, launchTemplate, instanceTypes }: Nodegroup): LaunchSoftware {
  const sourceTemplate = launchTemplate === undefined ? undefined : { id: launchTemplate.id, version: launchTemplate.version }
  return { imageId, kubernetesVersion: version, sourceTemplate, instanceTypes }
}

/** The group that EKS makes, with the tags by which autoscalers find it. */
function createScalingGroup(region: Region, nodegroup: Nodegroup, templateVersion: number): ScalingGroup {
  const name = `eks-${nodegroup.name}-${nodegroup.id}`
  const group: ScalingGroup = {
    name,
    arn: `arn:aws:autoscaling:${region.name}:${region.account.id}:autoScalingGroup:${region.random.id()}:autoScalingGroupName/${name}`,
    createdAt: region.clock.now(),
    subnetIds: nodegroup.subnets,
    zones: [...new Set(nodegroup.subnets.flatMap((id) => region.subnets.get(id)?.zone ?? []))],
    capacityType: nodegroup.capacityType,
    software: softwareOf(nodegroup),
    templateId: ec2Id(region.random, 'lt'),
    templateVersion,
    terminationPolicies: ['AllocationStrategy', 'OldestLaunchTemplate', 'OldestInstance'],
    tags: {
      'eks:cluster-name': nodegroup.cluster,
      'eks:nodegroup-name': nodegroup.name,
      [`k8s.io/cluster-autoscaler/${nodegroup.cluster}`]: 'owned',
      'k8s.io/cluster-autoscaler/enabled': 'true',
      [`kubernetes.io/cluster/${nodegroup.cluster}`]: 'owned',
    },
    localTags: new Set(),
    nodegroup: { cluster: nodegroup.cluster, name: nodegroup.name },
    minSize: 0,
    maxSize: nodegroup.requested.maxSize,
    desiredSize: 0,
    suspended: new Set(),
    instanceIds: new Set(),
    activities: [],
    operator: undefined,
    rebalancing: undefined,
    rebalanceScheduled: false,
    launchScheduled: false,
    retryScheduled: false,
    deleted: false,
  }
  region.scalingGroups.set(name, group)
  return group
}

/** Somebody deleted the Auto Scaling group behind EKS' back: EKS cannot do without it and says so. */
export function scalingGroupLost(region: Region, group: ScalingGroup): void {
  const nodegroup = nodegroupBehind(region, group)
  group.deleted = true
  region.scalingGroups.delete(group.name)
  if (nodegroup === undefined) return
  nodegroup.degraded = true
  if (nodegroup.status === 'ACTIVE') nodegroup.status = 'DEGRADED'
  addIssue(region, nodegroup, { code: 'AutoScalingGroupNotFound', message: `The Auto Scaling group ${group.name} does not exist`, resourceIds: [group.name] })
}

/** Somebody changed an Auto Scaling group behind EKS' back: EKS shows it after its lag. */
export function numbersChangedOutside(region: Region, group: ScalingGroup): void {
  const nodegroup = nodegroupBehind(region, group)
  if (nodegroup !== undefined) recordNumbers(region, nodegroup, group, region.scenario.delays.numbersLagSeconds)
}
