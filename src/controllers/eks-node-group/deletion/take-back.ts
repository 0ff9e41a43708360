import { isAwsError } from '../../../aws/aws-error.ts'
import { marksOf, sameMark } from '../../../drain/mark.ts'
import { rfc3339 } from '../../../runtime/conditions.ts'
import { type ReconcileContext, type Result, checkpoint, requeueAfter } from '../../../runtime/reconciler.ts'
import { resumeRebalance } from '../acts/keep-zones.ts'
import { withdraw } from '../acts/withdraw.ts'
import { formerMarks } from '../former.ts'
import { lostCallMs } from '../operation.ts'
import type { GroupDraft, Pass } from '../pass.ts'
import type { GroupTarget, Surroundings } from '../ports.ts'
import { mayBeSent } from '../removals/asked.ts'
import { isDetaching, isLeaving } from '../removals/member.ts'
import { markOfRemoval, nodeOf } from '../removals/mark.ts'
import { stillOwed } from '../removals/owed.ts'
import type { Removal } from '../removals/removal.ts'
import { serverRefusal } from '../removals/server-refusal.ts'
import { type Marked, releaseMarks } from './release-marks.ts'
import { mayBeMarked, standing } from './standing.ts'
import { intendUntaint, untaint } from './untaint.ts'

/** So long it is tried, and once at least: somebody waits for the object to go, and what stays is named. */
const patienceMs = 30_000
/** One look at everything, and each attempt, ends after so long. */
const attemptMs = 10_000
const againMs = 2_000

export interface Surrounded {
  readonly surroundings: Surroundings
  readonly context: ReconcileContext
  /** Name of the group in EKS. */
  readonly name: string
  /** `undefined` while its nodes cannot be reached, or may not be touched. */
  readonly target: GroupTarget | undefined
  /** What the world looks like; a result where somebody holds the object back by now, or it asks for something else. Rejects with what AWS says to a read. */
  readonly look: (target: GroupTarget, context: ReconcileContext) => Promise<Pass | Result>
}

/**
 * The group is kept after all: what of ours stands on its nodes and in AWS is taken back (P2), for at most half a minute, and at once given up where
 * the target or AWS do not answer. Whoever finds the half minute over, since nobody was there meanwhile, tries once. `undefined`: it is over, and the status
 * has only what was left behind.
 */
export async function takeBack(draft: GroupDraft, { surroundings, context, name, target, look }: Surrounded): Promise<Result | undefined> {
  if (standing(draft).length === 0 || target === undefined) return undefined
  const now = surroundings.now()
  const since = draft.status.deletion?.takingBackSince
  if (since === undefined) return begin(draft, surroundings)
  const again = now.getTime() - Date.parse(since) > patienceMs ? undefined : requeueAfter(againMs)
  draft.conditions.reconciling('TakingBack', `the node group is kept; what stands there of ours is taken back: ${standing(draft).join('; ')}`)
  const limit = surroundings.within(attemptMs, context.signal)
  const limited = { ...context, signal: limit.signal }
  try {
    const pass = await look(target, limited)
    // Somebody holds it back by now, or it asks for something else: the next pass has that.
    if ('kind' in pass) return requeueAfter(againMs)
    await undo({ ...pass, context: limited })
  } catch (error) {
    context.signal.throwIfAborted()
    // A refusal may concern one Node alone, and be over in a moment.
    const isForNow = isAwsError(error, 'Busy', 'Throttled') || serverRefusal(error) !== undefined
    if (isForNow && again !== undefined) return again
    await withoutAws(draft, { target, name, context })
    return undefined
  } finally {
    limit.end()
  }
  return standing(draft).length === 0 ? undefined : again
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

/** The nodes at least, but for those that AWS was asked to end: whether it does cannot be seen. */
async function withoutAws(draft: GroupDraft, { target, name, context }: Pick<Pass, 'target' | 'name' | 'context'>): Promise<void> {
  const { status } = draft
  const { removals = [] } = status
  const unclear = removals.filter(({ state }) => state === 'Removing')
  try {
    const refused = await releaseMarks(
      markedOf(
        draft,
        removals.filter((one) => !unclear.includes(one)),
      ),
      { target, context },
    )
    status.removals = [...unclear, ...refused.map(({ one, error }) => asRefused(one.removal, error))]
    await releaseOthers(draft, { target, name, context }, uidsOf(status.removals))
  } catch {
    // Kubernetes does not answer either: all that the status names is left behind.
    context.signal.throwIfAborted()
  }
}

/**
 * Once over everything of ours that `standing` names, each part by itself; what is done is off the status. The wait that a part asks for, where AWS has no time
 * now: the longest. Rejects with the first failure, after all parts were tried.
 */
export async function undo(pass: Pass): Promise<Result | undefined> {
  const { status } = pass.draft
  const failures: unknown[] = []
  let longest: Result | undefined
  for (const part of [releaseNodes, untaint, unprotect, resumeRebalance]) {
    const result = await part(pass).catch((error: unknown) => void failures.push(error))
    if (result !== undefined && msOf(result) >= msOf(longest)) longest = result
  }
  if (status.removals?.length === 0) delete status.removals
  if (failures.length > 0) throw failures[0]
  return longest
}

function msOf(result: Result | undefined): number {
  return result?.kind === 'requeueAfter' ? result.ms : 0
}

/** Off every node that stays, also of a machine that somebody took out of the group: one that AWS ends already keeps its mark until it is gone. */
async function releaseNodes(pass: Pass): Promise<undefined> {
  const { draft, seen, target } = pass
  const { removals = [] } = draft.status
  const owed = seen.scalingGroup === undefined ? undefined : stillOwed(seen.scalingGroup)
  const fates = removals.map((one) => ({ one, fate: fateOf(pass, one, owed) }))
  const waiting = fates.flatMap(({ one, fate }) => (fate === 'Unclear' ? [{ ...one, message: owed ?? one.message }] : []))
  const staying = fates.flatMap(({ one, fate }) => (fate === 'Stays' ? [one] : []))
  const refused = await releaseMarks(markedOf(draft, staying), pass)
  const left = [...waiting, ...refused.map(({ one, error }) => asRefused(one.removal, error))]
  draft.status.removals = left
  // Also those that AWS ends and that no entry names.
  const ending = (seen.scalingGroup?.instances ?? []).filter((one) => isLeaving(one) && !isDetaching(one))
  const ended = ending.flatMap(({ instanceId }) => target.nodes.byInstance(instanceId)?.metadata.uid ?? [])
  const decided = fates.flatMap(({ one, fate }) => (fate === 'Ends' ? [one] : []))
  await releaseOthers(draft, pass, new Set([...uidsOf([...left, ...decided]), ...ended]))
  if (refused[0] !== undefined) throw refused[0].error
}

/** Whether AWS ends the machine, or may have been asked to and it does not show yet: pods that came back would end with it. */
function fateOf({ once, surroundings, seen, target }: Pass, one: Removal, owed: string | undefined): 'Ends' | 'Unclear' | 'Stays' {
  const member = seen.scalingGroup?.instances.find(({ instanceId }) => instanceId === one.instanceId)
  const isUnsent = (token: string): boolean => once.isUnsent(token)
  const wasSent = mayBeSent(one, { isUnsent })
  // While the Auto Scaling group does not show, that the Node goes is all that tells.
  const isThere = one.nodeName !== undefined && target.nodes.byName(one.nodeName)?.metadata.uid === one.nodeUID
  if (member === undefined && wasSent) return seen.scalingGroup === undefined && isThere ? 'Unclear' : 'Ends'
  if (member !== undefined && isLeaving(member) && !isDetaching(member)) return 'Ends'
  const isOnItsWay = wasSent && one.call !== undefined && once.silentMs(one.call.token, surroundings.now()) < lostCallMs
  const isOwed = owed !== undefined && mayBeSent(one, { isUnsent, isOwed: (instanceId) => once.wasLost(instanceId) })
  return isOnItsWay || isOwed ? 'Unclear' : 'Stays'
}

function markedOf({ object }: GroupDraft, removals: readonly Removal[]): readonly (Marked & { readonly removal: Removal })[] {
  return removals.flatMap((removal) => {
    const node = nodeOf(removal)
    return node === undefined || !mayBeMarked(removal) ? [] : [{ node, mark: markOfRemoval(object, removal), removal }]
  })
}

/** It stays on the list, with what the API server said. */
function asRefused(one: Removal, error: unknown): Removal {
  return { ...one, message: serverRefusal(error, one.message) ?? one.message }
}

function uidsOf(removals: readonly Removal[]): ReadonlySet<string | undefined> {
  return new Set(removals.map(({ nodeUID }) => nodeUID))
}

/**
 * Nodes that have the mark from the group's own taint, or that the status has forgotten, and those that an earlier life of the object marked. `but`: UIDs of
 * Nodes of which the fate is decided already.
 */
async function releaseOthers(
  draft: GroupDraft,
  { target, name, context }: Pick<Pass, 'target' | 'name' | 'context'>,
  but: ReadonlySet<string | undefined>,
): Promise<void> {
  const ours = [{ kind: 'leaving', uid: draft.object.metadata.uid } as const, ...formerMarks(draft)]
  const marked = target.nodes.inGroup(name).flatMap((node): readonly Marked[] => {
    const { metadata } = node
    const marks = but.has(metadata.uid) ? [] : marksOf(node).filter((found) => ours.some((one) => sameMark(found, one)))
    return marks.map((mark) => ({ node: { name: metadata.name, uid: metadata.uid }, mark }))
  })
  const [refused] = await releaseMarks(marked, { target, context })
  if (refused !== undefined) throw refused.error
}

/** As for a group that keeps what it has: nothing is withdrawn any more, and the protection comes off. */
async function unprotect(pass: Pass): Promise<Result | undefined> {
  if (pass.draft.status.withdrawal === undefined) return undefined
  // Nothing is taken from the spec's own sizes: one that only watches need not have any.
  const scaling = { minSize: 0, maxSize: pass.seen.scalingGroup?.maxSize ?? 1, sizeOwner: 'External', allowLarge: false, removals: [] } as const
  return await withdraw({ ...pass, spec: { ...pass.spec, scaling } })
}
