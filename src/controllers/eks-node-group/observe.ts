import type { ScalingGroup } from '../../aws/autoscaling/port.ts'
import type { NodeGroup, NodeGroupTaint } from '../../aws/eks/port.ts'
import type { EksNodeGroupStatus } from '../../crds/eks-node-group.ts'
import { type Result, requeueAfter } from '../../runtime/reconciler.ts'
import { conclude } from './operation.ts'
import { mayBeMarked } from './deletion/standing.ts'
import { unsharedMs, restMs } from './pace.ts'
import type { Pass } from './pass.ts'
import { cost } from './reports/cost.ts'
import { healthy } from './reports/healthy.ts'
import { nodesReady } from './reports/nodes-ready.ts'
import { provisioned } from './reports/provisioned.ts'
import { selector } from './reports/selector.ts'
import { wantedSize } from './reports/wanted-size.ts'

/** `management: Observe`: says what is there, and asks nothing of AWS but to be read. */
export function observe(pass: Pass): Result {
  const { draft, seen, name, target, surroundings } = pass
  const { conditions, status } = draft
  const { group, scalingGroup } = seen
  for (const report of [provisioned, selector, nodesReady, wantedSize, healthy, cost]) report(pass)
  // A spec that only watches wants nothing, so nothing can differ from it.
  delete status.drift
  delete status.zonesUnevenSince
  conclude(status, 'Superseded', surroundings.now())
  forgetRemovals(pass)
  for (const type of ['UpToDate', 'InSync', 'ZonesEven', 'WithinLimits']) conditions.setTrue(type, 'Observed')
  if (group === undefined) {
    delete status.observed
    delete status.scaling
    conditions.setFalse(
      'Provisioned',
      'NotFound',
      `cluster ${target.clusterName} has no node group ${name}: create it in AWS, or set policy.management to Manage`,
    )
    return requeueAfter(unsharedMs)
  }
  if (conditions.isTrue('Provisioned')) conditions.setTrue('Provisioned', 'Observed')
  status.observed = settingsOf(group)
  if (scalingGroup !== undefined) status.scaling = sizesOf(scalingGroup)
  return requeueAfter(restMs)
}

/** Nobody leaves any more. What AWS was asked to end, and what bears a mark of ours, is kept until that has ended (stop-managing.ts). */
function forgetRemovals({ draft: { status }, seen: { scalingGroup } }: Pass): void {
  const left = (status.removals ?? []).filter(
    (one) => mayBeMarked(one) || (one.state === 'Removing' && scalingGroup?.instances.some(({ instanceId }) => instanceId === one.instanceId) === true),
  )
  if (left.length === 0) delete status.removals
  else status.removals = left
}

/** What somebody else made may have more than the schema of the status takes (50 tags of theirs and AWS' own): the whole status would be refused. */
function settingsOf(group: NodeGroup): NonNullable<EksNodeGroupStatus['observed']> {
  const { subnetIds, nodeRoleArn, instanceTypes, amiType, capacityType, diskSizeGiB, labels, taints, tags } = group
  return {
    subnetIds: subnetIds.toSorted().slice(0, 16),
    nodeRoleArn,
    instanceTypes: instanceTypes.slice(0, 20),
    capacityType,
    labels: first(labels, 100),
    taints: taints.toSorted(byKeyAndEffect).slice(0, 50),
    tags: first(tags, 50),
    ...(amiType === undefined ? {} : { amiType }),
    ...(diskSizeGiB === undefined ? {} : { diskSizeGiB }),
  }
}

/** Another order, which AWS is free to give, would be a write of the status. Key and effect are unique together. */
function byKeyAndEffect(a: NodeGroupTaint, b: NodeGroupTaint): number {
  return `${a.key}:${a.effect}` < `${b.key}:${b.effect}` ? -1 : 1
}

function first(map: Readonly<Record<string, string>>, most: number): Record<string, string> {
  const names = Object.keys(map).toSorted().slice(0, most)
  return Object.fromEntries(names.map((name) => [name, map[name] ?? '']))
}

function sizesOf({ minSize, maxSize, desiredCapacity }: ScalingGroup): NonNullable<EksNodeGroupStatus['scaling']> {
  return { minSize, maxSize, desiredSize: desiredCapacity, desiredSizeOwner: 'External' }
}
