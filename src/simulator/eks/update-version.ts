import type { Region } from '../region.ts'
import { ServiceError } from '../service-error.ts'
import type { Cluster, Nodegroup, NodegroupUpdate } from '../state.ts'
import { eksError } from './errors.ts'
import { scalingGroupOf } from './lookup.ts'
import type { UpdateNodegroupVersionInput } from './schemas.ts'
import { beginUpdate, endUpdate, faultedError, refuseWhileBusy } from './updates.ts'
import { type VersionTarget, versionTarget } from './version-rules.ts'
import { startRollout } from './version-rollout.ts'

/**
 * Starts a version update. It replaces every node, also when nothing differs (aws-controllers-k8s/community#2758: groups churned by repeated calls),
 * and nothing stops it: EKS has no call for that (aws/containers-roadmap#1531).
 */
export function updateNodegroupVersion(region: Region, cluster: Cluster, nodegroup: Nodegroup, input: UpdateNodegroupVersionInput): NodegroupUpdate {
  refuseWhileBusy(nodegroup)
  const target = versionTarget(region, cluster, nodegroup, input)
  if (target instanceof ServiceError) throw target
  const group = scalingGroupOf(region, nodegroup)
  if (group === undefined)
    throw eksError.invalidRequest('The nodegroup has no Auto Scaling group', { clusterName: cluster.name, nodegroupName: nodegroup.name })
  const update = beginUpdate(region, cluster, nodegroup, 'VersionUpdate', paramsOf(target))
  const fault = region.faults.failLater({ service: 'eks', action: 'UpdateNodegroupVersion', account: region.account.id, input })
  region.after(region.scenario.delays.updateSeconds, () => {
    if (fault !== undefined) endUpdate(region, nodegroup, update, faultedError(fault, nodegroup))
    else startRollout(region, { nodegroup, group, update, target, force: input.force ?? false })
  })
  return update
}

function paramsOf({ version, releaseVersion, launchTemplate }: VersionTarget): NodegroupUpdate['params'] {
  return [
    { type: 'Version', value: version },
    { type: 'ReleaseVersion', value: releaseVersion },
    ...(launchTemplate === undefined
      ? []
      : [
          { type: 'LaunchTemplateName', value: launchTemplate.name },
          { type: 'LaunchTemplateVersion', value: launchTemplate.version },
        ]),
  ]
}
