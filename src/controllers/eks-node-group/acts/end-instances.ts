import { isAwsError } from '../../../aws/aws-error.ts'
import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import { deadlineOf } from '../../../drain/request.ts'
import { durationMs } from '../../../lib/duration.ts'
import { rfc3339 } from '../../../runtime/conditions.ts'
import { checkpoint, requeueAfter, type Result } from '../../../runtime/reconciler.ts'
import { stillFree } from '../holder.ts'
import { pollDelayMs, restMs } from '../operation.ts'
import type { Act, Pass } from '../pass.ts'
import { refuse } from '../refusal.ts'
import { intendEnd } from '../removals/intent.ts'
import { nameOf } from '../removals/in-words.ts'
import { markOfRemoval, nodeOf } from '../removals/mark.ts'
import { isCounted, isLeaving, takesTermination } from '../removals/member.ts'
import { type Removal, planRemovals } from '../removals/plan.ts'
import { worldOf } from '../removals/world.ts'
import { isOverdue } from '../removals/stuck.ts'

/** A call whose answer nobody read can still arrive this long afterwards: the SDK gives a request 15 s. */
const lostCallMs = 20_000
/** As old as the word may be that nobody holds the group back, or has changed what it asks for: many calls one after the other take long (P10). */
const freeMs = 1_000

/**
 * Asks AWS to end the empty nodes, by name and one a call (aws-rules B4). There is no token, and a second call would lower the count again: so each
 * call needs an intent of its own, stored before, and is made only while the instance is in service and has still to go, as AWS and the API server say right
 * before it. Until then it can be taken back.
 */
export const endInstances: Act = async (pass) => {
  const { draft, seen, surroundings, agenda, once } = pass
  const { status } = draft
  const removing = (status.removals ?? []).filter(({ state }) => state === 'Removing')
  if (removing.length === 0 || seen.scalingGroup === undefined) return undefined
  await letGo(pass, removing)
  if (seen.group?.state !== 'Active' && seen.group?.state !== 'Degraded') return undefined
  const now = surroundings.now()
  let isNew = false
  let freeAtMs = Number.NEGATIVE_INFINITY
  for (const one of removing) {
    const ageMs = now.getTime() - Date.parse(one.call?.at ?? one.since ?? rfc3339(now))
    const member = seen.scalingGroup.instances.find(({ instanceId }) => instanceId === one.instanceId)
    const isThere = member !== undefined && member.lifecycleState !== 'Terminated'
    agenda.within(!isThere && isOverdue(one, now) ? restMs : pollDelayMs(ageMs))
    if (member === undefined || isLeaving(member)) continue
    if (one.call !== undefined && once.isUnsent(one.call.token) && !once.hasEnded(one.call.token)) {
      const nowMs = surroundings.now().getTime()
      const held = nowMs - freeAtMs > freeMs ? await stillFree(pass) : undefined
      if (held !== undefined) return held
      if (nowMs - freeAtMs > freeMs) freeAtMs = nowMs
      const result = await end(pass, one, seen.scalingGroup.name)
      if (result !== undefined) return result
    } else if (one.call === undefined || once.silentMs(one.call.token, now) >= lostCallMs) {
      const taken = one.call === undefined || once.hasEnded(one.call.token) ? undefined : mayBeTaken(seen.scalingGroup)
      if (taken !== undefined) {
        replace(pass, { ...one, message: taken })
        continue
      }
      // Whatever was sent under the old intent has arrived or never will.
      replace(pass, { ...one, call: intendEnd(pass) })
      isNew = true
    } else if (!once.hasEnded(one.call.token))
      replace(pass, { ...one, message: 'AWS was asked to end it and does not show that yet: asked again if it does not within 20 s' })
  }
  return isNew ? checkpoint : undefined
}

/**
 * A machine that is gone for good must not hold its pods and volumes: where its Node stays, Kubernetes is told. Only of a node that was handed over
 * empty and that we asked for: an instance that somebody took out of the Auto Scaling group is not there either, and runs on.
 */
async function letGo({ spec, seen, target, context, once }: Pass, removing: readonly Removal[]): Promise<void> {
  for (const { instanceId, call } of removing) {
    if (call === undefined || once.isUnsent(call.token) || spec.scaleDown.drain === 'None') continue
    const member = seen.scalingGroup?.instances.find((one) => one.instanceId === instanceId)
    const node = member === undefined || member.lifecycleState === 'Terminated' ? target.nodes.byInstance(instanceId) : undefined
    if (node?.spec.providerID === undefined) continue
    const { name, uid } = node.metadata
    await target.drain.outOfService({ name, uid, providerID: node.spec.providerID }, context)
  }
}

/**
 * AWS took a call whose answer we did not get, and has not ended anybody for it yet: the number is below what runs. A second call would lower it again, and
 * AWS would end another node for that, whatever runs there. In words; `undefined` where nobody is to be ended any more.
 */
function mayBeTaken({ instances, desiredCapacity }: ScalingGroup): string | undefined {
  const running = instances.filter(isCounted).length
  if (running <= desiredCapacity) return undefined
  return `AWS was asked to end it, and of ${running} instances has still to end some for its number of ${desiredCapacity}: waits until it has, before it is asked again`
}

/** One call, after a last look at the instance, the count and the node. A result ends the pass. */
async function end(pass: Pass, one: Removal, group: string): Promise<Result | undefined> {
  const { draft, target, context, spec, once, surroundings } = pass
  const { signal } = context
  const { scalingGroups } = target.aws
  const [now] = await scalingGroups.describe([group], { signal })
  const whyNot = now === undefined ? 'the Auto Scaling group does not show' : hindrance(now, one)
  if (now === undefined || whyNot !== undefined) return waitFor(pass, one, whyNot ?? '')
  if (!stillLeaves(pass, one, now)) return backToDraining(pass, one, 'it is judged anew whether it has to leave: AWS has another number by now')
  const atMinimum = minimumInTheWay(now, one)
  if (atMinimum !== undefined) return backToDraining(pass, one, atMinimum)
  const unsafe = spec.scaleDown.drain === 'None' ? undefined : await notEmpty(pass, one)
  if (unsafe !== undefined) return unsafe
  if (one.call === undefined || !once.use(one.call.token, surroundings.now())) return waitFor(pass, one, 'it is asked for anew')
  try {
    await scalingGroups.terminate(one.instanceId, { group, decrement: isInNumber(now, one), signal })
  } catch (error) {
    if (isAwsError(error)) return refusedBy(pass, one, error)
    throw error
  } finally {
    once.sent(one.call.token, surroundings.now())
    scalingGroups.forget(target.clusterName)
  }
  context.event({ type: 'Normal', reason: 'RemovingNode', action: 'RemoveNode', note: `asked AWS to end ${nameOf(one)} (${one.instanceId})` })
  replace(pass, { ...one, message: `AWS ends instance ${one.instanceId}` })
  draft.conditions.reconciling('RemovingNodes', `AWS ends ${nameOf(one)}`)
  return undefined
}

/** Why AWS must not be asked now, in words; `undefined` when it may. */
function hindrance({ instances }: ScalingGroup, { instanceId }: Removal): string | undefined {
  const member = instances.find((each) => each.instanceId === instanceId)
  return member === undefined || !takesTermination(member) ? `waits for AWS: the instance is ${member?.lifecycleState ?? 'gone'}` : undefined
}

/**
 * The same question as at the beginning of the pass, with the number that AWS has right before the call. Somebody may have lowered it elsewhere, so that
 * one node too many would go.
 */
function stillLeaves(pass: Pass, { instanceId, orderUID }: Removal, now: ScalingGroup): boolean {
  const { removals } = planRemovals(worldOf(pass, now))
  return removals.some((one) => one.instanceId === instanceId && one.orderUID === orderUID && one.state === 'Removing')
}

/** Somebody raised the minimum meanwhile. It is judged anew whether the node may leave: AWS would say no, and nobody could take it back. */
function minimumInTheWay({ instances, desiredCapacity, minSize }: ScalingGroup, { instanceId }: Removal): string | undefined {
  const member = instances.find((each) => each.instanceId === instanceId)
  // One in standby is no part of the number.
  if (member === undefined || !isCounted(member) || desiredCapacity > minSize) return undefined
  return `waits until the Auto Scaling group's minimum (${minSize}) is below its number (${desiredCapacity})`
}

/** One in standby is no part of the number: lowered for it, AWS would end another one. */
function isInNumber(group: ScalingGroup, { instanceId }: Removal): boolean {
  const member = group.instances.find((each) => each.instanceId === instanceId)
  return member !== undefined && isCounted(member)
}

/** Nothing was sent, and the next attempt gets an intent of its own, in 20 s at the earliest. */
function waitFor({ draft, once, surroundings }: Pick<Pass, 'draft' | 'once' | 'surroundings'>, one: Removal, message: string): Result {
  if (one.call !== undefined) {
    once.use(one.call.token, surroundings.now())
    once.end(one.call.token)
  }
  replace({ draft }, { ...one, message })
  return requeueAfter(lostCallMs)
}

/** The last look at the node itself (P1): somebody's pod may have come since the drain ended. */
async function notEmpty(pass: Pass, one: Removal): Promise<Result | undefined> {
  const { draft, target, context } = pass
  const node = nodeOf(one)
  if (node === undefined) {
    if (target.nodes.byInstance(one.instanceId) !== undefined) return backToDraining(pass, one, 'its Node has joined meanwhile and is drained first')
    // One that the watch has not shown may be this instance's; late nodes that stay empty are ended all the same.
    const names = pass.lateNodesStayEmpty ? [] : await target.nodes.namesInGroup(pass.name, context)
    const isUnseen = names.some((name) => target.nodes.byName(name) === undefined)
    return isUnseen ? waitFor(pass, one, 'waits until it shows whether its Node has joined') : undefined
  }
  const look = await target.drain.lastLook({ node, mark: markOfRemoval(draft.object, one), state: one.drain, ignoreVolumes: isForced(pass, one) }, context)
  if (look.kind === 'empty') return undefined
  return look.kind === 'gone' ? await returned(pass, one, node.name) : backToDraining(pass, one, 'pods came back to it: drained again')
}

/** As the drain that said `empty`: past its deadline `Force` waits for no volume. */
function isForced({ spec, surroundings }: Pass, { drain }: Removal): boolean {
  const { onTimeout, timeout } = spec.scaleDown
  const deadline = deadlineOf(drain, durationMs(timeout) ?? Number.POSITIVE_INFINITY)
  return onTimeout === 'Force' && deadline !== undefined && deadline.getTime() <= surroundings.now().getTime()
}

/**
 * Somebody deleted the Node of a machine that runs: its kubelet registers it anew, as another Node without our mark, and what was bound to the name goes
 * on running there. Asks the API server, since the watch may be behind. `undefined` when there is no such Node and no such pod.
 */
async function returned(pass: Pass, one: Removal, nodeName: string): Promise<Result | undefined> {
  const { target, name, context } = pass
  const joined = target.nodes.byInstance(one.instanceId)
  if (joined !== undefined && joined.metadata.uid !== one.nodeUID) return backToDraining(pass, one, 'its Node is another one by now')
  const names = await target.nodes.namesInGroup(name, context)
  if (names.some((found) => found === nodeName || target.nodes.byName(found) === undefined))
    return waitFor(pass, one, 'waits until it shows whether its Node has been registered anew')
  const pods = await target.nodes.podsInTheWay(nodeName, context)
  if (pods.length > 0) return waitFor(pass, one, `its Node was deleted, and ${pods.length} pods are still bound to it: waits for a new Node or their end`)
  return undefined
}

function backToDraining(pass: Pass, one: Removal, message: string): Result {
  const { call: _, ...rest } = one
  replace(pass, { ...rest, state: 'Accepted', message })
  return requeueAfter(0)
}

/** AWS answered, so nothing is on its way: the next attempt gets an intent of its own, in 20 s at the earliest. */
function refusedBy(pass: Pass, one: Removal, error: Parameters<typeof refuse>[1]): Result {
  if (isAwsError(error, 'Unavailable')) throw error
  waitFor(pass, one, error instanceof Error ? error.message.slice(0, 1024) : '')
  // It went away between the look and the call: the next pass sees that.
  if (isAwsError(error, 'NotFound')) return requeueAfter(2_000)
  return refuse(pass.draft, error)
}

function replace({ draft }: Pick<Pass, 'draft'>, one: Removal): void {
  const { status } = draft
  status.removals = (status.removals ?? []).map((each) => (each.instanceId === one.instanceId && each.state === 'Removing' ? one : each))
}
