import type { EksNodeGroup } from '../../crds/eks-node-group.ts'
import { type Hold, type Holder, holdMatters, holdOf, newComplaints } from '../../runtime/freeze.ts'
import { type Frozen, type Result, requeueAfter } from '../../runtime/reconciler.ts'
import { confirmAnnotation } from './deletion/confirmation.ts'
import { restMs } from './pace.ts'
import type { GroupContext, GroupDraft, Pass } from './pass.ts'
import type { Surroundings } from './ports.ts'
import { approveAnnotation } from './updates/approval.ts'

/**
 * Who holds every change of this object back now, said in the condition `Paused`; `undefined` when nobody does. What begins to hold afterwards aborts
 * the signal of the pass (`Controller.interrupt`).
 */
export function sayHold(draft: GroupDraft, context: Pick<GroupContext, 'event'>, surroundings: Pick<Surroundings, 'now' | 'holders'>): Hold | undefined {
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

/** Thrown where the API server has a version of the object that asks for something else, or agrees to less, than the one that the pass works on. */
export class ChangedMeanwhileError extends Error {
  constructor() {
    super('the object was changed, and the cache does not show it yet')
    this.name = 'ChangedMeanwhileError'
  }
}

/**
 * Asks the API server whether the object still asks for what the pass works on, and whether somebody holds it back whom the caches do not show. Intents
 * are stored on the version that was read, or not at all; evictions and terminations of nodes that leave already follow from intents of earlier passes.
 * Errors: `ChangedMeanwhileError`, `HeldMeanwhileError`, `KubeError`.
 */
export async function confirmFree(
  draft: GroupDraft,
  { signal }: GroupContext,
  { now, askHolders, askObject }: Pick<Surroundings, 'now' | 'askHolders' | 'askObject'>,
): Promise<void> {
  const { object } = draft
  const [holders, live] = await Promise.all([askHolders(object.spec.targetClusterRef.name, { signal }), askObject(object, { signal })])
  if (live === undefined || asksForAnother(live, object)) throw new ChangedMeanwhileError()
  const hold = holdOf(holders, now())
  if (hold === undefined) return
  draft.conditions.paused(hold.reason, hold.message)
  throw new HeldMeanwhileError(hold)
}

/** Who holds the object back as the API server says it, said too; `undefined` when nobody does. Errors: `ChangedMeanwhileError`, `KubeError`. */
export async function askHold(...given: Parameters<typeof confirmFree>): Promise<Hold | undefined> {
  try {
    await confirmFree(...given)
    return undefined
  } catch (error) {
    if (error instanceof HeldMeanwhileError) return error.hold
    throw error
  }
}

/** How a pass ends between two of its writes by what `confirmFree` threw; any other error is thrown on. */
export function endedBy(draft: GroupDraft, error: unknown): Result {
  if (error instanceof HeldMeanwhileError) return waitWhileHeld(draft, error.hold, { unfinished: true })
  if (error instanceof ChangedMeanwhileError) return requeueAfter(2_000)
  throw error
}

/** Everything is said, nothing is changed: looks again at the pace of rest, and when a freeze ends. `unfinished`: the spec asks for more than AWS has. */
export function waitWhileHeld({ conditions, object }: GroupDraft, hold: Hold, { unfinished }: { readonly unfinished: boolean }): Result {
  const { reason, message } = hold
  if (object.metadata.deletionTimestamp !== undefined) conditions.reconciling(reason, `the deletion waits: ${message}`)
  // What needs a person comes first, as without the hold.
  else if (unfinished && conditions.get('InSync').reason !== 'Drifted') conditions.setFalse('InSync', reason, `what the spec asks for waits: ${message}`)
  return requeueAfter(againMs(hold))
}

/**
 * A write of the status alone changes nothing of what is wanted. Every edit of the spec, a suspension too, and a deletion raise the generation; a freeze and
 * what people agree to are annotations, which do not.
 */
function asksForAnother(live: Frozen<EksNodeGroup>, { metadata, spec }: Frozen<EksNodeGroup>): boolean {
  const { uid, generation, deletionTimestamp } = live.metadata
  if (uid !== metadata.uid || generation !== metadata.generation || deletionTimestamp !== metadata.deletionTimestamp) return true
  return isConsentTakenBack(live.metadata.annotations, metadata.annotations) || holdMatters(live, { metadata, spec })
}

/** Whether a word that the pass may act on is gone or another one. One that is only given now is for the next pass, and takes nothing from this one. */
function isConsentTakenBack(live: Annotations, before: Annotations): boolean {
  return [confirmAnnotation, approveAnnotation].some((name) => before?.[name] !== undefined && live?.[name] !== before[name])
}

type Annotations = Frozen<EksNodeGroup>['metadata']['annotations']

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
