import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import { isAwsError } from '../../../aws/aws-error.ts'
import { rfc3339 } from '../../../runtime/conditions.ts'
import { checkpoint, requeueAfter, type Result } from '../../../runtime/reconciler.ts'
import { lostCallMs, remember } from '../operation.ts'
import type { Act, Pass } from '../pass.ts'
import { refuse } from '../refusal.ts'
import { areEven } from '../zones.ts'

const rebalancing = 'AZRebalance'
/** Said of the request itself, so that no attempt of it was taken. */
const forGood = ['AccessDenied', 'Invalid', 'NotFound', 'QuotaExceeded'] as const
/**
 * On the Auto Scaling group: which of its processes we suspended. It is set before, so that a suspension without it is somebody else's, also where we meant
 * to suspend and a freeze or a death came first: AWS says not who suspended a process, and to resume a person's suspension could end a node that nobody
 * drained. The price: who suspends it between our two calls, of which the second never left, has it resumed with ours. The other order would take every
 * suspension for ours that comes between the intent and the tag, hours where a freeze is, or leave our own behind for good.
 */
const suspendedTag = 'tidegate.io/suspended'

/**
 * Before the first named removal from a group in several zones AWS' rebalancing is suspended: it would launch in the emptied zone and end a node elsewhere that
 * nobody drained (aws-rules B6). So it is before a number is lowered to what has arrived (B5): where one zone has no capacity, that leaves it short, and AWS would
 * even the zones as soon as it has some ("rebalancing might terminate instances in other zones": EC2 Auto Scaling API Reference,
 * TerminateInstanceInAutoScalingGroup). It is resumed when the zones are even again, if it was we who suspended it.
 */
export const keepZones: Act = async (pass) => {
  const { draft, seen } = pass
  const { status } = draft
  const group = seen.scalingGroup
  if (group === undefined || group.operator !== undefined) return undefined
  if (status.rebalance !== undefined && status.rebalance.scalingGroup !== group.name) delete status.rebalance
  switch (zonesStep(pass, group)) {
    case 'Intend':
      status.rebalance = { suspendedAt: rfc3339(pass.surroundings.now()), scalingGroup: group.name }
      return checkpoint
    case 'Suspend':
      return await suspend(pass, group.name)
    case 'TakeBack':
      return await resumeRebalance(pass)
    case 'Forget':
      delete status.rebalance
      break
    case 'Nothing':
      break
  }
  return undefined
}

/**
 * What is to be done about the rebalancing, as far as this answer of AWS tells. Pure. `Forget`: somebody else suspended what we had meant to. `TakeBack`:
 * nobody leaves any more, nothing is withdrawn, the zones are even, and the tag or the status names something of ours.
 */
export function zonesStep(
  { draft, spec, surroundings }: Pick<Pass, 'draft' | 'spec' | 'surroundings'>,
  group: ScalingGroup,
): 'Nothing' | 'Forget' | 'Intend' | 'Suspend' | 'TakeBack' {
  const { removals = [], rebalance, withdrawal } = draft.status
  if (withdrawal !== undefined || removals.some(({ state }) => state === 'Removing')) {
    if (spec.scaleDown.azRebalance === 'Leave' || group.zones.length < 2) return 'Nothing'
    if (isSuspended(group)) return rebalance !== undefined && whoseIs({ draft, surroundings }, group) === 'Theirs' ? 'Forget' : 'Nothing'
    return rebalance === undefined ? 'Intend' : 'Suspend'
  }
  const isOver = removals.every(({ state }) => state === 'Gone' || state === 'Refused') && (areEven(group) || !isSuspended(group))
  return isOver && (rebalance !== undefined || hasTag(group)) ? 'TakeBack' : 'Nothing'
}

async function suspend(pass: Pass, name: string): Promise<Result | undefined> {
  const { draft, target, context, surroundings } = pass
  const { scalingGroups } = target.aws
  // Nodes were drained since this pass looked, maybe for a minute.
  const [now] = await scalingGroups.describe([name], context)
  if (now === undefined) return requeueAfter(5_000)
  if (isSuspended(now)) return undefined
  const { rebalance } = draft.status
  draft.status.rebalance = { suspendedAt: rfc3339(surroundings.now()), scalingGroup: name }
  const refused = await asked(pass, async () => {
    try {
      if (!hasTag(now)) await scalingGroups.tag(name, { [suspendedTag]: tagValue(pass) }, context)
      await scalingGroups.suspend(name, [rebalancing], context)
    } catch (error) {
      if (!isAwsError(error) || error.kind === 'Unavailable') {
        // It may still arrive: the time counts from the end of the last attempt, as each of them takes its own.
        draft.status.rebalance = { suspendedAt: rfc3339(surroundings.now()), scalingGroup: name }
      } else {
        // The time stays: one that moved with each try would wake the object at once.
        if (rebalance !== undefined) draft.status.rebalance = rebalance
        // AWS said no: whoever suspends it until we may is somebody else. Not where it has no time: an attempt before, of which the answer was lost, may be
        // what it is at work on.
        if (isAwsError(error, ...forGood)) await scalingGroups.untag(name, [suspendedTag], context).catch(() => undefined)
      }
      throw error
    }
  })
  const why = draft.status.withdrawal === undefined ? 'nodes leave by name' : 'what has not arrived is withdrawn'
  if (refused === undefined) tell(pass, now, { operation: 'SuspendRebalance', note: `suspended ${rebalancing} of ${name} while ${why}` })
  return refused
}

/**
 * Takes back our own suspension; does nothing where it is not ours. Also before EKS updates the nodes, which needs the rebalancing.
 * A result ends the pass.
 */
export async function resumeRebalance(pass: Pass): Promise<Result | undefined> {
  const { draft, seen, target, context } = pass
  const { status } = draft
  const group = seen.scalingGroup
  if (group === undefined || group.operator !== undefined) return undefined
  const whose = whoseIs(pass, group)
  if (whose === 'Unclear') pass.agenda.within(msOnItsWay(pass))
  else if (whose !== 'Ours') delete status.rebalance
  if (whose !== 'Ours') return undefined
  const refused = await asked(pass, async () => {
    if (isSuspended(group)) await target.aws.scalingGroups.resume(group.name, [rebalancing], context)
    // After it: killed in between, what is left says that it was ours, and is taken away by the next pass.
    await target.aws.scalingGroups.untag(group.name, [suspendedTag], context)
  })
  if (refused !== undefined) return refused
  delete status.rebalance
  tell(pass, group, { operation: 'ResumeRebalance', note: `${rebalancing} of ${group.name} is on again` })
  return undefined
}

/**
 * Whose suspension it is, or would be: the tag says it, also where the status was lost. What we asked for a moment ago may not show yet, and would be
 * nobody's without the tag; what shows without the tag later is theirs, whatever we had meant to do.
 */
function whoseIs(pass: Pick<Pass, 'draft' | 'surroundings'>, group: ScalingGroup): 'Ours' | 'Unclear' | 'Theirs' | 'Nobodys' {
  const mayBeOnItsWay = msOnItsWay(pass) > 0
  if (hasTag(group) && (isSuspended(group) || !mayBeOnItsWay)) return 'Ours'
  if (mayBeOnItsWay) return 'Unclear'
  return isSuspended(group) ? 'Theirs' : 'Nobodys'
}

/** For how long what we asked for may still begin to show, ms. */
function msOnItsWay({ draft, surroundings }: Pick<Pass, 'draft' | 'surroundings'>): number {
  const { rebalance } = draft.status
  return rebalance === undefined ? 0 : Math.max(0, lostCallMs - (surroundings.now().getTime() - Date.parse(rebalance.suspendedAt)))
}

/** For how long it cannot be told whether a suspension of ours stands, ms; 0 where it is clear. */
export function msUntilClear(pass: Pick<Pass, 'draft' | 'surroundings' | 'seen'>): number {
  const group = pass.seen.scalingGroup
  return group !== undefined && whoseIs(pass, group) === 'Unclear' ? msOnItsWay(pass) : 0
}

function tell(
  { draft, context, surroundings }: Pass,
  { name }: ScalingGroup,
  { operation, note }: { readonly operation: string; readonly note: string },
): void {
  remember(draft.status, { operation, to: name, outcome: 'Succeeded' }, surroundings.now())
  context.event({ type: 'Normal', reason: operation, action: operation, note })
}

function isSuspended({ suspendedProcesses }: ScalingGroup): boolean {
  return suspendedProcesses.includes(rebalancing)
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
  }
}
