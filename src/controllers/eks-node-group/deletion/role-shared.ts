import { counted } from '../../../lib/counted.ts'
import type { Node } from '../../../kube/objects.ts'
import { firstNames } from '../../../lib/first-names.ts'
import type { Pass } from '../pass.ts'
import type { GroupTarget, GroupWithRole } from '../ports.ts'

/** What is known of a group that goes, and of who may depend on the role of its nodes. */
interface RoleQuestion extends Pick<GroupTarget, 'clusterName' | 'authenticationMode' | 'listedGroups'> {
  readonly group: { readonly name: string; readonly nodeRoleArn: string }
  /** The groups that objects of the target stand for, this one maybe among them. */
  readonly groupsOfObjects: readonly GroupWithRole[]
  /** Nodes of no managed group. */
  readonly nodes: readonly Node[]
}

/** Nodes that EKS Auto Mode or Fargate made, or that are not in AWS: they run as no role of a node group. */
const otherComputeTypes: ReadonlySet<string> = new Set(['auto', 'fargate', 'hybrid'])

/** Names in a message. */
const shown = 3

/**
 * What EKS will do to others when it deletes a group, and what to do before; `undefined` where it does nothing to anybody whom we see. With the last managed
 * group of a role EKS takes the role out of `aws-auth`, and self-managed nodes that run as it go NotReady (EKS user guide, "Delete a managed node group").
 * A Node does not tell as which role it runs: it is said who may be meant. Where access entries alone count nothing is read from `aws-auth`, and EKS leaves
 * the entries where they are (aws/containers-roadmap#2441).
 */
export function roleShared({ clusterName, authenticationMode, group, nodes, listedGroups, groupsOfObjects }: RoleQuestion): string | undefined {
  // Before the first listing after a start the other group that keeps the role may not be known.
  if (listedGroups === undefined) return undefined
  if (authenticationMode === 'Api' || hasOtherGroup(group, { listedGroups, groupsOfObjects })) return undefined
  const names = nodes.filter(mayHaveTheRole).map(({ metadata }) => metadata.name)
  if (names.length === 0) return undefined
  const who = `${counted(names.length, 'Node')} of no managed group (${firstNames(names.toSorted(), shown)})`
  // Else EKS refuses the entry.
  const before =
    authenticationMode === 'ConfigMap' ? `aws eks update-cluster-config --name ${clusterName} --access-config authenticationMode=API_AND_CONFIG_MAP, then ` : ''
  const make = `${before}aws eks create-access-entry --cluster-name ${clusterName} --principal-arn ${group.nodeRoleArn} --type EC2_LINUX`
  return (
    `${who} may run as the role of ${group.name}. With the last managed group of a role EKS removes the role from aws-auth: ` +
    `Nodes that run as it then go NotReady, unless it has an access entry. Make one before (it may exist already): ${make}; or give such Nodes another role`
  )
}

/** `roleShared` of the group of this pass, by what is remembered: nobody is asked. */
export function roleSharedBy({
  draft,
  target,
  seen,
  surroundings,
  name,
}: Pick<Pass, 'draft' | 'target' | 'seen' | 'surroundings' | 'name'>): string | undefined {
  const { group } = seen
  if (group === undefined) return undefined
  const { clusterName, authenticationMode, listedGroups } = target
  const groupsOfObjects = surroundings.groupsWithRole(draft.object.spec.targetClusterRef.name)
  const nodes = target.nodes.outsideGroups()
  return roleShared({ clusterName, authenticationMode, listedGroups, groupsOfObjects, nodes, group: { name, nodeRoleArn: group.nodeRoleArn } })
}

/** Says it as a Warning. To be called once, when the deletion begins: until the nodes are empty people can do something about it. */
export function tellRoleShared(pass: Pass): void {
  const note = roleSharedBy(pass)
  if (note !== undefined) pass.context.event({ type: 'Warning', reason: 'RoleShared', action: 'Delete', note })
}

/**
 * Whether another group keeps the role in `aws-auth`. One that is being deleted too keeps nothing, and its object says so sooner than a listing; which role
 * a group has is better known from EKS than from a spec.
 */
function hasOtherGroup({ name: own, nodeRoleArn }: RoleQuestion['group'], { listedGroups, groupsOfObjects }: OtherGroups): boolean {
  const leaving = new Set([...listedGroups, ...groupsOfObjects].filter(({ leaves }) => leaves).map(({ name }) => name))
  const listed = new Set(listedGroups.map(({ name }) => name))
  const all = [...listedGroups, ...groupsOfObjects.filter(({ name }) => !listed.has(name))]
  return all.some((other) => other.name !== own && other.nodeRoleArn === nodeRoleArn && !leaving.has(other.name))
}

interface OtherGroups {
  readonly listedGroups: readonly GroupWithRole[]
  readonly groupsOfObjects: readonly GroupWithRole[]
}

/** Karpenter, EKS Auto Mode, Fargate, hybrid nodes and HyperPod give their nodes access in other ways. */
function mayHaveTheRole({ metadata: { labels = {} } }: Node): boolean {
  if (labels['karpenter.sh/nodepool'] !== undefined || otherComputeTypes.has(labels['eks.amazonaws.com/compute-type'] ?? '')) return false
  return !Object.keys(labels).some((key) => key.startsWith('sagemaker.amazonaws.com/'))
}
