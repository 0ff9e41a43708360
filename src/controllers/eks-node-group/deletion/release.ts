import type { Hold } from '../../../runtime/freeze.ts'
import type { FinalizeResult, Result } from '../../../runtime/reconciler.ts'
import { waitWhileHeld } from '../holder.ts'
import { takeBackLine } from '../rebalance.ts'
import type { GroupContext, GroupDraft } from '../pass.ts'
import { abandonLine, isAbandoned } from '../ways-out.ts'
import { leftBehind, letObjectGo } from './left-behind.ts'
import { standing } from './standing.ts'
import { type TakeBackOptions, forgetTakingBack, takeBack } from './take-back.ts'

interface Release extends Omit<TakeBackOptions, 'context'> {
  /** Who holds every change back now: what of ours stands on nodes and in AWS can not be taken back, and the object waits with it. */
  readonly hold: Hold | undefined
  /** Why the group stays. */
  readonly why: string
  /** EKS no longer has the cluster: what stood on its nodes and beside them in AWS is gone with it. */
  readonly isGone: boolean
}

/** Lets the object go and the group stay. What was left behind stands in the last Events and in an audit line. */
export async function release(draft: GroupDraft, context: GroupContext, { why, isGone, hold, ...surrounded }: Release): Promise<FinalizeResult> {
  if (hold !== undefined && !isGone && !isAbandoned(draft) && standing(draft).length > 0) return waitForHold(draft, hold)
  const waiting = isGone ? undefined : await takeBack(draft, { ...surrounded, context })
  if (waiting !== undefined) return waiting
  const left = isGone ? [] : leftBehind(draft)
  const notes = left.length === 0 ? [why] : [`${why}. Left behind: ${left.join('; ')}`, ...howToResume(draft)]
  return letObjectGo(draft, context, { type: standing(draft).length === 0 || isGone ? 'Normal' : 'Warning', reason: 'Released', notes })
}

/** Everything that stands is named, and how the object goes with it at once. Taking back has all its time again when the hold ends. */
function waitForHold(draft: GroupDraft, hold: Hold): Result {
  forgetTakingBack(draft)
  const wait = waitWhileHeld(draft, hold, { unfinished: true })
  const stands = `Tidegate has left there: ${standing(draft).join('; ')}`
  draft.conditions.reconciling(hold.reason, `the deletion waits: ${hold.message}. ${stands}. To leave it behind: ${abandonLine(draft.object)}`)
  return wait
}

/** Nobody else will: the tag that names it as ours stays with it, so that an object that adopts the group resumes it when the zones are even. */
function howToResume({ status: { rebalance } }: GroupDraft): readonly string[] {
  return rebalance === undefined ? [] : [`By hand, ${takeBackLine(rebalance)}`]
}
