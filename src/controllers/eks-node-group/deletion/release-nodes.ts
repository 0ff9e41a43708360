import { marksOf, sameMark } from '../../../drain/mark.ts'
import { formerMarks } from '../former.ts'
import { lostCallMs } from '../operation.ts'
import type { GroupDraft, Pass } from '../pass.ts'
import { mayBeSent } from '../removals/asked.ts'
import { isDetaching, isLeaving } from '../removals/member.ts'
import { nodesThatEnd } from '../removals/nodes-that-end.ts'
import { stillOwed } from '../removals/owed.ts'
import { type Marked, marksOfRemovals, releaseMarks } from '../removals/release-marks.ts'
import type { Removal } from '../removals/removal.ts'
import { serverRefusal } from '../removals/server-refusal.ts'
import { mayBeMarked } from './standing.ts'

/** Off every node that stays, also of a machine that somebody took out of the group: one that AWS ends already keeps its mark until it is gone. */
export async function releaseNodes(pass: Pass): Promise<undefined> {
  const { draft, seen } = pass
  const { removals = [] } = draft.status
  const owed = seen.scalingGroup === undefined ? undefined : stillOwed(seen.scalingGroup)
  const fates = removals.map((one) => ({ one, fate: fateOf(pass, one, owed) }))
  const waiting = fates.flatMap(({ one, fate }) => (fate === 'Unclear' ? [{ ...one, message: owed ?? one.message }] : []))
  const staying = fates.flatMap(({ one, fate }) => (fate === 'Stays' ? [one] : []))
  const refused = await releaseMarks(marksOfRemovals(draft.object, staying.filter(mayBeMarked)), pass)
  const left = [...waiting, ...refused.map(({ one, error }) => asRefused(one.removal, error))]
  draft.status.removals = left
  const decided = fates.flatMap(({ one, fate }) => (fate === 'Ends' ? [one] : []))
  await releaseOthers(draft, pass, new Set([...uidsOf([...left, ...decided]), ...nodesThatEnd(pass)]))
  if (refused[0] !== undefined) throw refused[0].error
}

/**
 * The same where AWS does not say what becomes of the machines: those that it was asked to end keep their mark, and the status has what is left. Rejects with
 * the signal's reason alone: where Kubernetes does not answer either, all that the status names is left behind.
 */
export async function releaseNodesUnseen(draft: GroupDraft, { target, name, context }: Pick<Pass, 'target' | 'name' | 'context'>): Promise<void> {
  const { status, object } = draft
  const { removals = [] } = status
  const unclear = removals.filter(({ state }) => state === 'Removing')
  const others = removals.filter((one) => !unclear.includes(one) && mayBeMarked(one))
  try {
    const refused = await releaseMarks(marksOfRemovals(object, others), { target, context })
    status.removals = [...unclear, ...refused.map(({ one, error }) => asRefused(one.removal, error))]
    await releaseOthers(draft, { target, name, context }, uidsOf(status.removals))
  } catch {
    context.signal.throwIfAborted()
  }
}

/** Whether AWS ends the machine, or may have been asked to and it does not show yet: pods that came back would end with it. */
function fateOf({ once, surroundings, seen, target }: Pass, one: Removal, owed: string | undefined): 'Ends' | 'Unclear' | 'Stays' {
  const { instances = [] } = seen.scalingGroup ?? {}
  const member = instances.find(({ instanceId }) => instanceId === one.instanceId)
  const cannotHaveActed = (token: string): boolean => once.cannotHaveActed(token)
  const wasSent = mayBeSent(one, { cannotHaveActed, isOwed: () => false })
  // While the Auto Scaling group does not show, that the Node goes is all that tells.
  const isThere = one.nodeName !== undefined && target.nodes.byName(one.nodeName)?.metadata.uid === one.nodeUID
  if (member === undefined && wasSent) return seen.scalingGroup === undefined && isThere ? 'Unclear' : 'Ends'
  if (member !== undefined && isLeaving(member) && !isDetaching(member)) return 'Ends'
  const isOnItsWay = wasSent && one.call !== undefined && once.silentMs(one.call.token, surroundings.now()) < lostCallMs
  const isOwed = owed !== undefined && mayBeSent(one, { cannotHaveActed, isOwed: (instanceId) => once.wasLost(instanceId) })
  return isOnItsWay || isOwed ? 'Unclear' : 'Stays'
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
