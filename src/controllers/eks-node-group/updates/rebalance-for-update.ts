import { type Result, TerminalError } from '../../../runtime/reconciler.ts'
import { rfc3339 } from '../../../runtime/conditions.ts'
import { unsharedMs } from '../pace.ts'
import type { Pass } from '../pass.ts'
import {
  forgetSuspension,
  hasSuspensionTag,
  isSuspended,
  isToEnd,
  msLeftOf,
  msOnItsWay,
  resumeAndUntag,
  staysSuspended,
  tagAndSuspend,
  whoseIs,
} from '../rebalance.ts'
import { areEven } from '../zones.ts'

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
  if (!isToEnd(whose)) return undefined
  // Also where the status was lost.
  draft.status.rebalance ??= { suspendedAt: rfc3339(pass.surroundings.now()), scalingGroup: group.name }
  return await resumeAndUntag(pass, group)
}

/** EKS has begun the update: what was taken off for it is told, and forgotten. */
export function endedForUpdate(pass: Pass): void {
  const group = pass.seen.scalingGroup
  if (group !== undefined && pass.draft.status.rebalance !== undefined) forgetSuspension(pass, group)
}

/** Whether it was taken off for an update of which nobody knows whether it began, and nobody has suspended it since. */
function isTakenOff({ draft, seen }: Pick<Pass, 'draft' | 'seen'>): boolean {
  const group = seen.scalingGroup
  return group !== undefined && draft.status.rebalance !== undefined && !isSuspended(group) && !hasSuspensionTag(group)
}

/**
 * EKS refused the update for which our suspension was taken off: nothing evens the zones soon, and AWS would end a node that nobody drained for it. Nothing is
 * told, as it can be so with each attempt. A result ends the pass; what AWS refuses for good puts the update off, unless an earlier call `mayHaveBegun` it.
 */
export async function suspendAgain(pass: Pass, { mayHaveBegun }: { readonly mayHaveBegun: boolean }): Promise<Result | undefined> {
  const { rebalance } = pass.draft.status
  const group = pass.seen.scalingGroup
  if (rebalance === undefined || group === undefined || areEven(group) || pass.spec.scaleDown.azRebalance === 'Leave') return undefined
  try {
    return await tagAndSuspend(pass, group.name, { tagged: false })
  } catch (error) {
    if (!mayHaveBegun) putOff(pass, error)
    throw error
  }
}

/**
 * What AWS refuses for good of the rebalancing says nothing of the update, and may last for days: an intent that stayed would hold its place of the target's
 * budget for as long. To be called where no call for the update can be on its way.
 */
export function putOff({ draft: { status } }: Pass, error: unknown): void {
  if (!(error instanceof TerminalError)) return
  delete status.operation
  delete status.update
}

/** What was taken off for an update that will not begin. A result ends the pass. */
export async function suspendIfTakenOff(pass: Pass): Promise<Result | undefined> {
  return isTakenOff(pass) ? await suspendAgain(pass, { mayHaveBegun: false }) : undefined
}
