/** What the simulated cloud remembers. Plain data: everything here can be printed by `/_simulator/state`. Times are simulated milliseconds. */

export interface Subnet {
  readonly id: string
  readonly zone: string
  readonly zoneId: string
  readonly vpcId: string
  readonly cidrBlock: string
  /** Public subnets hand out a public address at launch. */
  readonly public: boolean
  freeAddresses: number
  /** The next host number that was never given out here. */
  nextHost: number
}

export interface Role {
  readonly name: string
  readonly path: string
  readonly arn: string
  readonly id: string
  readonly createdAt: Date
  readonly trustedServices: readonly string[]
  /** Accounts whose callers may assume it. */
  readonly trustedAccounts: readonly string[]
  /** What they have to name, where the trust policy asks for it (`sts:ExternalId`). */
  readonly externalId: string | undefined
  readonly policies: readonly string[]
  /** Simulated milliseconds from which on EKS can use it; absent for what was always there. */
  readonly usableAtMs?: number
}

export interface LaunchTemplateVersion {
  readonly version: number
  /** Simulated milliseconds from which on it can be read; absent for what was always there. */
  readonly readableAtMs?: number
  readonly createdAt: Date
  /** Launch template data in EC2's own member names; what the bans look at. */
  readonly data: Readonly<Record<string, unknown>>
  /** The client's token, so that a repeated call makes no second version. */
  readonly token?: string | undefined
}

export interface LaunchTemplate {
  readonly id: string
  readonly name: string
  readonly token?: string | undefined
  readonly tags: Readonly<Record<string, string>>
  readonly versions: LaunchTemplateVersion[]
  defaultVersion: number
}

/** EC2 Auto Scaling's lifecycle words that this simulator reaches. */
type LifecycleState = 'Pending' | 'InService' | 'Standby' | 'Terminating:Wait' | 'Terminating:Proceed' | 'Terminated'

/** EKS emptying a node: before an instance ends (terminate hook), or because an update replaces it. */
export interface Drain {
  readonly by: 'TerminateHook' | 'VersionUpdate' | 'SpotInterruption'
  readonly startedAt: Date
  state: 'Evicting' | 'Deleting' | 'Drained' | 'TimedOut'
  /** Pods that were there at the last look, as `namespace/name`. */
  podsLeft: readonly string[]
}

/** What an instance boots with. */
export interface LaunchSoftware {
  readonly imageId: string
  /** The kubelet's minor version. */
  readonly kubernetesVersion: string
  /** The user's launch template, as EKS puts it on nodes as labels. */
  readonly sourceTemplate: { readonly id: string; readonly version: string } | undefined
  readonly instanceTypes: readonly string[]
}

/** A condition that a machine's Node is to show. */
export interface NodeTrouble {
  readonly condition: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
  /** Real time, as in everything that nodes report. */
  readonly since: Date
}

export interface Instance {
  readonly id: string
  readonly type: string
  readonly zone: string
  readonly subnetId: string
  readonly privateIp: string
  readonly privateDnsName: string
  readonly launchedAt: Date
  readonly imageId: string
  readonly kubernetesVersion: string
  readonly sourceTemplate: LaunchSoftware['sourceTemplate']
  readonly tags: Readonly<Record<string, string>>
  readonly scalingGroup: string
  readonly templateVersion: number
  state: 'pending' | 'running' | 'shutting-down' | 'terminated'
  lifecycle: LifecycleState
  protectedFromScaleIn: boolean
  /** The kubelet has registered (or would have, when no cluster is there to join). */
  joined: boolean
  /** What Auto Scaling thinks of it. */
  health: 'Healthy' | 'Unhealthy'
  /** EKS has cordoned its node, or wants to. */
  cordoned: boolean
  drain: Drain | undefined
  /** Ordered at `/_simulator/orders`: the kubelet is silent, or a monitoring agent reports a condition. */
  trouble: NodeTrouble | undefined
}

export interface ScalingActivity {
  readonly id: string
  readonly group: string
  readonly description: string
  readonly cause: string
  readonly startedAt: Date
  endedAt: Date | undefined
  statusCode: 'InProgress' | 'Successful' | 'Failed'
  statusMessage: string | undefined
  progress: number
}

export interface ScalingNumbers {
  readonly minSize: number
  readonly maxSize: number
  readonly desiredSize: number
}

export interface ScalingGroup {
  readonly name: string
  readonly arn: string
  readonly createdAt: Date
  readonly subnetIds: readonly string[]
  readonly zones: readonly string[]
  readonly capacityType: 'ON_DEMAND' | 'SPOT' | 'CAPACITY_BLOCK'
  software: LaunchSoftware
  readonly templateId: string
  /** Of EKS' own copy of the template; every version update makes a new one. */
  templateVersion: number
  readonly terminationPolicies: readonly string[]
  tags: Record<string, string>
  /** Keys of tags that new instances do not get. */
  readonly localTags: Set<string>
  readonly nodegroup: { readonly cluster: string; readonly name: string } | undefined
  minSize: number
  maxSize: number
  desiredSize: number
  readonly suspended: Set<string>
  readonly instanceIds: Set<string>
  /** Newest last. */
  readonly activities: ScalingActivity[]
  /** The service that alone may change the group, where there is one. */
  operator: string | undefined
  /** The instance that AZRebalance has launched beyond the desired capacity, until another one leaves for it. */
  rebalancing: string | undefined
  rebalanceScheduled: boolean
  launchScheduled: boolean
  retryScheduled: boolean
  deleted: boolean
}

type NodegroupStatus = 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING' | 'CREATE_FAILED' | 'DELETE_FAILED' | 'DEGRADED'

export interface HealthIssue {
  readonly code: string
  readonly message: string
  readonly resourceIds: readonly string[]
}

export interface Taint {
  readonly key: string
  readonly value?: string
  readonly effect: 'NO_SCHEDULE' | 'NO_EXECUTE' | 'PREFER_NO_SCHEDULE'
}

/** One thing that EKS knows about the group's numbers, and from when on it shows it. */
interface SeenNumbers extends ScalingNumbers {
  readonly visibleAtMs: number
}

export interface Nodegroup {
  readonly name: string
  readonly cluster: string
  readonly arn: string
  readonly id: string
  readonly createdAt: Date
  version: string
  releaseVersion: string
  readonly capacityType: 'ON_DEMAND' | 'SPOT' | 'CAPACITY_BLOCK'
  instanceTypes: readonly string[]
  /** The types stand in the launch template; EKS then shows none. */
  readonly typesInTemplate: boolean
  readonly subnets: readonly string[]
  readonly amiType: string
  readonly nodeRole: string
  /** Simulated milliseconds from which on it can be read. */
  readonly readableAtMs: number
  readonly diskSize: number | undefined
  launchTemplate: { readonly id: string; readonly name: string; readonly version: string } | undefined
  imageId: string
  modifiedAt: Date
  status: NodegroupStatus
  /** Set by a failed launch, cleared only by a launch that succeeds later: what ACTIVE becomes until then (containers-roadmap#2326). */
  degraded: boolean
  healthIssues: HealthIssue[]
  labels: Record<string, string>
  taints: Taint[]
  tags: Record<string, string>
  updateConfig: Readonly<Record<string, unknown>>
  nodeRepairConfig: Readonly<Record<string, unknown>> | undefined
  seenNumbers: SeenNumbers[]
  /** The numbers asked for at creation, until the Auto Scaling group is there. */
  requested: ScalingNumbers
  scalingGroup: string | undefined
}

export interface NodegroupUpdate {
  readonly id: string
  readonly nodegroup: string
  readonly type: 'ConfigUpdate' | 'VersionUpdate'
  readonly params: readonly { readonly type: string; readonly value: string }[]
  readonly createdAt: Date
  status: 'InProgress' | 'Failed' | 'Cancelled' | 'Successful'
  errors: readonly { readonly errorCode: string; readonly errorMessage: string; readonly resourceIds: readonly string[] }[]
}

export interface Cluster {
  readonly name: string
  readonly arn: string
  version: string
  endpoint: string
  /** PEM in base64, as EKS gives it. */
  certificateAuthority: string
  readonly createdAt: Date
  readonly roleArn: string
  readonly subnetIds: readonly string[]
  readonly vpcId: string
  readonly securityGroupId: string
  status: 'CREATING' | 'ACTIVE' | 'DELETING' | 'FAILED' | 'UPDATING' | 'PENDING'
  tags: Record<string, string>
  readonly nodegroups: Map<string, Nodegroup>
  /** Newest last. */
  updates: NodegroupUpdate[]
  /** Answers by `clientRequestToken`, so that a repeated call gets the same one. */
  readonly tokens: Map<string, { readonly paramsKey: string; readonly answer: unknown }>
}
