import { isBusy, isWreck, takesChanges } from '../group-state.ts'
import { restMs } from '../pace.ts'
import type { Pass } from '../pass.ts'
import { intendEnd } from './intent.ts'
import type { Removal } from './removal.ts'

/** EKS works on a group for minutes to hours, and each look is a call. */
const busyMs = 10_000

/** What becomes of a node that is empty. */
export interface HandedOver {
  readonly removal: Removal
  /** When to look again; absent where AWS is asked next. */
  readonly inMs?: number
}

/**
 * The intent of one termination, to be stored before the call. Not before AWS can be asked: EKS may work on the group for hours, and until then an order can
 * be taken back. A number that is raised gives its node back when EKS has ended an update, which moves the number for its own sake.
 */
export function handOver(pass: Pick<Pass, 'draft' | 'seen' | 'once' | 'surroundings'>, one: Removal): HandedOver {
  const { group } = pass.seen
  const next = isWreck(group) ? 'is empty, and goes with its group' : 'AWS is asked to end it'
  if (takesEnds(pass)) return { removal: { ...one, state: 'Removing', message: next, call: intendEnd(pass) } }
  const state = group?.state ?? 'Unknown'
  const empty = isDrained(one) ? 'is empty, and ' : ''
  const waits = isWreck(group)
    ? `stays: no node of a group that is ${state} is ended by itself: do what condition Provisioned says`
    : `waits until EKS has ended what it does with the group (${state})`
  return { removal: { ...one, message: `${empty}${waits}` }, inMs: isBusy(pass) ? busyMs : restMs }
}

/** Whether nodes can be ended now. A group that EKS failed to make or to delete is deleted as a whole when all of its nodes are empty. */
export function takesEnds({ draft, seen: { group } }: Pick<Pass, 'draft' | 'seen'>): boolean {
  if (isWreck(group)) return draft.object.metadata.deletionTimestamp !== undefined
  return takesChanges(group)
}

/** Whether its drain has come to its end. */
export function isDrained({ drain }: Removal): boolean {
  return drain?.step === 'Empty' || drain?.step === 'Gone'
}
