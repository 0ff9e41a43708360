import { isIsolated, marksOf, sameMark } from '../../../drain/mark.ts'
import type { DrainContext } from '../../../drain/ports.ts'
import type { DrainState } from '../../../drain/request.ts'
import { rfc3339 } from '../../../runtime/conditions.ts'
import { type Result, checkpoint } from '../../../runtime/reconciler.ts'
import { defaultDrainRules } from '../../../scaling/drain/rules.ts'
import { FreeGate, stoppedBy } from '../free-gate.ts'
import { type Opening, msUntil, openingOf } from '../opening.ts'
import { restMs } from '../pace.ts'
import type { Act, Pass } from '../pass.ts'
import { drainDeadline } from '../removals/deadline.ts'
import { forceRefused } from '../removals/force.ts'
import { handOver, isDrained, takesEnds } from '../removals/hand-over.ts'
import { whyNoneCanBeEnded, holdRemovals } from '../removals/held.ts'
import { markOfRemoval, nodeOf } from '../removals/mark.ts'
import { heldByMinimum } from '../removals/minimum.ts'
import type { Removal } from '../removals/removal.ts'
import { refusedAgainMs, serverRefusal } from '../removals/server-refusal.ts'
import { sayRemovals } from '../removals/say-removals.ts'
import { traceEnd } from '../removals/trace.ts'
import { hasUnseenNode, strangerInWords } from '../removals/unseen-node.ts'
import { retryLine, retryTokenOf } from '../retry-token.ts'

/** As long as an instance may take to join; until then it may still come and take pods. */
const joinMs = 15 * 60_000
const pollMs = 5_000

interface Step {
  readonly removal: Removal
  /** When to look again at the latest. */
  readonly inMs?: number
  readonly isBlocked?: boolean
  readonly waitsForWindow?: boolean
}

/**
 * One pass over every node that leaves: isolated and emptied, all of them side by side, as the target's budget allows. It ends the pass only where the API
 * server says between two writes that somebody holds the object back (P10): what AWS has to be asked goes on meanwhile. A node that is empty is written down as
 * `Removing` before AWS is asked for it. None is begun outside the windows of the target, or while AWS has a higher minimum than the spec, which EKS may refuse
 * to lower; what has begun is finished. While no node of the group can be ended at all, what has begun waits too (`whyNoneCanBeEnded`).
 */
export const drainRemovals: Act = async (pass) => {
  const { draft, agenda, surroundings } = pass
  const { status } = draft
  const { removals = [] } = status
  const held = whyNoneCanBeEnded(pass.seen)
  if (held !== undefined) {
    holdRemovals(pass, held)
    return undefined
  }
  const opening = removals.some((one) => isToBegin(pass, one)) ? openingOf(pass.target, surroundings.now()) : undefined
  const tooMany = heldByMinimum(removals, (one) => isToBegin(pass, one), minimumOf(pass))
  const force = await forceRefused(pass, removals)
  // AWS may have been slow since the pass asked, and many nodes make many writes.
  const gated: Gated = { ...pass, context: { ...pass.context, confirm: new FreeGate(pass).confirm } }
  const steps = await Promise.allSettled(removals.map(async (one) => await step(gated, one, { opening, isHeld: tooMany.has(one) })))
  let isNew = false
  const blocked = new Set<Removal>()
  const unopened = new Set<Removal>()
  const after = steps.map((result, index): Removal => {
    const before = removals[index] as Removal
    if (result.status === 'rejected') {
      const message = serverRefusal(result.reason, before.message)
      if (message === undefined) return before
      agenda.within(refusedAgainMs)
      const next = { ...before, message }
      blocked.add(next)
      return next
    }
    const { removal, inMs } = result.value
    if (inMs !== undefined) agenda.within(inMs)
    if (removal.state === 'Removing' && before.state !== 'Removing') isNew = true
    const next = removal.state === before.state ? removal : { ...removal, since: rfc3339(surroundings.now()) }
    if (result.value.isBlocked === true) blocked.add(next)
    if (result.value.waitsForWindow === true) unopened.add(next)
    return next
  })
  if (after.length > 0) status.removals = after
  sayRemovals(draft, after, { blocked, unopened, force })
  return endOf(draft, steps) ?? (isNew ? checkpoint : undefined)
}

/**
 * How the pass ends where a node could not be gone on with, other than for a reason of its own; after everything that the others found out is in the status, which
 * is stored also when a pass throws.
 */
function endOf(draft: Pass['draft'], steps: readonly PromiseSettledResult<Step>[]): Result | undefined {
  const rejected = steps.filter((result) => result.status === 'rejected')
  const stopped = stoppedBy(draft, rejected)
  if (stopped !== undefined) return stopped
  const failed = rejected.find(({ reason }) => serverRefusal(reason) === undefined)
  if (failed !== undefined) throw failed.reason
  return undefined
}

/** A group that is deleted has its minimum lowered before (`deletion/close-sizes.ts`), or goes as a whole. */
function minimumOf({ draft, spec, seen }: Pass): Parameters<typeof heldByMinimum>[2] {
  const isDeleted = draft.object.metadata.deletionTimestamp !== undefined
  return { least: spec.scaling.minSize, group: isDeleted ? undefined : seen.scalingGroup }
}

function whenLowered({ seen: { group } }: Pass): string {
  if (group?.state === 'DeleteFailed') return 'stays: EKS changes nothing of a group that is DeleteFailed (do what condition Provisioned says), nor lowers'
  return 'starts when EKS has lowered'
}

/** Asks before each write whether it still may. */
interface Gated extends Pass {
  readonly context: Pass['context'] & Pick<DrainContext, 'confirm'>
}

interface Limits {
  readonly opening: Opening | undefined
  readonly isHeld: boolean
}

async function step(pass: Gated, one: Removal, { opening, isHeld }: Limits): Promise<Step> {
  if (one.state !== 'Accepted' && one.state !== 'Draining') return { removal: one }
  if (opening !== undefined && isToBegin(pass, one)) {
    const message = `starts when a window opens, ${opening.inWords}`
    return { removal: { ...one, message }, inMs: msUntil(opening, pass.surroundings.now()), waitsForWindow: true }
  }
  if (isHeld) {
    // `scale` asks for it, in this same pass where EKS takes it, and says when to look again.
    return {
      removal: {
        ...one,
        message: `${whenLowered(pass)} the Auto Scaling group's minimum from ${pass.seen.scalingGroup?.minSize} to ${pass.spec.scaling.minSize}`,
      },
    }
  }
  if (pass.spec.scaleDown.drain === 'None') return handOver(pass, one)
  return nodeOf(one) === undefined ? await withoutNode(pass, one) : await drain(pass, one)
}

/**
 * Whether nothing has been done to the node yet that a window gates. An instance that has no Node runs no pod that could be drained; without a drain
 * nobody looks, and it counts as if it had some. A pass that isolated the node may have lost its status: then the Node tells.
 */
function isToBegin({ draft, spec, target }: Pass, one: Removal): boolean {
  const ref = nodeOf(one)
  if (one.state !== 'Accepted' || one.drain?.isolatedAt !== undefined) return false
  if (ref === undefined) return spec.scaleDown.drain === 'None'
  const node = target.nodes.byName(ref.name)
  const mark = markOfRemoval(draft.object, one)
  // Only of a group that is deleted the mark alone says nothing: all its nodes bear it as the group's own taint.
  const mayBeOfGroup = draft.object.metadata.deletionTimestamp !== undefined
  return node?.metadata.uid !== ref.uid || (mayBeOfGroup && !isIsolated(node)) || !marksOf(node).some((found) => sameMark(found, mark))
}

async function drain(pass: Gated, one: Removal): Promise<Step> {
  const { draft, spec, target, context } = pass
  const node = nodeOf(one)
  if (node === undefined) return { removal: one }
  // All that is left to see is that no pod comes back.
  if (isDrained(one) && !takesEnds(pass) && target.nodes.podsOn(node.name) === 0) return handOver(pass, one)
  const mark = markOfRemoval(draft.object, one)
  const rules = { ...defaultDrainRules, onTimeout: spec.scaleDown.onTimeout }
  const { state, progress, next } = await target.drain.drainNode({ node, mark, rules, deadline: drainDeadline(pass, one), state: one.drain }, context)
  const removal: Removal = {
    ...one,
    state: state.step === 'Waiting' ? 'Accepted' : 'Draining',
    message: progress.message.slice(0, maxMessage),
    drain: copy(state),
  }
  const isBlocked = progress.blocked.length > 0
  switch (next.kind) {
    case 'wait':
      return { removal, inMs: next.ms, isBlocked }
    case 'again':
      return { removal, inMs: 0, isBlocked }
    case 'empty':
    case 'gone':
      return handOver(pass, removal)
    case 'failed':
      break
  }
  await target.drain.release(node, mark, context)
  traceEnd(pass, removal, 'DrainFailed', removal.message.slice(0, maxBlocker))
  return { removal: failedDrain(pass, removal) }
}

const maxMessage = 1024
/** So that the remedy has its place beside it. */
const maxBlocker = 512

/** The drain's memory as the status takes it. */
function copy(state: DrainState): NonNullable<Removal['drain']> {
  return structuredClone(state) as NonNullable<Removal['drain']>
}

function failedDrain({ draft }: Pass, one: Removal): Removal {
  const { metadata } = draft.object
  const retry = retryTokenOf(metadata)
  const remedy = `to try again: ${retryLine(metadata)}`
  return {
    ...one,
    state: 'Refused',
    message: `the drain failed (scaleDown.onTimeout: Fail) and the node stays: ${one.message.slice(0, maxBlocker)}; ${remedy}`.slice(0, maxMessage),
    ...(retry === undefined ? {} : { retry }),
  }
}

/** An instance without a Node: it may join at any moment and take pods, unless late nodes are kept empty anyhow. */
async function withoutNode(pass: Pass, one: Removal): Promise<Step> {
  const { seen, surroundings, lateNodesStayEmpty } = pass
  const lifecycle = seen.scalingGroup?.instances.find(({ instanceId }) => instanceId === one.instanceId)?.lifecycleState
  const since = Math.min(...[one.since, missingSince(pass, one.instanceId)].flatMap((time) => (time === undefined ? [] : [Date.parse(time)])))
  const leftMs = since + joinMs - surroundings.now().getTime()
  const mayCome = !lateNodesStayEmpty && leftMs > 0
  const inMs = Math.min(pollMs, Math.max(1000, leftMs))
  if (mayCome) return { removal: { ...one, message: 'has not joined: waits for its Node, at most 15 min, and drains it then' }, inMs }
  if (lifecycle !== 'InService') return { removal: { ...one, message: `waits until the instance is InService (${lifecycle ?? 'unknown'})` }, inMs }
  const stranger = strangerInWords(pass)
  if (stranger !== undefined) return { removal: { ...one, message: stranger }, inMs: restMs }
  if (await hasUnseenNode(pass)) return { removal: { ...one, message: 'waits until it shows whether its Node has joined' }, inMs }
  return handOver(pass, one)
}

/** Since when the instance has had no Node, where that is known from before. */
function missingSince({ draft }: Pass, id: string): string | undefined {
  return draft.status.nodes?.missing?.find(({ instanceId }) => instanceId === id)?.since
}
