import { isAwsError } from '../../../aws/aws-error.ts'
import { madeBy } from '../../../aws/eks/made-by.ts'
import type { NodeGroup } from '../../../aws/eks/port.ts'
import type { DiscoveredGroup } from '../../../crds/target-cluster.ts'
import type { TargetPass } from '../pass.ts'
import type { ListedGroup } from '../ports.ts'

/** Groups are listed as often as configuration is looked at (aws-rules A5). */
const groupsAgeMs = 600_000
/** A group that is named and not listed may be on its way, or never come. */
const missingAgeMs = 120_000
const maxGroups = 200

/** `status.groups`: every node group that EKS has, with the object that manages it, or the tool that its tags name. */
export async function listGroups({ draft, context, facts, deps, name }: TargetPass): Promise<void> {
  const { status, object } = draft
  const { eksClusterName, discovery } = object.spec
  if (discovery === 'None') {
    delete status.groups
    facts.groups = []
    return
  }
  if (eksClusterName === undefined || facts.aws === undefined || facts.clusterState === undefined) return
  const now = deps.now()
  const users = new Map(deps.others.users(name).map((user) => [user.groupName, user.object]))
  const known = new Set(status.groups?.flatMap((group) => (group.object === undefined ? [] : [group.name])))
  const missing = [...users.keys()].some((group) => !known.has(group))
  const ageMs = facts.groupsCheckedAt === undefined ? Number.POSITIVE_INFINITY : now.getTime() - facts.groupsCheckedAt.getTime()
  if (ageMs < (missing ? missingAgeMs : groupsAgeMs) && [...known].every((group) => users.has(group))) return
  try {
    const { nodeGroups } = facts.aws
    const names = (await nodeGroups.list(eksClusterName, { signal: context.signal })).toSorted().slice(0, maxGroups)
    const found = await Promise.all(
      names.map(async (group) => await nodeGroups.describe(eksClusterName, group, { signal: context.signal, maxAgeMs: groupsAgeMs })),
    )
    status.groups = found.flatMap((group) => (group === undefined ? [] : [describe(group, users.get(group.name))]))
    facts.groups = found.flatMap((group) => (group === undefined ? [] : [listed(group)]))
    facts.groupsCheckedAt = now
  } catch (error) {
    // The list is a courtesy: a failure shows in CloudReachable when it lasts, and the last list stays.
    if (!isAwsError(error)) throw error
    context.log.warn({ err: error }, 'node groups cannot be listed')
  }
}

function listed({ name, nodeRoleArn, state }: NodeGroup): ListedGroup {
  return { name, nodeRoleArn, leaves: state === 'Deleting' }
}

function describe(group: NodeGroup, object: string | undefined): DiscoveredGroup {
  const tool = madeBy(group.tags)
  return {
    name: group.name,
    type: 'Eks',
    state: group.state,
    ...(object === undefined ? {} : { object }),
    ...(object !== undefined || tool === undefined ? {} : { managedBy: tool }),
    instanceTypes: [...group.instanceTypes],
    capacityType: group.capacityType,
  }
}
