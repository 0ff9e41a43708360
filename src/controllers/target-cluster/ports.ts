import type { ScalingGroupsPort } from '../../aws/autoscaling/port.ts'
import type { ClustersPort, NodeGroupsPort } from '../../aws/eks/port.ts'
import type { ClusterTokensPort, IdentityPort } from '../../aws/sts/port.ts'
import type { DrainService } from '../../drain/service.ts'
import type { KubeClient } from '../../kube/client.ts'
import type { Node } from '../../kube/objects.ts'
import type { Holder } from '../../runtime/freeze.ts'
import type { ClusterAutoscaler } from './cluster-autoscaler.ts'
import type { SecretHolds } from './secret-holds.ts'
import type { TargetLease } from './target-lease.ts'

/** Where, and as whom, AWS is asked: `spec.aws` of a TargetCluster. */
export interface AwsPlace {
  readonly region: string
  /** Assumed, where it stands; else the operator's own credentials are used. */
  readonly roleArn?: string
  readonly externalId?: string
}

/** The AWS of one place, as far as this kind and the groups that use it need it. */
export interface TargetAws {
  readonly clusters: ClustersPort
  readonly nodeGroups: NodeGroupsPort
  readonly scalingGroups: ScalingGroupsPort
  readonly identity: IdentityPort
  readonly clusterTokens: ClusterTokensPort
}

/** A Secret as far as a kubeconfig in it goes. */
export interface KubeconfigSecret {
  readonly uid: string
  /** The value under the key, decoded; `undefined` when the key is not there. */
  readonly value: string | undefined
  /** It carries our finalizer. */
  readonly held: boolean
  /** Somebody has deleted it: it stays as long as a finalizer does. */
  readonly leaving: boolean
}

/** Kubeconfigs that people put into Secrets of the operator's own namespace. Errors: `KubeError`. */
export interface SecretsPort {
  /** `undefined` when the Secret is not there. */
  read(name: string, key: string, options: { readonly signal: AbortSignal }): Promise<KubeconfigSecret | undefined>
  /** Puts our finalizer on this very Secret. Errors: `KubeError` when it is gone or another one now. */
  hold(name: string, uid: string, options: { readonly signal: AbortSignal }): Promise<void>
  /** Takes our finalizer off, if it is there. */
  release(name: string, options: { readonly signal: AbortSignal }): Promise<void>
}

/** What of a target's nodes is kept in memory. */
export interface NodeCache {
  list(): readonly Node[]
  byName(name: string): Node | undefined
  /** By EC2 instance id, from the providerID. */
  byInstance(instanceId: string): Node | undefined
  /** By the label that EKS sets. */
  inGroup(groupName: string): readonly Node[]
  /** How many pods on a node would have to go: all but DaemonSet, mirror and finished ones. */
  podsOn(nodeName: string): number
  /** GPUs that pods which have not finished request on Nodes, by the scheduler's own reckoning. */
  gpusRequested(): number
  /** Nodes and pods have both been known once. */
  readonly hasSynced: boolean
  /** How the two are followed. */
  feeds(): readonly Feed[]
}

/** How well a cache is known to be up to date. */
export interface Feed {
  readonly resource: 'nodes' | 'pods'
  /** Since the API server last showed that it is, on a monotonic clock; `Infinity` before the first list. */
  readonly ageMs: number
  /** The error with which the last attempt to follow ended, where there is no contact since. */
  readonly failure: unknown
}

/** Empties the nodes of one target. */
export type TargetDrain = Pick<DrainService, keyof DrainService>

/** An open way to one target cluster. */
export interface TargetConnection {
  readonly client: KubeClient
  readonly nodes: NodeCache
  readonly drain: TargetDrain
  readonly autoscaler: Pick<ClusterAutoscaler, 'moves'>
  /** Ours in this target; renewed as long as the connection is open. */
  readonly lease: Pick<TargetLease, 'claim' | 'isHeld' | 'failsForMs' | 'release'>
}

/** By the kubeconfig in a Secret. */
export interface KubeconfigWay {
  readonly text: string
  readonly context: string | undefined
}

/** By what EKS says of a cluster, and a token made from AWS credentials. */
export interface EksTokenWay {
  readonly clusterName: string
  readonly endpoint: string
  /** PEM in base64. */
  readonly certificateAuthority: string
  /** Whose credentials the tokens are made of. */
  readonly place: AwsPlace
  readonly tokens: ClusterTokensPort
}

export interface ConnectionsPort {
  /**
   * The connection of `name`, opened when there is none or when the way (absent: the cluster that holds our objects) has changed.
   * Errors: `KubeconfigError` from a kubeconfig or an address that is refused.
   */
  open(name: string, way: KubeconfigWay | EksTokenWay | undefined): Promise<TargetConnection>
  close(name: string): void
}

/** Everything that a TargetCluster's controller is given. */
export interface TargetClusterDeps {
  readonly secrets: SecretsPort
  readonly connections: ConnectionsPort
  readonly aws: (place: AwsPlace) => TargetAws
  readonly now: () => Date
  readonly others: OthersPort
  readonly secretHolds: SecretHolds
}

export interface OtherTarget {
  readonly name: string
  readonly uid: string
  readonly targetUID: string | undefined
  readonly since: string
  /** Names of the Secrets that its spec names or its status holds. */
  readonly secrets: readonly string[]
}

/** A managed node group of the cluster, as the last listing told it. */
export interface ListedGroup {
  readonly name: string
  readonly nodeRoleArn: string
  /** EKS deletes it. */
  readonly leaves: boolean
}

/** An object that names a TargetCluster. */
export interface TargetUser {
  /** `namespace/name`. */
  readonly object: string
  /** Of its group in EKS. */
  readonly groupName: string
  /** Whether the tags of that group bear this very object's mark: of several objects that name a group, one at most. */
  manages(tags: Readonly<Record<string, string>>): boolean
  /** It is to watch the group only, may do so, and has seen it. */
  readonly observes: boolean
  /** It may not have the group, or not use the TargetCluster: nothing comes of it before somebody changes something. */
  readonly isRefused: boolean
}

/** What other objects say. */
export interface OthersPort {
  /** What besides the object itself may hold its changes back: the release namespace. */
  holders(): readonly Holder[]
  /** All TargetClusters, this one included. */
  targets(): readonly OtherTarget[]
  /** Who names this TargetCluster, whatever comes of it. */
  users(target: string): readonly TargetUser[]
}
