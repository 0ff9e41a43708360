import type { EksNodeGroupStatus } from '../../../crds/eks-node-group-status.ts'
import { marksOf, sameMark } from '../../../drain/mark.ts'
import { rfc3339 } from '../../../runtime/conditions.ts'
import { checkpoint } from '../../../runtime/reconciler.ts'
import { formerMarks } from '../former.ts'
import { stillFreeNow } from '../free-gate.ts'
import type { Act, Pass } from '../pass.ts'
import { shrinkerOf } from '../size-manager.ts'
import { forceRefused } from '../removals/force.ts'
import { whyNoneCanBeEnded } from '../removals/held.ts'
import { hasGone } from '../removals/judge.ts'
import { markOfRemoval } from '../removals/mark.ts'
import { nodesThatEnd } from '../removals/nodes-that-end.ts'
import { type RemovalPlan, planRemovals, planUnseen } from '../removals/plan.ts'
import { type Marked, marksOfRemovals, releaseMarks } from '../removals/release-marks.ts'
import type { Removal, RemovalWorld } from '../removals/removal.ts'
import { sayRemovals } from '../removals/say-removals.ts'
import { refusedAgainMs, serverRefusal } from '../removals/server-refusal.ts'
import { sparedInWords } from '../removals/spared.ts'
import { traceEnd } from '../removals/trace.ts'
import { worldOf } from '../removals/world.ts'

/**
 * Says which nodes leave, and takes our mark off those that may stay after all. A node that is new on the list is stored before anything happens to
 * it (aws-rules B4): the pass ends there. Also while no node of the group can be ended: nobody is chosen then, and what people take back is given back.
 */
export const chooseRemovals: Act = async (pass) => {
  const { draft, seen, surroundings } = pass
  const { status } = draft
  const { scalingGroup } = seen
  const before = status.removals ?? []
  const world = scalingGroup === undefined ? undefined : worldOf(pass, scalingGroup)
  const plan: Pick<RemovalPlan, 'removals' | 'released' | 'spared'> =
    world === undefined ? planUnseen({ requested: pass.spec.scaling.removals ?? [], before }) : planRemovals(world)
  const removals = plan.removals.map((one) => withUnreleased(one, before))
  const toRelease = [...plan.released, ...removals.filter((one) => bearsMark(one) || isMarkedUnbegun(pass, one))]
  const forgotten = forgottenMarks(pass, [...removals, ...before])
  if (toRelease.length > 0 || forgotten.length > 0) {
    // At rest nobody has asked yet, and it is no reason to ask AWS: a node that the API server refuses to change would be one for days.
    const stopped = await stillFreeNow(pass)
    if (stopped !== undefined) return stopped
  }
  // First the mark, then the entry: what is forgotten too early nobody would take off.
  const stuck = await releaseAll(pass, toRelease, before)
  // Nothing fails from here on: what is told here is off the list when the pass ends.
  if (world !== undefined) tellGone(pass, world)
  const isStuck = ({ instanceId }: Removal): boolean => stuck.some((one) => one.instanceId === instanceId)
  for (const one of toRelease) if (wasBegun(one, before) && !isStuck(one)) traceEnd(pass, one, 'GivenBack')
  // One that cannot be released now is next time.
  await releaseMarks(forgotten, pass).catch(() => undefined)
  const now = rfc3339(surroundings.now())
  const chosen = removals.filter((one) => !isStuck(one)).map(withoutMark)
  const asker = world === undefined ? undefined : shrinkerOf(pass, world.keep)
  const kept = [...chosen, ...stuck].map((one) => since(withAsker(one, before, asker), before, now))
  store(status, kept)
  if (plan.spared !== undefined && scalingGroup !== undefined)
    draft.conditions.setFalse('InSync', 'RemovalRefused', sparedInWords(plan.spared, scalingGroup.name))
  const isNew = kept.some((one) => one.state === 'Accepted' && !before.some((known) => isSame(known, one)))
  // Of those none is begun in this pass, and what it ends with tells who is waited for.
  if (!isNew || whyNoneCanBeEnded(seen) !== undefined) return undefined
  sayRemovals(draft, kept, { force: await forceRefused(pass, kept) })
  return checkpoint
}

/** Of our own choice: with who lowered the number when it was made. */
function withAsker(one: Removal, before: readonly Removal[], fieldManager: string | undefined): Removal {
  const isOurNewChoice = one.orderUID === undefined && !before.some((each) => isSame(each, one))
  return isOurNewChoice && fieldManager !== undefined ? { ...one, fieldManager } : one
}

/** With the time from which it has been in its state. */
function since(one: Removal, before: readonly Removal[], now: string): Removal {
  const same = before.find((each) => isSame(each, one) && each.state === one.state)
  return { ...one, since: same?.since ?? now }
}

function isSame(a: Removal, b: Removal): boolean {
  return a.instanceId === b.instanceId && a.orderUID === b.orderUID && a.nodeUID === b.nodeUID && a.state !== 'Gone'
}

function store(status: Pick<EksNodeGroupStatus, 'removals'>, removals: readonly Removal[]): void {
  if (removals.length === 0) delete status.removals
  else status.removals = [...removals]
}

/** A node that is refused keeps nothing of ours; that its drain failed is remembered. */
function bearsMark({ state, drain }: Removal): boolean {
  return state === 'Refused' && drain !== undefined && drain.step !== 'Failed'
}

/**
 * One of an order that is refused, and whose Node has its mark all the same: the pass that marked it lost its status. Our own choices are not asked about: in a
 * group that is being deleted every node has that mark.
 */
function isMarkedUnbegun({ draft, target }: Pick<Pass, 'draft' | 'target'>, one: Removal): boolean {
  if (one.state !== 'Refused' || one.drain !== undefined || one.orderUID === undefined) return false
  const node = target.nodes.byInstance(one.instanceId)
  return node !== undefined && node.metadata.uid === one.nodeUID && marksOf(node).some((found) => sameMark(found, markOfRemoval(draft.object, one)))
}

/** Our mark stood on the node until now, and it is told that it came off; that a drain failed was told when it did. */
function wasBegun(one: Removal, before: readonly Removal[]): boolean {
  return before.some((each) => isSame(each, one) && each.drain?.isolatedAt !== undefined && each.drain.step !== 'Failed')
}

/** What is judged anew has no drain any more, but the mark of one that could not be released stands until a release succeeds. */
function withUnreleased(one: Removal, before: readonly Removal[]): Removal {
  if (one.state !== 'Refused' || one.drain !== undefined) return one
  const unreleased = before.find((each) => isSame(each, one) && bearsMark(each))
  return unreleased?.drain === undefined ? one : { ...one, drain: unreleased.drain }
}

function withoutMark(one: Removal): Removal {
  if (!bearsMark(one)) return one
  const { drain: _, ...rest } = one
  return rest
}

/** Gives, as they stand on the list, those that the API server refuses to change: they hold no other back, and are tried again. */
async function releaseAll(pass: Pass, entries: readonly Removal[], before: readonly Removal[]): Promise<readonly Removal[]> {
  const refused = await releaseMarks(marksOfRemovals(pass.draft.object, entries), pass)
  if (refused.length > 0) pass.agenda.within(refusedAgainMs)
  return refused.map(({ one: { removal }, error }) => {
    const known = before.find((each) => isSame(each, removal))
    return stillMarked(removal, known, error)
  })
}

function stillMarked(removal: Removal, known: Removal | undefined, error: unknown): Removal {
  const drain = removal.drain ?? known?.drain
  return { ...removal, state: 'Refused', message: serverRefusal(error, known?.message) ?? removal.message, ...(drain === undefined ? {} : { drain }) }
}

/**
 * The group's own mark on a node that no entry names, and that stays: the status was lost, by a hand or a restored backup. And those of earlier lives of the object, which
 * are nobody's any more, on every node.
 */
function forgottenMarks({ draft, seen, target, name }: Pick<Pass, 'draft' | 'seen' | 'target' | 'name'>, entries: readonly Removal[]): readonly Marked[] {
  const { uid, deletionTimestamp } = draft.object.metadata
  const known = new Set([...entries.map(({ nodeUID }) => nodeUID), ...nodesThatEnd({ seen, target })])
  const former = formerMarks(draft)
  return target.nodes.inGroup(name).flatMap((node) => {
    // Of a group that is being deleted all nodes bear its own.
    const isForgotten = deletionTimestamp === undefined && !known.has(node.metadata.uid)
    const stale = isForgotten ? [...former, { kind: 'leaving', uid } as const] : former
    return marksOf(node).flatMap((found) => (stale.some((mark) => sameMark(found, mark)) ? [{ node: node.metadata, mark: found }] : []))
  })
}

function tellGone(pass: Pass, world: RemovalWorld): void {
  for (const one of world.before) {
    if (one.state === 'Gone' || !hasGone(one, world)) continue
    traceEnd(pass, one, 'Succeeded')
  }
}
