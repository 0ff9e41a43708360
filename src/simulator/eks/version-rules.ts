import { ec2Id } from '../ids.ts'
import type { Region } from '../region.ts'
import type { ServiceError } from '../service-error.ts'
import type { Cluster, Nodegroup } from '../state.ts'
import { eksError } from './errors.ts'
import { latestRelease, releasesOf } from './releases.ts'
import type { UpdateNodegroupVersionInput } from './schemas.ts'
import { findTemplate, templateFault } from './template-rules.ts'

/** What a node group is to be after a version update. */
export type VersionTarget = Pick<Nodegroup, 'version' | 'releaseVersion' | 'launchTemplate' | 'imageId' | 'instanceTypes'>

/** Health issues with which EKS still begins an update (re:Post, "troubleshoot managed node group update issues for Amazon EKS"). */
const tolerated = ['AsgInstanceLaunchFailures', 'InstanceLimitExceeded', 'InsufficientFreeAddresses', 'ClusterUnreachable']

/**
 * What the node group becomes, or EKS' refusal. Messages about custom AMIs and health are EKS' own words as users quote them (eksctl#5999,
 * eks-cluster-upgrade#123, re:Post); the other sentences are guesses, their rules are documented (aws-eks.md §1.1, §3.3).
 */
export function versionTarget(region: Region, cluster: Cluster, nodegroup: Nodegroup, input: UpdateNodegroupVersionInput): VersionTarget | ServiceError {
  const fields = { clusterName: cluster.name, nodegroupName: nodegroup.name }
  const no = (message: string): ServiceError => eksError.invalidParameter(message, fields)
  if (nodegroup.healthIssues.some(({ code }) => !tolerated.includes(code))) {
    return eksError.invalidRequest(`Nodegroup health has issues other than [ ${tolerated.join(', ')} ]`, fields)
  }
  const fault = customFault(nodegroup, input) ?? templateReferenceFault(nodegroup, input)
  if (fault !== undefined) return no(fault)
  const version = input.version ?? nodegroup.version
  const skew = skewFault(cluster, nodegroup, version)
  if (skew !== undefined) return no(skew)
  if (nodegroup.amiType === 'CUSTOM') return withTemplate(region, nodegroup, input, { version: cluster.version, releaseVersion: undefined }, no)
  // a new template version alone keeps the release (a guess)
  const templateOnly = input.launchTemplate !== undefined && input.version === undefined
  const releaseVersion = input.releaseVersion ?? (templateOnly ? nodegroup.releaseVersion : latestRelease(region.scenario, version))
  if (releaseVersion !== nodegroup.releaseVersion && !releasesOf(region.scenario, version).includes(releaseVersion)) {
    return no(`Requested release version ${releaseVersion} is not valid for kubernetes version ${version}.`)
  }
  if (older(region, version, releaseVersion, nodegroup.releaseVersion)) {
    return no(`Nodegroup cannot be rolled back from release version ${nodegroup.releaseVersion} to ${releaseVersion}`)
  }
  return withTemplate(region, nodegroup, input, { version, releaseVersion }, no)
}

/** "You cannot roll back" (EKS user guide, update-managed-node-group). */
function older(region: Region, version: string, next: string, now: string): boolean {
  const all = releasesOf(region.scenario, version)
  return all.includes(now) && all.indexOf(next) < all.indexOf(now)
}

function withTemplate(
  region: Region,
  nodegroup: Nodegroup,
  input: UpdateNodegroupVersionInput,
  to: { readonly version: string; readonly releaseVersion: string | undefined },
  no: (message: string) => ServiceError,
): VersionTarget | ServiceError {
  const { launchTemplate, instanceTypes, imageId } = nodegroup
  const { version, releaseVersion = nodegroup.releaseVersion } = to
  const image = releaseVersion === nodegroup.releaseVersion ? imageId : ec2Id(region.random, 'ami')
  if (input.launchTemplate === undefined) return { version, releaseVersion, launchTemplate, imageId: image, instanceTypes }
  const found = findTemplate(region, input.launchTemplate)
  if (typeof found === 'string') return no(found)
  const { data } = found.version
  const fault = templateFault(data, {}) ?? kindFault(nodegroup, data)
  if (fault !== undefined) return no(fault)
  const next = { id: found.id, name: found.name, version: String(found.version.version) }
  const types = typeof data['InstanceType'] === 'string' ? [data['InstanceType']] : instanceTypes
  if (typeof data['ImageId'] !== 'string') return { version, releaseVersion, launchTemplate: next, imageId: image, instanceTypes: types }
  // a custom AMI is shown as the release version (aws-eks.md §2.4)
  return { version, releaseVersion: data['ImageId'], launchTemplate: next, imageId: data['ImageId'], instanceTypes: types }
}

/** The AMI type cannot change, so a template cannot begin or cease to bring its own image; nor can the place of the instance type. */
function kindFault(nodegroup: Nodegroup, data: Readonly<Record<string, unknown>>): string | undefined {
  if ((nodegroup.amiType === 'CUSTOM') !== (data['ImageId'] !== undefined)) return 'The launch template version cannot change the AMI type of the nodegroup.'
  if (nodegroup.typesInTemplate !== (data['InstanceType'] !== undefined)) return 'Cannot specify instance types in launch template and API request'
  return undefined
}

function customFault({ amiType }: Nodegroup, input: UpdateNodegroupVersionInput): string | undefined {
  if (amiType !== 'CUSTOM') return undefined
  if (input.launchTemplate === undefined) return "Launch template details can't be null for Custom ami type node group"
  if (input.version !== undefined) return 'You cannot specify the field kubernetesVersion when using custom AMIs.'
  return input.releaseVersion === undefined ? undefined : 'You cannot specify the field releaseVersion when using custom AMIs.'
}

function templateReferenceFault({ launchTemplate }: Nodegroup, { launchTemplate: asked }: UpdateNodegroupVersionInput): string | undefined {
  if (asked === undefined) return undefined
  if (launchTemplate === undefined) return 'You cannot specify a launch template for a nodegroup that was created without one.'
  const other = (asked.id ?? launchTemplate.id) !== launchTemplate.id || (asked.name ?? launchTemplate.name) !== launchTemplate.name
  return other ? 'You cannot change the launch template of a nodegroup, only its version.' : undefined
}

function skewFault(cluster: Cluster, nodegroup: Nodegroup, version: string): string | undefined {
  const minor = Number(version.split('.')[1])
  if (!/^1\.\d+$/.test(version)) return `${version} is not a valid Kubernetes version`
  if (minor > Number(cluster.version.split('.')[1]))
    return `Nodegroup Kubernetes version ${version} cannot be newer than the cluster version ${cluster.version}`
  if (minor < Number(nodegroup.version.split('.')[1])) return `Nodegroup Kubernetes version ${nodegroup.version} cannot be rolled back to ${version}`
  return undefined
}
