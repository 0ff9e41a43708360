import type { ScalingInstance } from '../../../aws/autoscaling/port.ts'
import type { Node } from '../../../kube/objects.ts'

/** An instance of the group with its Node, as far as one has joined. */
export interface Member {
  readonly instanceId: string
  readonly zone: string
  /** EC2 Auto Scaling's own word: `InService`, `Terminating:Wait`, … */
  readonly lifecycleState: string
  readonly node: MemberNode | undefined
  /** Somebody wants it kept: it is passed by where nobody names who leaves. */
  readonly keptBy?: KeptBy
}

/** Protection from scale-in at AWS, or the annotation that keeps a Cluster Autoscaler from the Node. */
export type KeptBy = 'Protection' | 'Annotation'

/**
 * With value `"true"` alone, in this spelling (Cluster Autoscaler FAQ, "How can I prevent Cluster Autoscaler from scaling down a particular node?";
 * kubernetes/autoscaler cluster-autoscaler/core/scaledown/eligibility/eligibility.go, `HasNoScaleDownAnnotation`).
 */
export const keepAnnotation = 'cluster-autoscaler.kubernetes.io/scale-down-disabled'

export interface MemberNode {
  readonly name: string
  readonly uid: string
  readonly ready: boolean
  /** Pods that somebody would miss, as the cache shows them. */
  readonly pods: number
  /** RFC 3339. */
  readonly createdAt: string
}

/** `Terminating`, `Terminating:Wait`, `Terminated`, `Detaching`, …: on the way out (EC2 Auto Scaling User Guide, "instance lifecycle"). */
const leaving = /^(Terminat|Detach)/

export function isLeaving({ lifecycleState }: Pick<Member, 'lifecycleState'>): boolean {
  return leaving.test(lifecycleState)
}

/** Somebody takes it out of the group: the machine and its pods run on. */
export function isDetaching({ lifecycleState }: Pick<Member, 'lifecycleState'>): boolean {
  return lifecycleState.startsWith('Detach')
}

/** Whether the machine is no more, or is none of the group any more. `member`: as AWS shows it, `undefined` when it does not. */
export function hasLeft(member: Pick<Member, 'lifecycleState'> | undefined): boolean {
  return member === undefined || member.lifecycleState === 'Terminated'
}

/** `Warmed:Stopped`, `Warmed:Running`, …: in the warm pool, and no part of the desired number (EC2 Auto Scaling, "warm pool instance lifecycle"). */
export function isWarm({ lifecycleState }: Pick<Member, 'lifecycleState'>): boolean {
  return lifecycleState.startsWith('Warmed')
}

/** Set aside by somebody: there, and no part of the desired number (EC2 Auto Scaling User Guide, "Temporarily remove instances"). */
const aside = /^(EnteringStandby|Standby)/

/** Is one of those that the Auto Scaling group's desired number counts. */
export function isCounted(member: Pick<Member, 'lifecycleState'>): boolean {
  return !isLeaving(member) && !isWarm(member) && !aside.test(member.lifecycleState)
}

/** The only states in which a termination is asked for (aws-rules B4). */
export function takesTermination({ lifecycleState }: Pick<Member, 'lifecycleState'>): boolean {
  return lifecycleState === 'InService' || lifecycleState === 'Standby'
}

interface Nodes {
  byInstance(instanceId: string): Node | undefined
  podsOn(nodeName: string): number
}

/** `protectedByUs`: instances whose protection is our own, for a while. */
export function membersOf(instances: readonly ScalingInstance[], nodes: Nodes, protectedByUs: ReadonlySet<string>): readonly Member[] {
  return instances.map(({ instanceId, zone, lifecycleState, protectedFromScaleIn }) => {
    const node = nodes.byInstance(instanceId)
    const isProtected = protectedFromScaleIn && !protectedByUs.has(instanceId)
    const keptBy = isProtected ? 'Protection' : node?.metadata.annotations?.[keepAnnotation] === 'true' ? 'Annotation' : undefined
    return { instanceId, zone, lifecycleState, node: memberNode(node, nodes), ...(keptBy === undefined ? {} : { keptBy }) }
  })
}

function memberNode(node: Node | undefined, nodes: Nodes): MemberNode | undefined {
  if (node === undefined) return undefined
  const { name, uid, creationTimestamp = '' } = node.metadata
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
  return { name, uid, ready, pods: nodes.podsOn(name), createdAt: creationTimestamp }
}
