import type { NodeGroupCreation } from '../../aws/eks/port.ts'
import type { ManagedEksNodeGroupSpec } from '../../crds/eks-node-group.ts'
import type { Frozen } from '../../runtime/reconciler.ts'
import { lostCallMs } from './operation.ts'
import { type OwnershipMark, tagsOfCreation } from './ownership.ts'
import type { Pass } from './pass.ts'
import { planUpdateSettings } from './settings/config-plan.ts'

/**
 * What `CreateNodegroup` is asked for. The sizes are 0/max/0 (aws-rules B2): a shortage of capacity while a group is made is CREATE_FAILED and
 * cannot be recovered, later it is DEGRADED and can be waited out; the numbers follow when the group is ACTIVE.
 */
export function creationOf(name: string, spec: Frozen<ManagedEksNodeGroupSpec>, mark: OwnershipMark): NodeGroupCreation {
  const { launchTemplate } = spec
  const update = planUpdateSettings(spec.update, {})
  return {
    name,
    subnetIds: spec.subnetIds,
    nodeRoleArn: spec.nodeRoleArn,
    scaling: { minSize: 0, maxSize: Math.max(1, spec.scaling.maxSize), desiredSize: 0 },
    ...(spec.instanceTypes === undefined ? {} : { instanceTypes: spec.instanceTypes }),
    ...(spec.amiType === undefined ? {} : { amiType: spec.amiType }),
    capacityType: spec.capacityType,
    ...(spec.diskSizeGiB === undefined ? {} : { diskSizeGiB: spec.diskSizeGiB }),
    ...(spec.version === undefined ? {} : { version: spec.version }),
    ...(spec.releaseVersion === undefined ? {} : { releaseVersion: spec.releaseVersion }),
    ...(launchTemplate === undefined ? {} : { launchTemplate }),
    ...(spec.labels === undefined ? {} : { labels: spec.labels }),
    ...(spec.taints === undefined ? {} : { taints: spec.taints }),
    tags: { ...spec.tags, ...tagsOfCreation(mark) },
    ...(update && { update }),
    ...(spec.nodeRepair === undefined ? {} : { nodeRepair: spec.nodeRepair }),
  }
}

/** Whether a group that EKS was asked for a moment ago, by this process or by one that died, may show yet. */
export function mayArrive({ draft: { status }, calls, surroundings }: Pick<Pass, 'draft' | 'calls' | 'surroundings'>): boolean {
  return status.operation?.kind === 'Create' && calls.silentMs(status.operation.token, surroundings.now()) < lostCallMs
}
