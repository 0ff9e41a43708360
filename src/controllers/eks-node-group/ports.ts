import type { ScalingGroupsPort } from '../../aws/autoscaling/port.ts'
import type { EksCluster, NodeGroupsPort } from '../../aws/eks/port.ts'
import type { EksNodeGroup } from '../../crds/eks-node-group.ts'
import type { TargetCluster } from '../../crds/target-cluster.ts'
import type { DrainService } from '../../drain/service.ts'
import type { Node } from '../../kube/objects.ts'
import type { Price } from './cost.ts'
import type { Holder } from '../../runtime/freeze.ts'
import type { Deadline } from '../../runtime/pass-deadline.ts'
import type { Frozen } from '../../runtime/reconciler.ts'

/** The nodes of one target cluster. */
export interface NodesPort {
  /** The Node with this EC2 instance id in its providerID, from the cache; `undefined` while it has not joined. */
  byInstance(instanceId: string): Node | undefined
  /** From the cache. */
  byName(name: string): Node | undefined
  /** The Nodes that EKS labelled as this group's, from the cache: enough for choosing, not for saying that there are none. */
  inGroup(groupName: string): readonly Node[]
  /** The Nodes without EKS' label of a managed group, from the cache: for words only. */
  outsideGroups(): readonly Node[]
  /** How many pods on a node would have to go (all but DaemonSet, mirror and finished ones), from the cache: for choosing. */
  podsOn(nodeName: string): number
  /** Names of all Nodes that EKS labelled as this group's. Asks the API server, not the cache: a Node that a slow watch has not shown counts. */
  namesInGroup(groupName: string, options: { readonly signal: AbortSignal }): Promise<readonly string[]>
  /** Names (`namespace/name`) of the pods on a node that a deletion would hurt, as a drain counts them. Asks the API server, not the cache. */
  podsInTheWay(nodeName: string, options: { readonly signal: AbortSignal }): Promise<readonly string[]>
}

/** Isolates, empties and releases the nodes of one target; one for all groups of it, docs/drain.md. */
export type DrainPort = Omit<DrainService, 'setBudget'>

/** The AWS surroundings of one target, as far as a node group needs them. */
export interface GroupAws {
  readonly nodeGroups: NodeGroupsPort
  readonly scalingGroups: ScalingGroupsPort
}

/** A managed node group of a cluster, as far as the role of its nodes goes. */
export interface GroupWithRole {
  /** In EKS. */
  readonly name: string
  readonly nodeRoleArn: string
  /** It is being deleted. */
  readonly leaves: boolean
}

/** A target cluster that answers. */
export interface GroupTarget {
  readonly clusterName: string
  /** Says in which region and account it is. */
  readonly clusterArn: string
  /** `Active` or `Updating` when EKS takes changes to node groups. */
  readonly clusterState: string
  /** The Kubernetes version of the cluster, as EKS said some minutes ago; `undefined` where it is not known. */
  readonly clusterVersion: EksCluster['version']
  /** As EKS said some minutes ago; `undefined` where it is not known. */
  readonly authenticationMode: EksCluster['authenticationMode']
  /** All managed groups of the cluster by the target's own listing, some minutes old; none where it makes no list, `undefined` before the first. For words only. */
  readonly listedGroups: readonly GroupWithRole[] | undefined
  /** What instances cost there, where an administrator said it. */
  readonly prices: readonly Price[]
  /** When drains and updates may start, in `timeZone`; at any time when empty. */
  readonly windows: NonNullable<Frozen<TargetCluster>['spec']['windows']>
  readonly timeZone: string
  readonly nodes: NodesPort
  readonly drain: DrainPort
  /**
   * Whether a Cluster Autoscaler in the target moves the number of this Auto Scaling group; an answer is at most some minutes old. Errors: `KubeError`
   * when it cannot be known.
   */
  readonly autoscaler: { moves(scalingGroup: string): Promise<boolean> }
  readonly aws: GroupAws
}

/**
 * How a target stands for an object that wants to use it. `reason` is fit for a condition; what a group does about it follows from the state:
 *
 * - `missing`, `notReady`: waits, and heals by itself. - `connecting`: was ready, and will be in a moment. - `refused`: somebody has to change something. - `unreachable`: nothing can be known now.
 * - `gone`: no Node of it can be looked at ever again. Where `eks` is absent, EKS has nothing of it left either; else it is to be asked.
 */
export type TargetState =
  | { readonly state: 'ready'; readonly target: GroupTarget }
  | {
      readonly state: 'gone'
      readonly reason: string
      readonly message: string
      /** Of the cluster that was, or that `eks` has. */
      readonly clusterArn: string | undefined
      readonly eks: Pick<GroupTarget, 'clusterName' | 'aws'> | undefined
    }
  | { readonly state: 'missing' | 'connecting' | 'notReady' | 'refused' | 'unreachable'; readonly reason: string; readonly message: string }

export interface TargetsPort {
  /** `roleArn` is absent for a group that is only observed. `CleanUp`: only what bears the object's own mark is removed, which no one has to allow. */
  find(name: string, use: { readonly namespace: string; readonly roleArn: string | undefined } | 'CleanUp'): TargetState
}

/** Writes the one field of a group's spec that the operator owns under `sizeOwner: Orders`. */
export interface SizePort {
  /**
   * Conditional on the object's UID and resourceVersion; a conflict means that somebody was first, and the next pass looks again. Returns the object's
   * resourceVersion after it.
   */
  setDesiredSize(group: Frozen<EksNodeGroup>, desiredSize: number, options: { readonly signal: AbortSignal }): Promise<string>
}

/** Time, chance, who we are, and who may hold us back. */
export interface Surroundings {
  readonly now: () => Date
  /** A signal that aborts when `outer` does, and after so many milliseconds: for what is tried for a short time only. It has to be ended. */
  readonly within: (ms: number, outer: AbortSignal) => Deadline
  /** A nonce for an operation (aws-rules A1). */
  readonly newToken: () => string
  /** Id of the management cluster, for the ownership mark (aws-rules A6). */
  readonly managementCluster: string
  /** What besides an object itself may hold its changes back, as the caches show it now: its TargetCluster, and the release namespace. */
  readonly holders: (targetCluster: string) => readonly Holder[]
  /** The same from the API server, at most 1 s old: to be asked before something is begun, since a silent watch shows no freeze. Errors: `KubeError`. */
  readonly askHolders: (targetCluster: string, options: { readonly signal: AbortSignal }) => Promise<readonly Holder[]>
  /**
   * The object with this one's namespace and name as the API server has it now: a silent watch shows no freeze, no other spec and no deletion. `undefined`
   * when there is none. Errors: `KubeError`.
   */
  readonly askObject: (object: Frozen<EksNodeGroup>, options: { readonly signal: AbortSignal }) => Promise<Frozen<EksNodeGroup> | undefined>
  /** `EksNodeGroup namespace/name` of the object with this UID in this management cluster, from the cache; `undefined` when none lives. */
  readonly livingOwner: (uid: string) => string | undefined
  /** The groups in EKS that the objects of this target stand for, from the cache. */
  readonly groupsWithRole: (targetCluster: string) => readonly GroupWithRole[]
}
