import { instanceTypes } from '../ec2/instance-types.ts'
import type { Region } from '../region.ts'
import type { ServiceError } from '../service-error.ts'
import type { Cluster, ScalingNumbers, Taint } from '../state.ts'
import { eksError } from './errors.ts'
import { releasesOf } from './releases.ts'
import type { CreateNodegroupInput, NodeRepairInput, ScalingConfigInput, TaintInput, UpdateConfigInput } from './schemas.ts'
import { findTemplate, templateFault } from './template-rules.ts'

/** The rules that EKS checks when a node group is created, as an error or undefined, in the order in which they are looked at. */
export function creationFault(region: Region, cluster: Cluster, input: CreateNodegroupInput): ServiceError | undefined {
  for (const rule of creationRules) {
    const fault = rule(region, cluster, input)
    if (fault !== undefined) return fault
  }
  return undefined
}

type CreationRule = (region: Region, cluster: Cluster, input: CreateNodegroupInput) => ServiceError | undefined

const names = (cluster: Cluster, input: { readonly nodegroupName: string }): object => ({ clusterName: cluster.name, nodegroupName: input.nodegroupName })

const nameFits: CreationRule = (_region, cluster, input) => {
  if (/^[0-9A-Za-z][A-Za-z0-9_-]{0,62}$/.test(input.nodegroupName)) return undefined
  return eksError.invalidParameter(
    `The nodegroup name ${input.nodegroupName} must start with a letter or digit, can also have hyphens and underscores, and at most 63 characters.`,
    names(cluster, input),
  )
}

const clusterActive: CreationRule = (_region, cluster, input) =>
  cluster.status === 'ACTIVE' ? undefined : eksError.invalidRequest(`Cluster '${cluster.name}' is not in ACTIVE status`, names(cluster, input))

const nameFree: CreationRule = (_region, cluster, input) =>
  cluster.nodegroups.has(input.nodegroupName)
    ? eksError.inUse(`NodeGroup already exists with name ${input.nodegroupName} and cluster name ${cluster.name}`, names(cluster, input))
    : undefined

const withinQuota: CreationRule = (region, cluster, input) =>
  cluster.nodegroups.size >= region.scenario.quotas.nodegroupsPerCluster
    ? eksError.limit(`You've reached the limit on the number of nodegroups that can be created within the cluster.`, names(cluster, input))
    : undefined

const subnetsThere: CreationRule = (region, cluster, input) => {
  if (input.subnets.length === 0) return eksError.invalidParameter('Subnets cannot be empty', names(cluster, input))
  const unknown = input.subnets.filter((id) => !region.subnets.has(id))
  if (unknown.length === 0) return undefined
  return eksError.invalidParameter(
    `The subnet ID '${unknown.join(', ')}' does not exist (Service: AmazonEC2; Error Code: InvalidSubnetID.NotFound)`,
    names(cluster, input),
  )
}

const roleFits: CreationRule = (region, cluster, input) => {
  const role = [...region.account.roles.values()].find(({ arn }) => arn === input.nodeRole)
  if (role === undefined)
    return eksError.invalidParameter(`The role with name ${input.nodeRole.split('/').at(-1) ?? ''} cannot be found.`, names(cluster, input))
  // what people see for a few seconds after they made a role
  const known = (role.usableAtMs ?? 0) <= region.clock.monotonicMs()
  if (known && role.trustedServices.includes('ec2.amazonaws.com')) return undefined
  return eksError.invalidParameter(
    `Following required service principals [ec2.amazonaws.com] were not found in the trust relationships of nodeRole ${role.arn}`,
    names(cluster, input),
  )
}

const sizesFit: CreationRule = (region, cluster, input) => {
  const sizes = input.scalingConfig
  if (sizes === undefined) return undefined
  const { minSize, maxSize, desiredSize } = sizes
  // all or none at creation (service model, NodegroupScalingConfig)
  const missing = minSize === undefined ? 'minSize' : maxSize === undefined ? 'maxSize' : desiredSize === undefined ? 'desiredSize' : undefined
  if (missing !== undefined) return eksError.invalidParameter(`${missing} is not valid`, names(cluster, input))
  if ((minSize ?? 0) > (desiredSize ?? 0)) return eksError.invalidParameter(`minSize can't be greater than desiredSize`, names(cluster, input))
  if ((desiredSize ?? 0) > (maxSize ?? 0)) return eksError.invalidParameter(`desiredSize can't be greater than maxSize`, names(cluster, input))
  return nodesQuota(region, desiredSize ?? 0)
}

const taintsWhole: CreationRule = (_region, _cluster, input) => taintFault(input.taints ?? [])

const updateConfigOne: CreationRule = (_region, _cluster, input) => pairsFault(input)

/** Versions follow the cluster at creation (UG create-managed-node-group). */
const versionFits: CreationRule = (_region, cluster, input) =>
  input.version === undefined || input.version === cluster.version
    ? undefined
    : eksError.invalidParameter(`Requested Nodegroup version ${input.version} does not match the cluster version ${cluster.version}`, names(cluster, input))

const releaseThere: CreationRule = (region, cluster, { releaseVersion }) =>
  releaseVersion === undefined || releasesOf(region.scenario, cluster.version).includes(releaseVersion)
    ? undefined
    : eksError.invalidParameter(`Requested release version ${releaseVersion} is not valid for kubernetes version ${cluster.version}.`)

/** A reservation is named in a template (EKS user guide, capacity-blocks-mng). */
const blockNeedsTemplate: CreationRule = (_region, cluster, input) =>
  input.capacityType === 'CAPACITY_BLOCK' && input.launchTemplate === undefined
    ? eksError.invalidParameter('Launch template is required for capacity type CAPACITY_BLOCK.', names(cluster, input))
    : undefined

const typesThere: CreationRule = (_region, cluster, input) => {
  const unknown = (input.instanceTypes ?? []).filter((type) => !instanceTypes.has(type))
  if (unknown.length === 0) return undefined
  return eksError.invalidParameter(`The following supplied instance types do not exist: [${unknown.join(', ')}]`, names(cluster, input))
}

const templateFits: CreationRule = (region, cluster, input) => {
  if (input.launchTemplate === undefined) return undefined
  const found = findTemplate(region, input.launchTemplate)
  if (typeof found === 'string') return eksError.invalidParameter(found, names(cluster, input))
  const fault = templateFault(found.version.data, input)
  return fault === undefined ? undefined : eksError.invalidParameter(fault, names(cluster, input))
}

const creationRules: readonly CreationRule[] = [
  nameFits,
  clusterActive,
  nameFree,
  withinQuota,
  sizesFit,
  taintsWhole,
  updateConfigOne,
  versionFits,
  releaseThere,
  blockNeedsTemplate,
  typesThere,
  subnetsThere,
  roleFits,
  templateFits,
]

/** Members of which only one of a pair may be set (service model, NodegroupUpdateConfig and NodeRepairConfig). */
export function pairsFault({
  updateConfig = {},
  nodeRepairConfig = {},
}: {
  readonly updateConfig?: UpdateConfigInput | undefined
  readonly nodeRepairConfig?: NodeRepairInput | undefined
}): ServiceError | undefined {
  const all: Readonly<Record<string, unknown>> = { ...updateConfig, ...nodeRepairConfig }
  const both = exclusive.find((pair) => pair.every((member) => all[member] !== undefined))
  return both === undefined ? undefined : eksError.invalidParameter(`${both[0]} and ${both[1]} cannot be set together`)
}

export const exclusive = [
  ['maxUnavailable', 'maxUnavailablePercentage'],
  ['maxUnhealthyNodeThresholdCount', 'maxUnhealthyNodeThresholdPercentage'],
  ['maxParallelNodesRepairedCount', 'maxParallelNodesRepairedPercentage'],
] as const

/** A taint needs a key and an effect. */
export function taintFault(taints: readonly TaintInput[]): ServiceError | undefined {
  return taints.some(({ key, effect }) => key === undefined || effect === undefined)
    ? eksError.invalidParameter('taint key and effect cannot be null')
    : undefined
}

/** The taints of an input that `taintFault` has passed. */
export function wholeTaints(taints: readonly TaintInput[]): Taint[] {
  return taints.flatMap(({ key, value, effect }) =>
    key === undefined || effect === undefined ? [] : [{ key, effect, ...(value === undefined ? {} : { value }) }],
  )
}

/** What the numbers of an update come to, or EKS' refusal. Absent members keep what `now` has. */
export function updatedNumbers(region: Region, now: ScalingNumbers, asked: ScalingConfigInput): ScalingNumbers | ServiceError {
  const next = { minSize: asked.minSize ?? now.minSize, maxSize: asked.maxSize ?? now.maxSize, desiredSize: asked.desiredSize ?? now.desiredSize }
  if (next.minSize > next.desiredSize)
    return eksError.invalidParameter(`Minimum capacity ${next.minSize} can't be greater than desired size ${next.desiredSize}`)
  if (next.desiredSize > next.maxSize) return eksError.invalidParameter(`desired capacity ${next.desiredSize} can't be greater than max size ${next.maxSize}`)
  return nodesQuota(region, next.desiredSize) ?? next
}

function nodesQuota(region: Region, desired: number): ServiceError | undefined {
  const most = region.scenario.quotas.nodesPerNodegroup
  return desired > most ? eksError.limit(`desiredSize ${desired} is above the limit of ${most} nodes in a nodegroup`) : undefined
}
