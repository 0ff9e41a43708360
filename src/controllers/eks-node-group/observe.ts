import type { ScalingGroup } from '../../aws/autoscaling/port.ts'
import type { NodeGroup } from '../../aws/eks/port.ts'
import type { EksNodeGroupStatus } from '../../crds/eks-node-group.ts'
import { type Result, requeueAfter } from '../../runtime/reconciler.ts'
import { restMs } from './operation.ts'
import type { Pass } from './pass.ts'
import { healthy } from './reports/healthy.ts'
import { nodesReady } from './reports/nodes-ready.ts'
import { provisioned } from './reports/provisioned.ts'

/** `management: Observe`: says what is there, and asks nothing of AWS but to be read. */
export function observe(pass: Pass): Result {
  const { draft, seen, name, target } = pass
  const { conditions, status } = draft
  const { group, scalingGroup } = seen
  for (const report of [provisioned, nodesReady, healthy]) report(pass)
  // A spec that only watches wants nothing, so nothing can differ from it.
  for (const type of ['UpToDate', 'InSync', 'WithinLimits']) conditions.setTrue(type, 'Observed')
  if (group === undefined) {
    delete status.observed
    conditions.setFalse('Provisioned', 'NotFound', `cluster ${target.clusterName} has no node group ${name}`)
    return requeueAfter(restMs)
  }
  if (conditions.isTrue('Provisioned')) conditions.setTrue('Provisioned', 'Observed')
  status.observed = settingsOf(group)
  if (scalingGroup !== undefined) status.scaling = sizesOf(scalingGroup)
  return requeueAfter(restMs)
}

function settingsOf(group: NodeGroup): NonNullable<EksNodeGroupStatus['observed']> {
  const { subnetIds, nodeRoleArn, instanceTypes, amiType, capacityType, diskSizeGiB, labels, taints, tags } = group
  return {
    subnetIds: [...subnetIds],
    nodeRoleArn,
    instanceTypes: [...instanceTypes],
    capacityType,
    labels: { ...labels },
    taints: [...taints],
    tags: { ...tags },
    ...(amiType === undefined ? {} : { amiType }),
    ...(diskSizeGiB === undefined ? {} : { diskSizeGiB }),
  }
}

function sizesOf({ minSize, maxSize, desiredCapacity }: ScalingGroup): NonNullable<EksNodeGroupStatus['scaling']> {
  return { minSize, maxSize, desiredSize: desiredCapacity, desiredSizeOwner: 'External' }
}
