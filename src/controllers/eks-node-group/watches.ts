import { groupLabel } from '../../aws/eks/group-label.ts'
import type { EksNodeGroup } from '../../crds/eks-node-group.ts'
import type { TargetCluster } from '../../crds/target-cluster.ts'
import type { Node } from '../../kube/objects.ts'
import { keyOf } from '../../kube/resource.ts'
import type { Random } from '../../lib/random.ts'
import { isMarkedBy } from './ownership.ts'
import { groupName } from './pass.ts'
import type { GroupWithRole } from './ports.ts'
import { begunDrains } from './removals/begun-drains.ts'
import { isUpdating } from './updates/is-updating.ts'

/** Over this time the groups of a target that fell silent hear of it. */
const silenceSpreadMs = 60_000

/** Indexes of the EksNodeGroup cache, and what wakes an object besides itself. */
export const byTarget = 'byTarget'
export const byTargetAndGroup = 'byTargetAndGroup'
/** Only the groups that EKS updates. */
export const byTargetUpdating = 'byTargetUpdating'
/** Only the groups from which nodes are drained. */
export const byTargetDraining = 'byTargetDraining'

export const indexers = {
  [byTarget]: (group: EksNodeGroup): readonly string[] => [group.spec.targetClusterRef.name],
  [byTargetAndGroup]: (group: EksNodeGroup): readonly string[] => [`${group.spec.targetClusterRef.name}/${groupName(group)}`],
  [byTargetUpdating]: (group: EksNodeGroup): readonly string[] => (isUpdating(group) ? [group.spec.targetClusterRef.name] : []),
  [byTargetDraining]: (group: EksNodeGroup): readonly string[] => (begunDrains(group).length > 0 ? [group.spec.targetClusterRef.name] : []),
}

/** Whether a Node's change can change what a group's status says: it came, went, or its readiness flipped. */
export function matters(node: Node, before: Node | undefined): boolean {
  return before === undefined || readyStatus(node) !== readyStatus(before) || node.spec.providerID !== before.spec.providerID
}

/**
 * Whether a TargetCluster's change can change what its groups may do: another spec, another word of readiness, or another version, beyond which
 * EKS updates none of them. Node counts do not matter; what holds changes back is `holdMatters`.
 */
function targetMatters(target: TargetCluster, before: TargetCluster): boolean {
  if (target.metadata.generation !== before.metadata.generation || readyWord(target) !== readyWord(before)) return true
  return target.status?.eks?.version !== before.status?.eks?.version
}

/**
 * Tells each group of a TargetCluster of its change, where that matters to groups: at once, and spread over a minute when the target fell silent, since
 * hundreds write their status then. `tell` takes the milliseconds that it waits.
 */
export function tellOfTarget<Group>(
  [target, before]: readonly [now: TargetCluster, before: TargetCluster],
  groups: readonly Group[],
  random: Pick<Random, 'next'>,
  tell: (group: Group, afterMs: number) => void,
): void {
  if (!targetMatters(target, before)) return
  const spreadMs = fellSilent(target, before) ? silenceSpreadMs : 0
  for (const group of groups) tell(group, random.next() * spreadMs)
}

/** Whether nothing is known of a TargetCluster any more. All its groups become Unknown with it, and none of them can do anything about it. */
function fellSilent(target: TargetCluster, before: TargetCluster): boolean {
  return isUnknown(target) && !isUnknown(before)
}

/** A new value asks for everything to be read at once, whatever it says. */
const refreshAnnotation = 'tidegate.io/refresh'

/** Whether a person asked for everything to be read at once. To take the annotation away asks for nothing. */
export function asksToRefresh({ metadata }: EksNodeGroup, before: EksNodeGroup): boolean {
  const token = metadata.annotations?.[refreshAnnotation]
  return token !== undefined && token !== before.metadata.annotations?.[refreshAnnotation]
}

/** Whether a group stands on one of these Auto Scaling groups. */
export function standsOn({ status }: EksNodeGroup, scalingGroups: ReadonlySet<string>): boolean {
  return status?.autoScalingGroups?.some((name) => scalingGroups.has(name)) === true
}

/** The value of `byTargetAndGroup` under which a Node's group is found; `undefined` for a Node of no managed group. */
export function groupOf(target: string, node: Node): string | undefined {
  const name = node.metadata.labels?.[groupLabel]
  return name === undefined ? undefined : `${target}/${name}`
}

/** What TargetCluster's controller is told about an object that names a target. */
export function userOf(group: EksNodeGroup): {
  readonly object: string
  readonly groupName: string
  manages(tags: Readonly<Record<string, string>>): boolean
  readonly observes: boolean
  readonly isRefused: boolean
} {
  const { metadata, spec, status } = group
  const stalled = stalledBy(group)
  const isRefused = stalled !== undefined && refusals.has(stalled)
  return {
    object: keyOf(metadata),
    groupName: groupName(group),
    manages: (tags) => isMarkedBy(tags, metadata.uid),
    // `observed` stays in the status of one that is refused later.
    observes: spec.policy.management === 'Observe' && status?.observed !== undefined && !isRefused,
    isRefused,
  }
}

/** The group is another's, or in another cluster, or the object may not use the target. */
const refusals: ReadonlySet<string> = new Set(['AlreadyExists', 'OwnedByAnother', 'NotAllowedInNamespace', 'RoleNotAllowed', 'WrongCluster'])

/** The group in EKS that an object stands for, with the role of its nodes; `undefined` while its target's cluster has none, or its role is not known. */
export function withRole(group: EksNodeGroup): GroupWithRole | undefined {
  const { metadata, spec, status } = group
  // What the spec of one that is only observed still has from before was perhaps never true.
  const nodeRoleArn = spec.policy.management === 'Observe' ? status?.observed?.nodeRoleArn : spec.nodeRoleArn
  if (status?.arn === undefined || nodeRoleArn === undefined || stalledBy(group) === 'WrongCluster') return undefined
  return { name: groupName(group), nodeRoleArn, leaves: metadata.deletionTimestamp !== undefined }
}

/** Why the object needs somebody; `undefined` while it does not. */
function stalledBy({ status }: EksNodeGroup): string | undefined {
  return status?.conditions?.find(({ type, status: value }) => type === 'Stalled' && value === 'True')?.reason
}

function readyWord({ status }: TargetCluster): string | undefined {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  return ready === undefined ? undefined : `${ready.status}/${ready.reason}/${ready.message}`
}

function isUnknown({ status }: TargetCluster): boolean {
  return status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'Unknown'
}

function readyStatus({ status }: Node): string | undefined {
  return status?.conditions?.find(({ type }) => type === 'Ready')?.status
}
