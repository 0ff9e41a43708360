import { type Result, requeueAfter } from '../../runtime/reconciler.ts'
import type { GroupDraft } from './pass.ts'

/** Nothing was looked at: all that the last pass said stands, also what a pass otherwise has to say anew. */
export function asBefore({ object, conditions }: GroupDraft, options: { readonly unjudged?: true } = {}): Result {
  for (const { type, reason, message } of object.status?.conditions ?? []) {
    if (type === 'Reconciling') conditions.reconciling(reason, message)
    if (type === 'Stalled') conditions.stalled(reason, message)
  }
  return requeueAfter(2_000, options)
}
