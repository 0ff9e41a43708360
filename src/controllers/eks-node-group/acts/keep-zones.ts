import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import { rfc3339 } from '../../../runtime/conditions.ts'
import { checkpoint, type Result } from '../../../runtime/reconciler.ts'
import { remember } from '../operation.ts'
import type { Act, Pass } from '../pass.ts'
import { refuse } from '../refusal.ts'
import { areEven } from '../zones.ts'

const rebalancing = 'AZRebalance'
/** On the Auto Scaling group: which of its processes we suspended. */
const suspendedTag = 'tidegate.io/suspended'

/**
 * Before the first named removal from a group in several zones AWS' rebalancing is suspended: it would launch in the emptied zone and end a node elsewhere that
 * nobody drained (aws-rules B6). It is resumed when the zones are even again, if it was we who suspended it.
 */
export const keepZones: Act = async (pass) => {
  const { draft, seen, spec } = pass
  const { status } = draft
  const group = seen.scalingGroup
  if (group === undefined || group.operator !== undefined) return undefined
  if (status.rebalance !== undefined && status.rebalance.scalingGroup !== group.name) delete status.rebalance
  const removing = (status.removals ?? []).some(({ state }) => state === 'Removing')
  if (!removing) return maySwitchOn(pass, group) ? await resumeRebalance(pass) : undefined
  const isSuspended = group.suspendedProcesses.includes(rebalancing)
  if (spec.scaleDown.azRebalance === 'Leave' || group.zones.length < 2) return undefined
  // What somebody else suspended stays theirs.
  if (isSuspended && (status.rebalance === undefined || hasTag(group))) return undefined
  if (status.rebalance === undefined) {
    status.rebalance = { suspendedAt: rfc3339(pass.surroundings.now()), scalingGroup: group.name }
    return checkpoint
  }
  const refused = await asked(pass, async () => {
    const { scalingGroups } = pass.target.aws
    if (!isSuspended) await scalingGroups.suspend(group.name, [rebalancing], pass.context)
    await scalingGroups.tag(group.name, { [suspendedTag]: tagValue(pass) }, pass.context)
  })
  if (refused === undefined) tell(pass, group, { operation: 'SuspendRebalance', note: `suspended ${rebalancing} of ${group.name} while nodes leave by name` })
  return refused
}

/**
 * Takes back our own suspension; does nothing where it is not ours. Also before EKS updates the nodes, which needs the rebalancing.
 * A result ends the pass.
 */
export async function resumeRebalance(pass: Pass): Promise<Result | undefined> {
  const { draft, seen, target, context } = pass
  const group = seen.scalingGroup
  if (group === undefined || !isOurs(pass, group)) return undefined
  const isSuspended = group.suspendedProcesses.includes(rebalancing)
  const refused = await asked(pass, async () => {
    if (isSuspended) await target.aws.scalingGroups.resume(group.name, [rebalancing], context)
    if (hasTag(group)) await target.aws.scalingGroups.untag(group.name, [suspendedTag], context)
  })
  if (refused !== undefined) return refused
  delete draft.status.rebalance
  // Where a removal was taken back in time, nothing was suspended.
  if (isSuspended || hasTag(group)) tell(pass, group, { operation: 'ResumeRebalance', note: `${rebalancing} of ${group.name} is on again` })
  return undefined
}

function tell(
  { draft, context, surroundings }: Pass,
  { name }: ScalingGroup,
  { operation, note }: { readonly operation: string; readonly note: string },
): void {
  remember(draft.status, { operation, to: name, outcome: 'Succeeded' }, surroundings.now())
  context.event({ type: 'Normal', reason: operation, action: operation, note })
}

/** Whether the suspension that stands is ours: by our own word, or by the tag where the status was lost. */
function isOurs(pass: Pass, group: ScalingGroup): boolean {
  return pass.draft.status.rebalance !== undefined || hasTag(group)
}

function maySwitchOn(pass: Pass, group: ScalingGroup): boolean {
  return isOurs(pass, group) && (pass.draft.status.removals ?? []).every(({ state }) => state === 'Gone' || state === 'Refused') && areEven(group)
}

/** Also where an earlier life of this object set it, or the one that had the group before: whoever has the group now has what Tidegate suspended in it. */
function hasTag({ tags }: ScalingGroup): boolean {
  return tags[suspendedTag]?.startsWith(`${rebalancing}/`) === true
}

function tagValue({ draft }: Pass): string {
  return `${rebalancing}/${draft.object.metadata.uid}`
}

async function asked(pass: Pass, write: () => Promise<void>): Promise<Result | undefined> {
  try {
    await write()
    return undefined
  } catch (error) {
    return refuse(pass.draft, error)
  } finally {
    pass.target.aws.scalingGroups.forget(pass.target.clusterName)
  }
}
