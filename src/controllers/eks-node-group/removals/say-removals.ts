import type { GroupDraft } from '../pass.ts'
import { nodesInWords } from './in-words.ts'
import type { Removal } from './removal.ts'

/**
 * Says in the conditions which nodes leave and which cannot: before the first of it is stored, so that an object is never Ready with a node on its way out.
 * What is `blocked` is named first; `unopened` waits for a window. `force`: see `forceRefused`.
 */
export function sayRemovals(
  { conditions }: Pick<GroupDraft, 'conditions'>,
  removals: readonly Removal[],
  { blocked, unopened, force }: { readonly blocked?: ReadonlySet<Removal>; readonly unopened?: ReadonlySet<Removal>; readonly force?: string | undefined } = {},
): void {
  const isBlocked = (one: Removal): boolean => blocked?.has(one) === true
  const leaving = removals.filter(({ state }) => state !== 'Gone' && state !== 'Refused').toSorted((a, b) => Number(isBlocked(b)) - Number(isBlocked(a)))
  const refused = removals.filter(({ state }) => state === 'Refused')
  if (refused.length > 0) conditions.setFalse('InSync', 'RemovalRefused', nodesInWords(refused, 'cannot leave'))
  if (leaving.length === 0) return
  const text = force === undefined ? nodesInWords(leaving, 'leaving') : `${force}; ${nodesInWords(leaving, 'leaving')}`
  const isWaiting = leaving.every((one) => unopened?.has(one) === true)
  // A block is what a person who set Force expects; that the deadline will not end it is news.
  const way = leaving.some(isBlocked) ? 'DrainBlocked' : isWaiting ? 'WaitingForWindow' : 'RemovingNodes'
  const reason = force === undefined ? way : 'ForceNotPermitted'
  conditions.reconciling(reason, text)
  if (refused.length === 0) conditions.setFalse('InSync', reason, text)
}
