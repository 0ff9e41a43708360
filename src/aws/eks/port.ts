/** How a taint's effect is spelled in Kubernetes; the port translates to EKS' words and back. */
export type TaintEffect = 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute'
export type CapacityType = 'OnDemand' | 'Spot' | 'CapacityBlock'

export interface NodeGroupTaint {
  readonly key: string
  readonly value?: string
  readonly effect: TaintEffect
}

export interface NodeGroupScaling {
  readonly minSize: number
  readonly maxSize: number
  readonly desiredSize: number
}

/** In Kubernetes' spelling; an unknown word of a newer EKS comes through as `Unknown`. */
export type NodeGroupState = 'Creating' | 'Active' | 'Updating' | 'Deleting' | 'CreateFailed' | 'DeleteFailed' | 'Degraded' | 'Unknown'

/** How EKS rolls nodes when version, release or template change. */
export interface NodeGroupUpdateSettings {
  readonly maxUnavailable?: number
  readonly maxUnavailablePercentage?: number
  readonly strategy?: 'Default' | 'Minimal'
}

/** EKS' own repair of nodes. Of each pair a count or a percentage. */
export interface NodeRepairSettings {
  readonly enabled?: boolean
  readonly maxUnhealthyNodeThresholdCount?: number
  readonly maxUnhealthyNodeThresholdPercentage?: number
  readonly maxParallelNodesRepairedCount?: number
  readonly maxParallelNodesRepairedPercentage?: number
}

/** What `UpdateNodegroupConfig` changes beside the sizes: only what is given. */
export interface NodeGroupConfigChange {
  readonly labels?: { readonly set: Readonly<Record<string, string>>; readonly remove: readonly string[] }
  readonly taints?: { readonly set: readonly NodeGroupTaint[]; readonly remove: readonly NodeGroupTaint[] }
  readonly update?: NodeGroupUpdateSettings
  readonly nodeRepair?: NodeRepairSettings
}

/** What `UpdateNodegroupVersion` changes: only what is given. With `force` EKS ends nodes whose pods a budget holds. */
export interface NodeGroupVersionChange {
  readonly version?: string
  readonly releaseVersion?: string
  readonly launchTemplate?: { readonly id?: string; readonly name?: string; readonly version: string }
  readonly force?: boolean
}

/** A managed node group as `DescribeNodegroup` tells it. Its numbers may lag by a minute: the Auto Scaling group is the authority (aws-rules B1). */
export interface NodeGroup {
  readonly arn: string
  readonly name: string
  readonly state: NodeGroupState
  readonly version?: string
  readonly releaseVersion?: string
  readonly scaling: NodeGroupScaling
  readonly subnetIds: readonly string[]
  readonly nodeRoleArn: string
  readonly instanceTypes: readonly string[]
  readonly amiType?: string
  /** `Unknown` for a word of a newer EKS. */
  readonly capacityType: CapacityType | 'Unknown'
  readonly diskSizeGiB?: number
  readonly launchTemplate?: { readonly id?: string; readonly name?: string; readonly version?: string }
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly NodeGroupTaint[]
  readonly tags: Readonly<Record<string, string>>
  readonly update: NodeGroupUpdateSettings
  /** Absent where EKS tells nothing of it. */
  readonly nodeRepair?: NodeRepairSettings
  readonly autoScalingGroups: readonly string[]
  readonly healthIssues: readonly { readonly code: string; readonly message: string; readonly resourceIds: readonly string[] }[]
}

/** What a create needs; sizes are chosen by the caller (aws-rules B2: 0/max/0). */
export interface NodeGroupCreation {
  readonly name: string
  readonly subnetIds: readonly string[]
  readonly nodeRoleArn: string
  readonly scaling: NodeGroupScaling
  readonly instanceTypes?: readonly string[]
  readonly amiType?: string
  readonly capacityType?: CapacityType
  readonly diskSizeGiB?: number
  readonly version?: string
  readonly releaseVersion?: string
  readonly launchTemplate?: { readonly id?: string; readonly name?: string; readonly version: string }
  readonly labels?: Readonly<Record<string, string>>
  readonly taints?: readonly NodeGroupTaint[]
  readonly tags: Readonly<Record<string, string>>
  readonly update?: NodeGroupUpdateSettings
  readonly nodeRepair?: NodeRepairSettings
}

export interface NodeGroupUpdate {
  readonly id: string
  /** RFC 3339. */
  readonly createdAt?: string
  readonly state: 'InProgress' | 'Successful' | 'Failed' | 'Cancelled' | 'Unknown'
  /** EKS' own word: `VersionUpdate`, `ConfigUpdate`, … */
  readonly type?: string
  /** `resourceIds`: for `PodEvictionFailure` the names of the nodes. */
  readonly errors: readonly { readonly code: string; readonly message: string; readonly resourceIds?: readonly string[] }[]
}

export interface AwsCallOptions {
  readonly signal: AbortSignal
}

/** A write: `token` is stored in the object's status before it is used here (aws-rules A1). */
export interface AwsWriteOptions extends AwsCallOptions {
  readonly token: string
}

/**
 * The node groups of one account and region. Errors: `AwsError`. Every write drops the cached answer for the group; `describe` may answer from a
 * cache that is at most `maxAgeMs` old (default 0: always asks).
 */
export interface NodeGroupsPort {
  /** The group, or `undefined` when EKS does not know it; when the cluster itself is missing, an `AwsError` `NotFound` with reason `ClusterNotFound`. */
  describe(cluster: string, name: string, options: AwsCallOptions & { readonly maxAgeMs?: number }): Promise<NodeGroup | undefined>
  /** Names of all groups of a cluster, all pages. */
  list(cluster: string, options: AwsCallOptions): Promise<readonly string[]>
  /**
   * Returns when the group of the answer was made (RFC 3339), as far as EKS says it: a token that was sent before gets its old answer, also when what it made
   * is gone.
   */
  create(cluster: string, creation: NodeGroupCreation, options: AwsWriteOptions): Promise<string | undefined>
  /** `UpdateNodegroupConfig` with the scaling numbers and nothing else (aws-rules A3). Returns the update's id, for its error text only (A2). */
  updateScaling(cluster: string, name: string, scaling: Partial<NodeGroupScaling>, options: AwsWriteOptions): Promise<string | undefined>
  /**
   * `UpdateNodegroupConfig` with what is given and never a size (aws-rules A3); a change of nothing is not sent. Returns the update's id, for its error
   * text only (A2). `Busy` `NodeGroupBusy` while anything else runs on the group.
   */
  updateConfig(cluster: string, name: string, change: NodeGroupConfigChange, options: AwsWriteOptions): Promise<string | undefined>
  /**
   * `UpdateNodegroupVersion`: EKS replaces every node, also when nothing differs, chooses the order by itself, and cannot be stopped (aws-rules B7). Returns
   * the update's id. Errors beside the usual: `Busy` `NodeGroupBusy`, `Invalid` `NodeGroupUnhealthy`, `Invalid` `RefusedByAws` (an unknown release, one that
   * is older, a template where the group has none).
   */
  updateVersion(cluster: string, name: string, change: NodeGroupVersionChange, options: AwsWriteOptions): Promise<string | undefined>
  /** What became of an update, or `undefined` when EKS has no record of it (or of the group) any more. */
  describeUpdate(cluster: string, name: string, updateId: string, options: AwsCallOptions): Promise<NodeGroupUpdate | undefined>
  /** All pages, in the order in which EKS gives them (which it does not document); for an update whose id was lost. */
  listUpdates(cluster: string, name: string, options: AwsCallOptions): Promise<readonly string[]>
  /** Starts the deletion; gone is only what `describe` no longer finds. Nothing to delete is no error. */
  delete(cluster: string, name: string, options: AwsCallOptions): Promise<void>
  tag(arn: string, tags: Readonly<Record<string, string>>, options: AwsCallOptions): Promise<void>
  untag(arn: string, keys: readonly string[], options: AwsCallOptions): Promise<void>
}

export interface EksCluster {
  readonly name: string
  readonly arn: string
  readonly state: 'Creating' | 'Active' | 'Updating' | 'Deleting' | 'Failed' | 'Pending' | 'Unknown'
  readonly version?: string
  readonly endpoint?: string
  readonly certificateAuthority?: string
  readonly autoMode: boolean
  /** What says who may talk to the API server: access entries, the ConfigMap `aws-auth`, or both. Absent where EKS tells nothing that we know. */
  readonly authenticationMode?: 'Api' | 'ApiAndConfigMap' | 'ConfigMap'
}

export interface ClustersPort {
  /** The cluster, or `undefined` when EKS does not know it. */
  describe(name: string, options: AwsCallOptions): Promise<EksCluster | undefined>
}
