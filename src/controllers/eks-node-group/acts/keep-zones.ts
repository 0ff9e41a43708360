import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import { rfc3339 } from '../../../runtime/conditions.ts'
import { checkpoint, requeueAfter, type Result } from '../../../runtime/reconciler.ts'
import type { Act, Pass } from '../pass.ts'
import {
  forgetSuspension,
  hasSuspensionTag,
  isSuspended,
  isToEnd,
  msOnItsWay,
  rebalancing,
  resumeAndUntag,
  staysSuspended,
  tagAndSuspend,
  recordRebalance,
  whoseIs,
} from '../rebalance.ts'
import { leastOf } from '../removals/least.ts'
import { areEven } from '../zones.ts'

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
    // What was resumed is over: a new one is written down first, or a death after the call would leave it to nobody.
    return rebalance === undefined || rebalance.resumedAt !== undefined ? 'Intend' : 'Suspend'
  }
  const isOver = withdrawal === undefined && removals.every(({ state }) => state === 'Gone' || state === 'Refused')
  const mayEnd = areEven(group) || !isSuspended(group) || rebalance?.resumedAt !== undefined
  return isOver && mayEnd && (rebalance !== undefined || hasSuspensionTag(group)) ? 'TakeBack' : 'Nothing'
}

async function suspend(pass: Pass, name: string): Promise<Result | undefined> {
  const { draft, target, context } = pass
  // Nodes were drained since this pass looked, maybe for a minute.
  const [now] = await target.aws.scalingGroups.describe([name], context)
  if (now === undefined) return requeueAfter(5_000)
  if (isSuspended(now)) return undefined
  const refused = await tagAndSuspend(pass, name, { tagged: hasSuspensionTag(now) })
  const why = draft.status.withdrawal === undefined ? 'nodes leave by name' : 'what has not arrived is withdrawn'
  if (refused === undefined) recordRebalance(pass, now, { operation: 'SuspendRebalance', note: `suspended ${rebalancing} of ${name} while ${why}` })
  return refused
}

/** Takes back our own suspension, and what is left of it; does nothing where it is not ours. A result ends the pass. */
async function resumeRebalance(pass: Pass): Promise<Result | undefined> {
  const { draft, seen } = pass
  const { status } = draft
  const group = seen.scalingGroup
  if (group === undefined || group.operator !== undefined) return undefined
  const whose = whoseIs(pass, group)
  if (whose === 'Unclear') pass.agenda.within(msOnItsWay(pass))
  else if (!isToEnd(whose)) delete status.rebalance
  if (!isToEnd(whose)) return undefined
  const refused = await resumeAndUntag(pass, group)
  if (refused === undefined) forgetSuspension(pass, group)
  return refused
}

/**
 * For a group that keeps what it has, since nobody manages it any more: takes back our own suspension where the zones are even. Over uneven ones AWS would
 * end a node that nobody drained, and the suspension stays, with its tag: whoever has the group later, with Tidegate, resumes it when they are even.
 */
export async function resumeWhereEven(pass: Pass): Promise<Result | undefined> {
  return staysSuspended(pass) ? undefined : await resumeRebalance(pass)
}
