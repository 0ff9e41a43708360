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
import { mayBeMarked, standing } from './standing.ts'
import { intendUntaint, untaint } from './untaint.ts'

/** So long it is tried: somebody waits for the object to go, and what stays is named. */
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
  /** What the world looks like; a result while AWS is too busy to say. Rejects when AWS does not answer. */
  readonly look: (target: GroupTarget, context: ReconcileContext) => Promise<Pass | Result>
}

/**
 * The group is kept after all: what of ours stands on its nodes and in AWS is taken back (P2), for at most half a minute, and at once given up where
 * the target or AWS do not answer. `undefined`: it is over, and the status has only what was left behind.
 */
export async function takeBack(draft: GroupDraft, { surroundings, context, name, target, look }: Surrounded): Promise<Result | undefined> {
  if (standing(draft).length === 0 || target === undefined) return undefined
  const now = surroundings.now()
  const since = draft.status.deletion?.takingBackSince
  if (since === undefined) return begin(draft, surroundings)
  if (now.getTime() - Date.parse(since) > patienceMs) return undefined
  draft.conditions.reconciling('TakingBack', `the node group is kept; what stands there of ours is taken back: ${standing(draft).join('; ')}`)
  const limit = surroundings.within(attemptMs, context.signal)
  const limited = { ...context, signal: limit.signal }
  try {
    const pass = await look(target, limited)
    if ('kind' in pass) return requeueAfter(againMs)
    await undo({ ...pass, context: limited })
  } catch (error) {
    context.signal.throwIfAborted()
    if (isAwsError(error, 'Busy', 'Throttled')) return requeueAfter(againMs)
    await withoutAws(draft, { target, name, context })
    return undefined
  } finally {
    limit.end()
  }
  return standing(draft).length === 0 ? undefined : requeueAfter(againMs)
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
  const { status, object } = draft
  const left: Removal[] = []
  try {
    for (const one of status.removals ?? []) {
      const node = nodeOf(one)
      if (one.state === 'Removing') left.push(one)
      else if (node !== undefined && mayBeMarked(one)) await target.drain.release(node, markOfRemoval(object, one), context)
    }
    await releaseOthers(draft, { target, name, context }, left)
    status.removals = left
  } catch {
    // Kubernetes does not answer either: all that the status names is left behind.
    context.signal.throwIfAborted()
  }
}

/**
 * Once over everything of ours that `standing` names, each part by itself; what is done is off the status. Rejects with the first failure, after all parts
 * were tried.
 */
export async function undo(pass: Pass): Promise<void> {
  const { status } = pass.draft
  const failures: unknown[] = []
  for (const part of [releaseNodes, untaint, unprotect, resume]) await part(pass).catch((error: unknown) => void failures.push(error))
  if (status.removals?.length === 0) delete status.removals
  if (failures.length > 0) throw failures[0]
}

/** Off every node that stays, also of a machine that somebody took out of the group: one that AWS ends already keeps its mark until it is gone. */
async function releaseNodes(pass: Pass): Promise<void> {
  const { draft, target, context, once, surroundings, seen } = pass
  const { status, object } = draft
  const left: Removal[] = []
  const owed = seen.scalingGroup === undefined ? undefined : stillOwed(seen.scalingGroup)
  const isUnsent = (token: string): boolean => once.isUnsent(token)
  for (const one of status.removals ?? []) {
    const node = nodeOf(one)
    const member = seen.scalingGroup?.instances.find(({ instanceId }) => instanceId === one.instanceId)
    const { call } = one
    const wasSent = mayBeSent(one, { isUnsent })
    if (member === undefined ? wasSent : isLeaving(member) && !isDetaching(member)) continue
    const isOnItsWay = wasSent && call !== undefined && once.silentMs(call.token, surroundings.now()) < lostCallMs
    const isOwed = owed !== undefined && mayBeSent(one, { isUnsent, isOwed: (instanceId) => once.wasLost(instanceId) })
    // Pods that came back would end with it.
    if (isOnItsWay || isOwed) left.push({ ...one, message: owed ?? one.message })
    else if (node !== undefined && mayBeMarked(one)) await target.drain.release(node, markOfRemoval(object, one), context)
  }
  status.removals = left
  await releaseOthers(draft, pass, left)
}

/** Nodes that have the mark from the group's own taint, or that the status has forgotten, and those that an earlier life of the object marked. */
async function releaseOthers(draft: GroupDraft, { target, name, context }: Pick<Pass, 'target' | 'name' | 'context'>, but: readonly Removal[]): Promise<void> {
  const ours = [{ kind: 'leaving', uid: draft.object.metadata.uid } as const, ...formerMarks(draft)]
  for (const node of target.nodes.inGroup(name)) {
    const { name: nodeName, uid } = node.metadata
    if (but.some(({ nodeUID }) => nodeUID === uid)) continue
    for (const mark of marksOf(node).filter((found) => ours.some((one) => sameMark(found, one))))
      await target.drain.release({ name: nodeName, uid }, mark, context)
  }
}

/** As for a group that keeps what it has: nothing is withdrawn any more, and the protection comes off. */
async function unprotect(pass: Pass): Promise<void> {
  if (pass.draft.status.withdrawal === undefined) return
  // Nothing is taken from the spec's own sizes: one that only watches need not have any.
  const scaling = { minSize: 0, maxSize: pass.seen.scalingGroup?.maxSize ?? 1, sizeOwner: 'External', allowLarge: false, removals: [] } as const
  await withdraw({ ...pass, spec: { ...pass.spec, scaling } })
}

async function resume(pass: Pass): Promise<void> {
  await resumeRebalance(pass)
}
