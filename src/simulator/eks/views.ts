import { instanceTypes } from '../ec2/instance-types.ts'
import type { Region } from '../region.ts'
import type { Cluster, Nodegroup, NodegroupUpdate } from '../state.ts'
import { shownNumbers } from './lookup.ts'

/** EKS writes times as seconds since 1970 with fractions. */
function seconds(date: Date): number {
  return date.getTime() / 1000
}

/** A node group in the API's members. */
export function nodegroupView(region: Region, nodegroup: Nodegroup): object {
  const { launchTemplate, diskSize, nodeRepairConfig } = nodegroup
  return {
    nodegroupName: nodegroup.name,
    nodegroupArn: nodegroup.arn,
    clusterName: nodegroup.cluster,
    version: nodegroup.version,
    releaseVersion: nodegroup.releaseVersion,
    createdAt: seconds(nodegroup.createdAt),
    modifiedAt: seconds(nodegroup.modifiedAt),
    status: nodegroup.status,
    capacityType: nodegroup.capacityType,
    scalingConfig: shownNumbers(region, nodegroup),
    ...(nodegroup.typesInTemplate ? {} : { instanceTypes: nodegroup.instanceTypes }),
    subnets: nodegroup.subnets,
    amiType: nodegroup.amiType,
    nodeRole: nodegroup.nodeRole,
    labels: nodegroup.labels,
    ...(nodegroup.taints.length === 0 ? {} : { taints: nodegroup.taints }),
    ...(nodegroup.scalingGroup === undefined ? {} : { resources: { autoScalingGroups: [{ name: nodegroup.scalingGroup }] } }),
    ...(diskSize === undefined ? {} : { diskSize }),
    health: { issues: nodegroup.healthIssues },
    updateConfig: nodegroup.updateConfig,
    ...(nodeRepairConfig === undefined ? {} : { nodeRepairConfig }),
    ...(launchTemplate === undefined ? {} : { launchTemplate }),
    tags: nodegroup.tags,
  }
}

export function clusterView(region: Region, cluster: Cluster): object {
  return {
    name: cluster.name,
    arn: cluster.arn,
    createdAt: seconds(cluster.createdAt),
    version: cluster.version,
    endpoint: cluster.endpoint,
    roleArn: cluster.roleArn,
    resourcesVpcConfig: {
      subnetIds: cluster.subnetIds,
      securityGroupIds: [],
      clusterSecurityGroupId: cluster.securityGroupId,
      vpcId: cluster.vpcId,
      endpointPublicAccess: true,
      endpointPrivateAccess: true,
      publicAccessCidrs: ['0.0.0.0/0'],
    },
    kubernetesNetworkConfig: { serviceIpv4Cidr: '172.20.0.0/16', ipFamily: 'ipv4' },
    identity: { oidc: { issuer: `https://oidc.eks.${region.name}.amazonaws.com/id/${cluster.endpoint.slice(8, 40)}` } },
    status: cluster.status,
    certificateAuthority: { data: cluster.certificateAuthority },
    platformVersion: 'eks.1',
    tags: cluster.tags,
    health: { issues: [] },
    accessConfig: { authenticationMode: 'API_AND_CONFIG_MAP' },
    upgradePolicy: { supportType: 'EXTENDED' },
    deletionProtection: false,
  }
}

export function updateView(update: NodegroupUpdate): object {
  const { id, status, type, params, createdAt, errors } = update
  return { id, status, type, params, createdAt: seconds(createdAt), errors }
}

/** What EKS picks when no AMI type is asked for, by the first instance type (UG create-managed-node-group). */
export function defaultAmiType(types: readonly string[]): string {
  const type = instanceTypes.get(types[0] ?? '')
  if (type?.architecture === 'arm64') return type.gpu === undefined ? 'AL2023_ARM_64_STANDARD' : 'AL2023_ARM_64_NVIDIA'
  return type?.gpu === undefined ? 'AL2023_x86_64_STANDARD' : 'AL2023_x86_64_NVIDIA'
}
