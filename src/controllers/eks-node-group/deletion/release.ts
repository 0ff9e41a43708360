import { keyOf } from '../../../kube/resource.ts'
import { type FinalizeResult, type ReconcileContext, finalized } from '../../../runtime/reconciler.ts'
import type { GroupDraft } from '../pass.ts'
import { standing } from './standing.ts'
import { type Surrounded, takeBack } from './take-back.ts'

interface Release extends Omit<Surrounded, 'context'> {
  /** Why the group stays. */
  readonly why: string
  /** No Node of the target exists any more: what stood on them is gone with them. */
  readonly isGone: boolean
}

/** Lets the object go and the group stay. What was left behind stands in the last Event and in an audit line. */
export async function release(draft: GroupDraft, context: ReconcileContext, { why, isGone, ...surrounded }: Release): Promise<FinalizeResult> {
  const waiting = isGone ? undefined : await takeBack(draft, { ...surrounded, context })
  if (waiting !== undefined) return waiting
  const left = isGone ? [] : [...standing(draft), ...sizes(draft)]
  const note = left.length === 0 ? why : `${why}. Left behind: ${left.join('; ')}`
  context.event({ type: standing(draft).length === 0 || isGone ? 'Normal' : 'Warning', reason: 'Released', action: 'Delete', note })
  context.log.info(
    { audit: { system: 'kubernetes', action: 'release', target: `eksnodegroups ${keyOf(draft.object.metadata)}`, left: note } },
    'object released',
  )
  return finalized
}

/** They are left as they are: whoever owns the group now decides about them. */
function sizes({ status }: GroupDraft): readonly string[] {
  const before = status.deletion?.sizesBefore
  return before === undefined ? [] : [`minSize and maxSize as they are now, they were ${before}`]
}
