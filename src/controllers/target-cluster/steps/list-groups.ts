import { type AwsError, isAwsError } from '../../../aws/aws-error.ts'
import { madeBy } from '../../../aws/eks/made-by.ts'
import type { NodeGroup } from '../../../aws/eks/port.ts'
import { counted } from '../../../lib/counted.ts'
import type { DiscoveredGroup } from '../../../crds/target-cluster.ts'
import type { TargetPass } from '../pass.ts'
import type { ListedGroup, TargetAws, TargetUser } from '../ports.ts'

/** Groups are listed as often as configuration is looked at (aws-rules A5). */
const groupsAgeMs = 600_000
/** A group that is named and not listed may be on its way, or never come. */
const missingAgeMs = 120_000
const maxGroups = 200

/** `status.groups`: every node group that EKS has, with the object that manages or observes it, or the tool that its tags name. */
export async function listGroups(pass: TargetPass): Promise<void> {
  const { draft, facts, deps, name } = pass
  const { status, object } = draft
  const { eksClusterName, discovery } = object.spec
  if (discovery === 'None') {
    delete status.groups
    delete facts.described
    facts.groups = []
    return
  }
  if (eksClusterName === undefined || facts.aws === undefined || facts.clusterState === undefined) return
  const users = deps.others.users(name)
  // Where an object is gone, its group may be gone with it.
  if (
    facts.described !== undefined &&
    status.groups?.some((group) => group.object !== undefined && !users.some((user) => user.object === group.object && user.groupName === group.name))
  )
    delete facts.groupsCheckedAt
  if (isDue(pass, users)) await askEks(pass, eksClusterName, facts.aws)
  // Who has a group changes without a word from EKS.
  if (facts.described !== undefined) status.groups = facts.described.map((group) => describe(group, holderOf(group, users)))
}

function isDue({ draft: { status }, facts: { groupsCheckedAt }, deps }: TargetPass, users: readonly TargetUser[]): boolean {
  if (groupsCheckedAt === undefined) return true
  const held = new Set(status.groups?.flatMap((group) => (group.object === undefined ? [] : [group.name])))
  const isAwaited = users.some(({ groupName, isRefused }) => !isRefused && !held.has(groupName))
  return deps.now().getTime() - groupsCheckedAt.getTime() >= (isAwaited ? missingAgeMs : groupsAgeMs)
}

async function askEks({ context, facts, deps }: TargetPass, cluster: string, { nodeGroups }: TargetAws): Promise<void> {
  const now = deps.now()
  try {
    const names = (await nodeGroups.list(cluster, { signal: context.signal })).toSorted().slice(0, maxGroups)
    const refusals: AwsError[] = []
    const found = await Promise.all(
      names.map(async (group) => {
        try {
          return await nodeGroups.describe(cluster, group, { signal: context.signal, maxAgeMs: groupsAgeMs })
        } catch (error) {
          // Of somebody else's group, for one: the others are told.
          if (!isAwsError(error) || !isMissingRight(error)) throw error
          refusals.push(error)
          return undefined
        }
      }),
    )
    facts.described = found.filter((group) => group !== undefined)
    facts.groups = facts.described.map(listed)
    facts.groupsCheckedAt = now
    if (refusals[0] !== undefined) tellRefusal({ context }, refusals[0], `${counted(refusals.length, 'node group')} of ${names.length}`)
  } catch (error) {
    if (!isAwsError(error)) throw error
    context.log.warn({ err: error }, 'node groups cannot be listed')
    // The list is a courtesy: an outage shows in CloudReachable when it lasts, and the last list stays.
    if (!isMissingRight(error)) return
    // Nobody gives a right within seconds. What has another role than a group that goes is not known then: it is warned of that.
    facts.groupsCheckedAt = now
    facts.groups ??= []
    tellRefusal({ context }, error, 'all of them')
  }
}

/** Not so where there are no credentials, or old ones: those come. */
function isMissingRight({ reason }: AwsError): boolean {
  return reason === 'AccessDenied'
}

/** `CloudReachable` speaks of the cluster alone. */
function tellRefusal({ context }: Pick<TargetPass, 'context'>, { message }: AwsError, which: string): void {
  const note = `status.groups lacks what AWS does not let us read (${which}): ${message}`
  context.event({ type: 'Warning', reason: 'GroupsNotListed', action: 'List', note })
}

/**
 * Whose the group is: to name it is not enough, since also an object that may not use this TargetCluster can. The mark in AWS says who manages it; of several that
 * watch it the first by name is shown.
 */
function holderOf({ name, tags }: NodeGroup, users: readonly TargetUser[]): string | undefined {
  const named = users.filter(({ groupName }) => groupName === name)
  const manager = named.find((user) => user.manages(tags))
  return manager?.object ?? named.flatMap(({ observes, object }) => (observes ? [object] : [])).toSorted()[0]
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
