import type { GroupDraft } from '../pass.ts'
import { leavingInWords } from './in-words.ts'
import type { Removal } from './plan.ts'

/**
 * Says in the conditions which nodes leave and which cannot: before the first of it is stored, so that an object is never Ready with a node on its way out.
 * What is `blocked` is named first.
 */
export function sayRemovals(
  { conditions }: Pick<GroupDraft, 'conditions'>,
  removals: readonly Removal[],
  { blocked }: { readonly blocked: ReadonlySet<Removal> },
): void {
  const leaving = removals.filter(({ state }) => state !== 'Gone' && state !== 'Refused').toSorted((a, b) => Number(blocked.has(b)) - Number(blocked.has(a)))
  const isBlocked = blocked.size > 0
  const refused = removals.filter(({ state }) => state === 'Refused')
  if (refused.length > 0) conditions.setFalse('InSync', 'RemovalRefused', leavingInWords(refused).replace('leaving', 'cannot leave'))
  if (leaving.length === 0) return
  const text = leavingInWords(leaving)
  conditions.reconciling(isBlocked ? 'DrainBlocked' : 'RemovingNodes', text)
  if (refused.length === 0) conditions.setFalse('InSync', isBlocked ? 'DrainBlocked' : 'RemovingNodes', text)
}
