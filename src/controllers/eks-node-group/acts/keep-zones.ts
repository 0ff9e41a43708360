import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import { isAwsError } from '../../../aws/aws-error.ts'
import { rfc3339 } from '../../../runtime/conditions.ts'
import { checkpoint, requeueAfter, type Result } from '../../../runtime/reconciler.ts'
import { deleteTagLine, resumeProcessLine } from '../aws-lines.ts'
import { lostCallMs, remember } from '../operation.ts'
import { unsharedMs } from '../pace.ts'
import type { Act, Pass } from '../pass.ts'
import { refuse } from '../refusal.ts'
import { leastOf } from '../removals/least.ts'
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
export function zonesStep(pass: Parameters<typeof leastOf>[0], group: ScalingGroup): 'Nothing' | 'Forget' | 'Intend' | 'Suspend' | 'TakeBack' {
  const { draft, spec, surroundings } = pass
  const { removals = [], rebalance, withdrawal } = draft.status
  // A withdrawal that has nothing left to withdraw only takes its protection back.
  const isWithdrawn = withdrawal !== undefined && leastOf(pass, group) !== undefined
  if (isWithdrawn || removals.some(({ state }) => state === 'Removing')) {
    if (spec.scaleDown.azRebalance === 'Leave' || group.zones.length < 2) return 'Nothing'
    if (isSuspended(group)) return rebalance !== undefined && whoseIs({ draft, surroundings }, group) === 'Theirs' ? 'Forget' : 'Nothing'
    return rebalance === undefined ? 'Intend' : 'Suspend'
  }
  const isOver = withdrawal === undefined && removals.every(({ state }) => state === 'Gone' || state === 'Refused')
  return isOver && (areEven(group) || !isSuspended(group)) && (rebalance !== undefined || hasTag(group)) ? 'TakeBack' : 'Nothing'
}

async function suspend(pass: Pass, name: string): Promise<Result | undefined> {
  const { draft, target, context } = pass
  // Nodes were drained since this pass looked, maybe for a minute.
  const [now] = await target.aws.scalingGroups.describe([name], context)
  if (now === undefined) return requeueAfter(5_000)
  if (isSuspended(now)) return undefined
  const refused = await tagAndSuspend(pass, name, { tagged: hasTag(now) })
  const why = draft.status.withdrawal === undefined ? 'nodes leave by name' : 'what has not arrived is withdrawn'
  if (refused === undefined) tell(pass, now, { operation: 'SuspendRebalance', note: `suspended ${rebalancing} of ${name} while ${why}` })
  return refused
}

/** Needs a status that names it already. A result ends the pass. */
async function tagAndSuspend(pass: Pass, name: string, { tagged }: { readonly tagged: boolean }): Promise<Result | undefined> {
  const { draft, target, context, surroundings } = pass
  const { scalingGroups } = target.aws
  const { rebalance } = draft.status
  draft.status.rebalance = { suspendedAt: rfc3339(surroundings.now()), scalingGroup: name }
  return await asked(pass, async () => {
    try {
      if (!tagged) await scalingGroups.tag(name, { [suspendedTag]: tagValue(pass) }, context)
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
}

/** Takes back our own suspension; does nothing where it is not ours. A result ends the pass. */
async function resumeRebalance(pass: Pass): Promise<Result | undefined> {
  const { draft, seen } = pass
  const { status } = draft
  const group = seen.scalingGroup
  if (group === undefined || group.operator !== undefined) return undefined
  const whose = whoseIs(pass, group)
  if (whose === 'Unclear') pass.agenda.within(msOnItsWay(pass))
  else if (whose !== 'Ours') delete status.rebalance
  if (whose !== 'Ours') return undefined
  const refused = await resumeAndUntag(pass, group)
  if (refused === undefined) forget(pass, group)
  return refused
}

async function resumeAndUntag(pass: Pass, group: ScalingGroup): Promise<Result | undefined> {
  const { target, context } = pass
  return await asked(pass, async () => {
    if (isSuspended(group)) await target.aws.scalingGroups.resume(group.name, [rebalancing], context)
    // After it: killed in between, what is left says that it was ours, and is taken away by the next pass.
    await target.aws.scalingGroups.untag(group.name, [suspendedTag], context)
  })
}

function forget(pass: Pass, group: ScalingGroup): void {
  delete pass.draft.status.rebalance
  tell(pass, group, { operation: 'ResumeRebalance', note: `${rebalancing} of ${group.name} is on again` })
}

/**
 * For a group that keeps what it has, since nobody manages it any more: takes back our own suspension where the zones are even. Over uneven ones AWS would
 * end a node that nobody drained, and the suspension stays, with its tag: whoever has the group later, with Tidegate, resumes it when they are even.
 */
export async function resumeWhereEven(pass: Pass): Promise<Result | undefined> {
  return staysSuspended(pass) ? undefined : await resumeRebalance(pass)
}

/** Whether our suspension stands over zones that are not even. */
export function staysSuspended(pass: Pick<Pass, 'draft' | 'surroundings' | 'seen'>): boolean {
  const group = pass.seen.scalingGroup
  return group !== undefined && isSuspended(group) && !areEven(group) && whoseIs(pass, group) === 'Ours'
}

/** How a person resumes it, and takes away what says that it was we who suspended it. */
export function resumeLine(name: string): string {
  return `${resumeProcessLine(name, rebalancing)}; ${deleteTagLine(name, suspendedTag)}`
}

/**
 * Before EKS is asked for an update of the nodes, which needs the rebalancing: takes off our own suspension, over uneven zones too. The status names it until
 * EKS has begun (`endedForUpdate`): what it refuses has it suspended again (`suspendAgain`). A result ends the pass.
 */
export async function resumeForUpdate(pass: Pass): Promise<Result | undefined> {
  const { draft, seen } = pass
  const group = seen.scalingGroup
  if (group === undefined || group.operator !== undefined) return undefined
  const whose = whoseIs(pass, group)
  if (whose === 'Theirs') delete draft.status.rebalance
  if (whose !== 'Ours') return undefined
  // Also where the status was lost.
  draft.status.rebalance ??= { suspendedAt: rfc3339(pass.surroundings.now()), scalingGroup: group.name }
  return await resumeAndUntag(pass, group)
}

/** EKS has begun the update: what was taken off for it is told, and forgotten. */
export function endedForUpdate(pass: Pass): void {
  const group = pass.seen.scalingGroup
  if (group !== undefined && pass.draft.status.rebalance !== undefined) forget(pass, group)
}

/** Whether it was taken off for an update of which nobody knows whether it began, and nobody has suspended it since. */
export function isTakenOff({ draft, seen }: Pick<Pass, 'draft' | 'seen'>): boolean {
  const group = seen.scalingGroup
  return group !== undefined && draft.status.rebalance !== undefined && !isSuspended(group) && !hasTag(group)
}

/**
 * EKS refused the update for which our suspension was taken off: nothing evens the zones soon, and AWS would end a node that nobody drained for it. Nothing is
 * told, as it can be so with each attempt. A result ends the pass.
 */
export async function suspendAgain(pass: Pass): Promise<Result | undefined> {
  const { rebalance } = pass.draft.status
  const group = pass.seen.scalingGroup
  if (rebalance === undefined || group === undefined || areEven(group) || pass.spec.scaleDown.azRebalance === 'Leave') return undefined
  return await tagAndSuspend(pass, group.name, { tagged: false })
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
function msOnItsWay(pass: Pick<Pass, 'draft' | 'surroundings'>): number {
  return msLeftOf(lostCallMs, pass)
}

/** What is left of so long since it was suspended, ms. */
function msLeftOf(ms: number, { draft, surroundings }: Pick<Pass, 'draft' | 'surroundings'>): number {
  const { rebalance } = draft.status
  return rebalance === undefined ? 0 : Math.max(0, ms - (surroundings.now().getTime() - Date.parse(rebalance.suspendedAt)))
}

/**
 * For how long our suspension may not be taken off for an update, ms: while it cannot be told whether it stands, and, where zones are uneven, for two
 * minutes after it was made, which may have been after a refusal of EKS: it does not come and go at the pace of those.
 */
export function msUntilResumable(pass: Pick<Pass, 'draft' | 'surroundings' | 'seen'>): number {
  const group = pass.seen.scalingGroup
  if (group === undefined) return 0
  if (whoseIs(pass, group) === 'Unclear') return msOnItsWay(pass)
  return staysSuspended(pass) ? msLeftOf(unsharedMs, pass) : 0
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
