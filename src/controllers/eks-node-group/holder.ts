import { type Hold, type Holder, holdOf, newComplaints } from '../../runtime/freeze.ts'
import { type ReconcileContext, type Result, requeueAfter } from '../../runtime/reconciler.ts'
import { restMs } from './operation.ts'
import type { GroupDraft, Pass } from './pass.ts'
import type { Surroundings } from './ports.ts'

/**
 * Who holds every change of this object back now, said in the condition `Paused`; `undefined` when nobody does. What begins to hold afterwards aborts
 * the signal of the pass (`Controller.interrupt`).
 */
export function sayHold(draft: GroupDraft, context: Pick<ReconcileContext, 'event'>, surroundings: Pick<Surroundings, 'now' | 'holders'>): Hold | undefined {
  const now = surroundings.now()
  const own = ownHolder(draft)
  // What stands on others is told there.
  for (const note of newComplaints([own], draft.object.status?.conditions, now))
    context.event({ type: 'Warning', reason: 'FreezeUnclear', action: 'Freeze', note })
  const hold = holdOf([own, ...surroundings.holders(draft.object.spec.targetClusterRef.name)], now)
  if (hold !== undefined) draft.conditions.paused(hold.reason, hold.message)
  return hold
}

/** Whether this pass may still change something outside, as the caches show it now; to be asked before each batch of writes (P10). */
export function stillMay({ draft, context, surroundings }: Pick<Pass, 'draft' | 'context' | 'surroundings'>): boolean {
  if (context.signal.aborted) return false
  return holdOf([ownHolder(draft), ...surroundings.holders(draft.object.spec.targetClusterRef.name)], surroundings.now()) === undefined
}

/** Thrown where the API server says, later than the caches, that somebody holds the object back. */
export class HeldMeanwhileError extends Error {
  readonly hold: Hold

  constructor(hold: Hold) {
    super(hold.message)
    this.name = 'HeldMeanwhileError'
    this.hold = hold
  }
}

/**
 * Asks the API server whether somebody holds the object back whom the caches do not show. The object's own freeze needs no question: an intent is
 * stored on the version that was read, or not at all. Errors: `HeldMeanwhileError`, `KubeError`.
 */
export async function confirmFree(draft: GroupDraft, context: ReconcileContext, surroundings: Pick<Surroundings, 'now' | 'askHolders'>): Promise<void> {
  const hold = holdOf(await surroundings.askHolders(draft.object.spec.targetClusterRef.name, { signal: context.signal }), surroundings.now())
  if (hold === undefined) return
  draft.conditions.paused(hold.reason, hold.message)
  throw new HeldMeanwhileError(hold)
}

/** Everything is said, nothing is changed: looks again at the pace of rest, and when a freeze ends. `unfinished`: the spec asks for more than AWS has. */
export function waitWhileHeld({ conditions, object }: GroupDraft, hold: Hold, { unfinished }: { readonly unfinished: boolean }): Result {
  const { reason, message } = hold
  if (object.metadata.deletionTimestamp !== undefined) conditions.reconciling(reason, `the deletion waits: ${message}`)
  // What needs a person comes first, as without the hold.
  else if (unfinished && conditions.get('InSync').reason !== 'Drifted') conditions.setFalse('InSync', reason, `what the spec asks for waits: ${message}`)
  return requeueAfter(againMs(hold))
}

/** Nothing was judged: the hold was found before anything else was said. */
export function waitUnjudged(hold: Hold): Result {
  return requeueAfter(againMs(hold), { unjudged: true })
}

function againMs({ endsInMs = restMs }: Hold): number {
  return Math.min(restMs, Math.max(1, endsInMs))
}

/** The object as the pass has it: a newer version of it that holds has aborted the pass. */
function ownHolder({ object }: GroupDraft): Holder {
  return { what: 'this object', suspend: object.spec.suspend, annotations: object.metadata.annotations }
}
