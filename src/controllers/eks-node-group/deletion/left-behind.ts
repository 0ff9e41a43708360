import { keyOf } from '../../../kube/resource.ts'
import { type FinalizeResult, finalized } from '../../../runtime/reconciler.ts'
import type { GroupContext, GroupDraft } from '../pass.ts'
import { standing } from './standing.ts'

/** What of ours an object leaves behind, in words: all that stands, and sizes that its deletion closed. */
export function leftBehind({ object, status }: Pick<GroupDraft, 'object' | 'status'>): readonly string[] {
  const before = status.deletion?.sizesBefore
  // They are left as they are: whoever owns the group now decides about them.
  return [...standing({ object, status }), ...(before === undefined ? [] : [`minSize and maxSize as they are now, they were ${before}`])]
}

type LastWord = ({ readonly type: 'Normal' | 'Warning'; readonly reason: 'Released' } | { readonly type: 'Warning'; readonly reason: 'NotOurs' }) & {
  /** Each an Event of its own: the API server takes 1024 bytes of a note, and a command that is cut off is none. */
  readonly notes: readonly string[]
}

/** The object goes, and its group stays: said in its last Events, and in an audit line, which outlives it. */
export function letObjectGo({ object }: GroupDraft, context: GroupContext, { notes, ...event }: LastWord): FinalizeResult {
  for (const note of notes) context.event({ ...event, action: 'Delete', note })
  const target = `eksnodegroups ${keyOf(object.metadata)}`
  context.log.info({ audit: { system: 'kubernetes', action: 'release', target, left: notes.join('. ') } }, 'object released')
  return finalized
}
