import type { ScalingGroup } from '../../aws/autoscaling/port.ts'
import type { NodeGroup } from '../../aws/eks/port.ts'
import type { EksNodeGroup, EksNodeGroupEvent, ManagedEksNodeGroupSpec } from '../../crds/eks-node-group.ts'
import type { Draft, Frozen, ReconcileContext, Result } from '../../runtime/reconciler.ts'
import type { GroupTarget, SizePort, Surroundings } from './ports.ts'
import type { Agenda } from './agenda.ts'
import type { EksLag } from './eks-lag.ts'
import type { OnceTokens } from './removals/once.ts'
import type { SentCalls } from './sent-calls.ts'
import type { RefusedSettings } from './settings/refused-settings.ts'

export type GroupDraft = Draft<EksNodeGroup>
/** The runtime's, which tells any Event: a node group tells those that its page lists. */
export type GroupContext = Omit<ReconcileContext, 'event'> & { readonly event: (event: EksNodeGroupEvent) => void }

/** What the cloud and the cluster said at the beginning of a pass. */
export interface Seen {
  readonly group: NodeGroup | undefined
  /** `undefined` where there is none: not made yet, deleted, or not shown (`hasUnseenScalingGroup`). */
  readonly scalingGroup: ScalingGroup | undefined
  /** When AWS told `scalingGroup` to this pass; absent where it comes from the shared sweep. */
  readonly countsAt?: Date
  readonly nodes: SeenNodes
  /** A Cluster Autoscaler moves the number too, while the spec has one: present while that is so. */
  readonly twoOwners?: true
}

export interface SeenNodes {
  /** Instances that are not on their way out. */
  readonly running: number
  /** Instances of a warm pool (aws-rules B9): counted nowhere else, and never chosen to leave. */
  readonly warm: number
  readonly joined: number
  readonly ready: number
  readonly zones: readonly { readonly name: string; readonly running: number }[]
  /** Instances whose Node is not there. */
  readonly notJoined: readonly string[]
  /** Nodes that are there and not Ready; `starts`: since they joined a moment ago, as far as one can tell. */
  readonly notReady: readonly { readonly name: string; readonly reason: string; readonly starts?: true }[]
  /** What AWS said about the newest launch, if it failed and instances are missing. */
  readonly launchFailure: string | undefined
}

/** All that the steps of one pass work with. */
export interface Pass {
  readonly draft: GroupDraft
  readonly spec: Frozen<ManagedEksNodeGroupSpec>
  readonly context: GroupContext
  readonly target: GroupTarget
  readonly seen: Seen
  /** When this pass asked the API server whether somebody holds the object back, and nobody did; absent where it did not ask. AWS may have been slow since. */
  readonly freeAt?: Date | undefined
  /** Somebody holds every change back: everything is said, and nothing is begun. */
  readonly held: boolean
  readonly sizes: SizePort
  readonly surroundings: Surroundings
  /** When steps that do not end the pass want to be called again. */
  readonly agenda: Agenda
  readonly once: OnceTokens
  readonly calls: SentCalls
  readonly eksLag: EksLag
  readonly refused: RefusedSettings
  /** Nodes that join from now on carry a taint that keeps pods off: an instance without a Node may be ended at once. */
  readonly lateNodesStayEmpty: boolean
  /** Name of the group in EKS. */
  readonly name: string
}

/** A step that changes something outside. A result ends the pass; `undefined` means that there was nothing to do. */
export type Act = (pass: Pass) => Promise<Result | undefined>

/** A step that only says what was seen, in the status and in one condition. */
export type Report = (pass: Pass) => void

/** The group's name in EKS. */
export function groupName(object: Frozen<EksNodeGroup>): string {
  return object.spec.nodeGroupName ?? object.metadata.name
}
