import type { ScalingInstance } from '../../../aws/autoscaling/port.ts'
import type { Node } from '../../../kube/objects.ts'

/** An instance of the group with its Node, as far as one has joined. */
export interface Member {
  readonly instanceId: string
  readonly zone: string
  /** EC2 Auto Scaling's own word: `InService`, `Terminating:Wait`, … */
  readonly lifecycleState: string
  readonly node: MemberNode | undefined
}

export interface MemberNode {
  readonly name: string
  readonly uid: string
  readonly providerID: string | undefined
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

/** Set aside, by somebody or for later: there, and no part of the desired number (EC2 Auto Scaling User Guide, "Temporarily remove instances"). */
const aside = /^(EnteringStandby|Standby|Warmed)/

/** Is one of those that the Auto Scaling group's desired number counts. */
export function isCounted(member: Pick<Member, 'lifecycleState'>): boolean {
  return !isLeaving(member) && !aside.test(member.lifecycleState)
}

/** The only states in which a termination is asked for (aws-rules B4). */
export function takesTermination({ lifecycleState }: Pick<Member, 'lifecycleState'>): boolean {
  return lifecycleState === 'InService' || lifecycleState === 'Standby'
}

interface Nodes {
  byInstance(instanceId: string): Node | undefined
  podsOn(nodeName: string): number
}

export function membersOf(instances: readonly ScalingInstance[], nodes: Nodes): readonly Member[] {
  return instances.map(({ instanceId, zone, lifecycleState }) => ({ instanceId, zone, lifecycleState, node: memberNode(nodes.byInstance(instanceId), nodes) }))
}

function memberNode(node: Node | undefined, nodes: Nodes): MemberNode | undefined {
  if (node === undefined) return undefined
  const { name, uid, creationTimestamp = '' } = node.metadata
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
  return { name, uid, providerID: node.spec.providerID, ready, pods: nodes.podsOn(name), createdAt: creationTimestamp }
}
