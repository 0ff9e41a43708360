import { ec2Id } from '../ids.ts'
import type { Region } from '../region.ts'
import type { Cluster, Nodegroup } from '../state.ts'
import { startCreation } from './nodegroup-life.ts'
import { latestRelease } from './releases.ts'
import { creationFault, wholeTaints } from './rules.ts'
import type { CreateNodegroupInput } from './schemas.ts'
import { findTemplate } from './template-rules.ts'
import { defaultAmiType } from './views.ts'

/** Creates a node group after every rule was checked, and starts its life. */
export function createNodegroup(region: Region, cluster: Cluster, input: CreateNodegroupInput): Nodegroup {
  const fault = creationFault(region, cluster, input)
  if (fault !== undefined) throw fault
  const found = input.launchTemplate === undefined ? undefined : findTemplate(region, input.launchTemplate)
  // a reference that cannot be resolved was refused above
  const template = typeof found === 'object' ? found : undefined
  const data = template?.version.data ?? {}
  const launched = launchedTypes(input, data)
  const [id, now] = [region.random.id(), region.clock.now()]
  const { minSize = 1, maxSize = 2, desiredSize = 2 } = input.scalingConfig ?? {}
  const nodegroup: Nodegroup = {
    name: input.nodegroupName,
    cluster: cluster.name,
    arn: `arn:aws:eks:${region.name}:${region.account.id}:nodegroup/${cluster.name}/${input.nodegroupName}/${id}`,
    id,
    createdAt: now,
    modifiedAt: now,
    version: cluster.version,
    releaseVersion: input.releaseVersion ?? latestRelease(region.scenario, cluster.version),
    capacityType: input.capacityType ?? 'ON_DEMAND',
    instanceTypes: launched,
    typesInTemplate: data['InstanceType'] !== undefined,
    subnets: input.subnets,
    amiType: data['ImageId'] === undefined ? (input.amiType ?? defaultAmiType(launched)) : 'CUSTOM',
    nodeRole: input.nodeRole,
    readableAtMs: region.clock.monotonicMs() + region.scenario.delays.nodegroupVisibleSeconds * 1000,
    diskSize: input.launchTemplate === undefined ? (input.diskSize ?? 20) : undefined,
    launchTemplate: template !== undefined ? { id: template.id, name: template.name, version: String(template.version.version) } : undefined,
    imageId: typeof data['ImageId'] === 'string' ? data['ImageId'] : ec2Id(region.random, 'ami'),
    status: 'CREATING',
    degraded: false,
    healthIssues: [],
    labels: { ...input.labels },
    taints: wholeTaints(input.taints ?? []),
    tags: { ...input.tags },
    updateConfig: input.updateConfig ?? { maxUnavailable: 1 },
    nodeRepairConfig: input.nodeRepairConfig,
    seenNumbers: [],
    requested: { minSize, maxSize, desiredSize },
    scalingGroup: undefined,
  }
  cluster.nodegroups.set(nodegroup.name, nodegroup)
  startCreation(region, nodegroup, template?.version.version ?? 1)
  return nodegroup
}

/** The types that instances get: the template's, else the input's, else EKS' default. */
function launchedTypes(input: CreateNodegroupInput, template: Readonly<Record<string, unknown>>): readonly string[] {
  const typeInTemplate = template['InstanceType']
  return typeof typeInTemplate === 'string' ? [typeInTemplate] : (input.instanceTypes ?? ['t3.medium'])
}
