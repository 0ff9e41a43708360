import type {
  Cluster,
  CreateNodegroupRequest,
  ErrorDetail,
  NodeRepairConfig,
  Nodegroup,
  NodegroupUpdateConfig,
  Taint,
  Update,
  UpdateNodegroupConfigRequest,
} from '@aws-sdk/client-eks'
import { stableText } from '../stable-text.ts'
import type {
  CapacityType,
  EksCluster,
  NodeGroup,
  NodeGroupConfigChange,
  NodeGroupCreation,
  NodeGroupScaling,
  NodeGroupState,
  NodeGroupTaint,
  NodeGroupUpdate,
  NodeGroupUpdateSettings,
  NodeRepairSettings,
  TaintEffect,
} from './port.ts'

/** EKS' words and ours, one to one. Words of a newer EKS are `Unknown` to us; a test holds these complete against the SDK's model. */
export const nodeGroupStates = {
  CREATING: 'Creating',
  ACTIVE: 'Active',
  UPDATING: 'Updating',
  DELETING: 'Deleting',
  CREATE_FAILED: 'CreateFailed',
  DELETE_FAILED: 'DeleteFailed',
  DEGRADED: 'Degraded',
} as const satisfies Readonly<Record<string, NodeGroupState>>

export const clusterStates = {
  CREATING: 'Creating',
  ACTIVE: 'Active',
  UPDATING: 'Updating',
  DELETING: 'Deleting',
  FAILED: 'Failed',
  PENDING: 'Pending',
} as const satisfies Readonly<Record<string, EksCluster['state']>>

export const authenticationModes = {
  API: 'Api',
  API_AND_CONFIG_MAP: 'ApiAndConfigMap',
  CONFIG_MAP: 'ConfigMap',
} as const satisfies Readonly<Record<string, EksCluster['authenticationMode']>>

export const capacityTypes = { ON_DEMAND: 'OnDemand', SPOT: 'Spot', CAPACITY_BLOCK: 'CapacityBlock' } as const satisfies Readonly<Record<string, CapacityType>>

export const taintEffects = {
  NO_SCHEDULE: 'NoSchedule',
  PREFER_NO_SCHEDULE: 'PreferNoSchedule',
  NO_EXECUTE: 'NoExecute',
} as const satisfies Readonly<Record<string, TaintEffect>>

export const updateStates = {
  InProgress: 'InProgress',
  Successful: 'Successful',
  Failed: 'Failed',
  Cancelled: 'Cancelled',
} as const satisfies Readonly<Record<string, NodeGroupUpdate['state']>>

/** The node group as EKS describes it. What EKS leaves out is left out, or empty where the port has a list. */
export function nodeGroupOf(raw: Nodegroup): NodeGroup {
  const { launchTemplate: template, diskSize } = raw
  return {
    arn: raw.nodegroupArn ?? '',
    name: raw.nodegroupName ?? '',
    state: ours(nodeGroupStates, raw.status) ?? 'Unknown',
    ...given('version', raw.version),
    ...given('releaseVersion', raw.releaseVersion),
    scaling: scalingOf(raw.scalingConfig),
    subnetIds: raw.subnets ?? [],
    nodeRoleArn: raw.nodeRole ?? '',
    instanceTypes: raw.instanceTypes ?? [],
    ...given('amiType', raw.amiType),
    capacityType: raw.capacityType === undefined ? 'OnDemand' : (ours(capacityTypes, raw.capacityType) ?? 'Unknown'),
    ...given('diskSizeGiB', diskSize),
    ...(template && { launchTemplate: { ...given('id', template.id), ...given('name', template.name), ...given('version', template.version) } }),
    labels: raw.labels ?? {},
    taints: (raw.taints ?? []).flatMap(taintOf),
    tags: raw.tags ?? {},
    update: updateSettingsOf(raw.updateConfig),
    ...(raw.nodeRepairConfig && { nodeRepair: nodeRepairOf(raw.nodeRepairConfig) }),
    autoScalingGroups: (raw.resources?.autoScalingGroups ?? []).flatMap(({ name }) => name ?? []),
    healthIssues: (raw.health?.issues ?? []).map(({ code = 'Unknown', message = '', resourceIds = [] }) => ({
      code,
      message: stableText(message),
      resourceIds,
    })),
  }
}

export function clusterOf(raw: Cluster): EksCluster {
  return {
    name: raw.name ?? '',
    arn: raw.arn ?? '',
    state: ours(clusterStates, raw.status) ?? 'Unknown',
    ...given('version', raw.version),
    ...given('endpoint', raw.endpoint),
    ...given('certificateAuthority', raw.certificateAuthority?.data),
    autoMode: raw.computeConfig?.enabled ?? false,
    ...given('authenticationMode', ours(authenticationModes, raw.accessConfig?.authenticationMode)),
  }
}

export function updateOf(raw: Update): NodeGroupUpdate {
  return {
    id: raw.id ?? '',
    state: ours(updateStates, raw.status) ?? 'Unknown',
    ...given('createdAt', raw.createdAt?.toISOString()),
    ...given('type', raw.type),
    errors: (raw.errors ?? []).map(errorOf),
  }
}

function errorOf({ errorCode = 'Unknown', errorMessage = '', resourceIds }: ErrorDetail): NodeGroupUpdate['errors'][number] {
  return { code: errorCode, message: stableText(errorMessage), ...given('resourceIds', resourceIds) }
}

/** The request for a creation: what is given and nothing else (aws-rules A3), so that EKS' own defaults stay EKS' own. */
export function creationRequest(cluster: string, creation: NodeGroupCreation, token: string): CreateNodegroupRequest {
  const { name, subnetIds, nodeRoleArn, scaling, instanceTypes, amiType, capacityType, diskSizeGiB, version, releaseVersion } = creation
  const { launchTemplate, labels, taints, tags } = creation
  return {
    clusterName: cluster,
    nodegroupName: name,
    clientRequestToken: token,
    subnets: [...subnetIds],
    nodeRole: nodeRoleArn,
    scalingConfig: { ...scaling },
    ...(instanceTypes && { instanceTypes: [...instanceTypes] }),
    ...(amiType !== undefined && { amiType: amiType as NonNullable<CreateNodegroupRequest['amiType']> }),
    ...(capacityType && { capacityType: theirs(capacityTypes, capacityType) }),
    ...given('diskSize', diskSizeGiB),
    ...given('version', version),
    ...given('releaseVersion', releaseVersion),
    ...(launchTemplate && { launchTemplate: { ...launchTemplate } }),
    ...(labels && { labels: { ...labels } }),
    ...(taints && { taints: taints.map(eksTaint) }),
    tags: { ...tags },
    ...(creation.update && { updateConfig: eksUpdateSettings(creation.update) }),
    ...(creation.nodeRepair && { nodeRepairConfig: { ...creation.nodeRepair } }),
  }
}

/** The request for a change of configuration: what is given and nothing else (aws-rules A3); `undefined` when that is nothing. */
export function configRequest(cluster: string, name: string, change: NodeGroupConfigChange, token: string): UpdateNodegroupConfigRequest | undefined {
  const { labels, taints, update, nodeRepair } = change
  const changes = {
    ...filled('labels', {
      ...filled('addOrUpdateLabels', { ...labels?.set }),
      ...filled('removeLabels', [...(labels?.remove ?? [])]),
    }),
    ...filled('taints', {
      ...filled('addOrUpdateTaints', (taints?.set ?? []).map(eksTaint)),
      ...filled('removeTaints', (taints?.remove ?? []).map(eksTaint)),
    }),
    ...filled('updateConfig', eksUpdateSettings(update ?? {})),
    ...filled('nodeRepairConfig', { ...nodeRepair }),
  }
  return Object.keys(changes).length === 0 ? undefined : { clusterName: cluster, nodegroupName: name, clientRequestToken: token, ...changes }
}

export const updateStrategies = { DEFAULT: 'Default', MINIMAL: 'Minimal' } as const satisfies Readonly<Record<string, NodeGroupUpdateSettings['strategy']>>

function eksUpdateSettings({ strategy, ...numbers }: NodeGroupUpdateSettings): NodegroupUpdateConfig {
  return { ...numbers, ...(strategy !== undefined && { updateStrategy: theirs(updateStrategies, strategy) }) }
}

function updateSettingsOf(raw: NodegroupUpdateConfig | undefined): NodeGroupUpdateSettings {
  const strategy = ours(updateStrategies, raw?.updateStrategy)
  return {
    ...given('maxUnavailable', raw?.maxUnavailable),
    ...given('maxUnavailablePercentage', raw?.maxUnavailablePercentage),
    ...given('strategy', strategy),
  }
}

function nodeRepairOf(raw: NodeRepairConfig): NodeRepairSettings {
  return {
    ...given('enabled', raw.enabled),
    ...given('maxUnhealthyNodeThresholdCount', raw.maxUnhealthyNodeThresholdCount),
    ...given('maxUnhealthyNodeThresholdPercentage', raw.maxUnhealthyNodeThresholdPercentage),
    ...given('maxParallelNodesRepairedCount', raw.maxParallelNodesRepairedCount),
    ...given('maxParallelNodesRepairedPercentage', raw.maxParallelNodesRepairedPercentage),
  }
}

function eksTaint({ key, value, effect }: NodeGroupTaint): Taint {
  return { key, ...given('value', value), effect: theirs(taintEffects, effect) }
}

/** Kubernetes knows three effects; a taint of another is not one that a pod could tolerate, and is left out. */
function taintOf({ key, value, effect: raw }: Taint): readonly NodeGroupTaint[] {
  const effect = ours(taintEffects, raw)
  return key === undefined || effect === undefined ? [] : [{ key, ...(value !== undefined && value !== '' && { value }), effect }]
}

function scalingOf(raw: Nodegroup['scalingConfig']): NodeGroupScaling {
  return { minSize: raw?.minSize ?? 0, maxSize: raw?.maxSize ?? 0, desiredSize: raw?.desiredSize ?? 0 }
}

function ours<T extends Readonly<Record<string, string>>>(words: T, word: string | undefined): T[keyof T] | undefined {
  return word !== undefined && Object.hasOwn(words, word) ? words[word as keyof T] : undefined
}

function theirs<T extends Readonly<Record<string, string>>>(words: T, word: T[keyof T]): keyof T & string {
  const found = Object.entries(words).find(([, our]) => our === word)?.[0]
  if (found === undefined) throw new Error(`no EKS word for ${word}`)
  return found
}

/** A member that is there only when its value is: EKS treats an absent one and an empty one differently. */
function given<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: V })
}

/** A member that is there only when there is something in it. */
function filled<K extends string, V extends object>(key: K, value: V): { readonly [P in K]?: V } {
  return given(key, Object.keys(value).length === 0 ? undefined : value)
}
