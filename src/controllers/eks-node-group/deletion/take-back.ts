import { isAwsError } from '../../../aws/aws-error.ts'
import { rfc3339 } from '../../../runtime/conditions.ts'
import { type FinalizeResult, type Result, checkpoint, requeueAfter } from '../../../runtime/reconciler.ts'
import { resumeWhereEven } from '../acts/keep-zones.ts'
import { lateNumber } from '../withdrawal/number-call.ts'
import { staysSuspended } from '../rebalance.ts'
import { withdraw } from '../acts/withdraw.ts'
import type { GroupContext, GroupDraft, Pass } from '../pass.ts'
import type { GroupTarget, Surroundings } from '../ports.ts'
import { serverRefusal } from '../removals/server-refusal.ts'
import { isNotOurs, leaveToOthers } from './not-ours.ts'
import { releaseNodes, releaseNodesUnseen } from './release-nodes.ts'
import { standing } from './standing.ts'
import { intendUntaint, untaint } from './untaint.ts'

/** So long it is tried, and once at least: somebody waits for the object to go, and what stays is named. */
const patienceMs = 30_000
/** One look at everything, and each attempt, ends after so long. */
const attemptMs = 10_000
const againMs = 2_000

export interface TakeBackOptions {
  readonly surroundings: Surroundings
  readonly context: GroupContext
  /** Name of the group in EKS. */
  readonly name: string
  /** `undefined` while its nodes cannot be reached, or may not be touched. */
  readonly target: GroupTarget | undefined
  /** What the world looks like; a result where somebody holds the object back by now, or it asks for something else. Rejects with what AWS says to a read. */
  readonly look: (target: GroupTarget, context: GroupContext) => Promise<Pass | Result>
}

/**
 * The group is kept after all: what of ours stands on its nodes and in AWS is taken back (P2), for at most half a minute and the attempt under way then
 * (about 40 s), and at once given up where the target or AWS answer with an error, or where only zones that are not even are left to wait for. Whoever finds
 * the half minute over, since nobody was there meanwhile, tries once. While a number that AWS was asked for may still be taken, at most 20 s, none of that ends
 * it but an error. `undefined`: it is over, and the status has only what was left behind.
 * A group that does not carry our mark is left to whoever has it, and the object ends.
 */
export async function takeBack(draft: GroupDraft, { surroundings, context, name, target, look }: TakeBackOptions): Promise<FinalizeResult | undefined> {
  if (standing(draft).length === 0 || target === undefined) return undefined
  const since = draft.status.deletion?.takingBackSince
  if (since === undefined) return begin(draft, surroundings)
  // Asked when an attempt has ended: with the longest one it is about 40 s in all.
  const again = (): Result | undefined => (surroundings.now().getTime() - Date.parse(since) > patienceMs ? undefined : requeueAfter(againMs))
  const text = `the node group is kept; what stands there of ours is taken back: ${standing(draft).join('; ')}`
  draft.conditions.reconciling('TakingBack', text)
  const limit = surroundings.within(attemptMs, context.signal)
  const limited = { ...context, signal: limit.signal }
  let hasLooked = false
  try {
    const pass = await look(target, limited)
    hasLooked = true
    // Somebody holds it back by now, or it asks for something else: the next pass has that.
    if ('kind' in pass) return requeueAfter(againMs)
    // Another object may have it by now (P2).
    if (isNotOurs(pass)) return await leaveToOthers({ ...pass, context: limited })
    await undo({ ...pass, context: limited })
    if (waitsForZones(pass)) return undefined
    const late = lateNumber(pass)
    if (late !== undefined && standing(draft).length > 0) {
      draft.conditions.reconciling('TakingBack', `${text}. ${late}`)
      return requeueAfter(againMs)
    }
  } catch (error) {
    context.signal.throwIfAborted()
    // A refusal may concern one Node alone, and be over in a moment; an attempt that takes too long, as on many nodes, has done a part of it.
    const isForNow = limit.signal.aborted || isAwsError(error, 'Busy', 'Throttled') || serverRefusal(error) !== undefined
    const next = isForNow ? again() : undefined
    if (next !== undefined) return next
    // The nodes at least; after a look they had their turn, and those that AWS ends are on no list any more.
    if (!hasLooked) await releaseNodesUnseen(draft, { target, name, context })
    return undefined
  } finally {
    limit.end()
  }
  return standing(draft).length === 0 ? undefined : again()
}

/** Where nothing is taken back for now: when it is in the end, it has all its time again. */
export function forgetTakingBack({ status }: Pick<GroupDraft, 'status'>): void {
  if (status.deletion?.takingBackSince === undefined) return
  const { takingBackSince: _, ...rest } = status.deletion
  status.deletion = rest
}

/** The intent, with the token under which the group's taint is taken away. */
function begin(draft: GroupDraft, surroundings: Surroundings): Result {
  const { status } = draft
  status.deletion = { ...status.deletion, takingBackSince: rfc3339(surroundings.now()) }
  intendUntaint(draft, surroundings)
  return checkpoint
}

/**
 * Once over everything of ours that `standing` names, each part by itself; what is done is off the status. The wait that a part asks for, where AWS has no time
 * now: the longest. Rejects with the first failure, after all parts were tried.
 */
export async function undo(pass: Pass): Promise<Result | undefined> {
  const { status } = pass.draft
  const failures: unknown[] = []
  let longest: Result | undefined
  for (const part of [releaseNodes, untaint, unprotect, resumeWhereEven]) {
    const result = await part(pass).catch((error: unknown) => void failures.push(error))
    if (result !== undefined && msOf(result) >= msOf(longest)) longest = result
  }
  if (status.removals?.length === 0) delete status.removals
  if (failures.length > 0) throw failures[0]
  return longest
}

/** Whether nothing of ours stands any more but the suspension of the rebalancing, over uneven zones: those may stay so for ever. */
export function waitsForZones(pass: Pass): boolean {
  return standing(pass.draft).length === 1 && pass.draft.status.rebalance !== undefined && staysSuspended(pass)
}

function msOf(result: Result | undefined): number {
  return result?.kind === 'requeueAfter' ? result.ms : 0
}

/** As for a group that keeps what it has: nothing is withdrawn any more, and the protection comes off. */
async function unprotect(pass: Pass): Promise<Result | undefined> {
  if (pass.draft.status.withdrawal === undefined) return undefined
  // Nothing is taken from the spec's own sizes: one that only watches need not have any.
  const scaling = { minSize: 0, maxSize: pass.seen.scalingGroup?.maxSize ?? 1, sizeOwner: 'External', allowLarge: false, removals: [] } as const
  return await withdraw({ ...pass, spec: { ...pass.spec, scaling } })
}
