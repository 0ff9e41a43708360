import { isAwsError } from '../../../aws/aws-error.ts'
import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import { rfc3339 } from '../../../runtime/conditions.ts'
import { checkpoint, requeueAfter, type Result } from '../../../runtime/reconciler.ts'
import { pollDelayMs } from '../operation.ts'
import type { Act, Pass } from '../pass.ts'
import { refuse } from '../refusal.ts'
import { intendEnd } from '../removals/intent.ts'
import { nameOf } from '../removals/in-words.ts'
import { markOfRemoval, nodeOf } from '../removals/mark.ts'
import { isLeaving, takesTermination } from '../removals/member.ts'
import type { Removal } from '../removals/plan.ts'

/** A call of this process, or of one that died, can still arrive this long afterwards: the SDK gives a request 15 s. */
const lostCallMs = 20_000

/**
 * Asks AWS to end the empty nodes, by name and one a call (aws-rules B4). There is no token, and a second call would lower the count again: so each
 * call needs an intent of its own, stored before, and is made only while the instance is in service, as AWS says right before it.
 */
export const endInstances: Act = async (pass) => {
  const { draft, seen, surroundings, agenda, once } = pass
  const { status } = draft
  const removing = (status.removals ?? []).filter(({ state }) => state === 'Removing')
  if (removing.length === 0 || seen.scalingGroup === undefined) return undefined
  if (seen.group?.state !== 'Active' && seen.group?.state !== 'Degraded') return undefined
  const now = surroundings.now()
  let isNew = false
  for (const one of removing) {
    const ageMs = now.getTime() - Date.parse(one.call?.at ?? one.since ?? rfc3339(now))
    agenda.within(pollDelayMs(ageMs))
    const member = seen.scalingGroup.instances.find(({ instanceId }) => instanceId === one.instanceId)
    if (member === undefined || isLeaving(member)) continue
    if (one.call !== undefined && once.use(one.call.token)) {
      const result = await end(pass, one, seen.scalingGroup.name)
      if (result !== undefined) return result
    } else if (one.call === undefined || ageMs >= lostCallMs) {
      // Whatever was sent under the old intent has arrived or never will.
      replace(pass, { ...one, call: intendEnd(pass) })
      isNew = true
    } else replace(pass, { ...one, message: 'AWS was asked to end it and does not show that yet: asked again if it does not within 20 s' })
  }
  return isNew ? checkpoint : undefined
}

/** One call, after a last look at the instance, the count and the node. A result ends the pass. */
async function end(pass: Pass, one: Removal, group: string): Promise<Result | undefined> {
  const { draft, target, context, spec } = pass
  const { signal } = context
  const { scalingGroups } = target.aws
  const [now] = await scalingGroups.describe([group], { signal })
  const whyNot = now === undefined ? 'the Auto Scaling group does not show' : hindrance(now, one)
  if (whyNot !== undefined) return waitFor(pass, one, whyNot)
  const unsafe = spec.scaleDown.drain === 'None' ? undefined : await notEmpty(pass, one)
  if (unsafe !== undefined) return unsafe
  try {
    await scalingGroups.terminate(one.instanceId, { group, signal })
  } catch (error) {
    if (isAwsError(error)) return refusedBy(pass, one, error)
    throw error
  } finally {
    scalingGroups.forget(target.clusterName)
  }
  context.event({ type: 'Normal', reason: 'RemovingNode', action: 'RemoveNode', note: `asked AWS to end ${nameOf(one)} (${one.instanceId})` })
  replace(pass, { ...one, message: `AWS ends instance ${one.instanceId}` })
  draft.conditions.reconciling('RemovingNodes', `AWS ends ${nameOf(one)}`)
  return undefined
}

/** Why AWS must not be asked now, in words; `undefined` when it may. */
function hindrance({ instances, desiredCapacity, minSize }: ScalingGroup, { instanceId }: Removal): string | undefined {
  const member = instances.find((each) => each.instanceId === instanceId)
  if (member === undefined || !takesTermination(member)) return `waits for AWS: the instance is ${member?.lifecycleState ?? 'gone'}`
  if (desiredCapacity <= minSize) return `waits until the Auto Scaling group's minimum (${minSize}) is below its number (${desiredCapacity})`
  return undefined
}

/** The intent is dropped: nothing was sent, and the next attempt gets one of its own. */
function waitFor(pass: Pass, one: Removal, message: string): Result {
  const { call: _, ...rest } = one
  replace(pass, { ...rest, message })
  return requeueAfter(5_000)
}

/** The last look at the node itself (P1): somebody's pod may have come since the drain ended. */
async function notEmpty(pass: Pass, one: Removal): Promise<Result | undefined> {
  const { draft, target, context } = pass
  const node = nodeOf(one)
  if (node === undefined) {
    const joined = target.nodes.byInstance(one.instanceId)
    return joined === undefined ? undefined : backToDraining(pass, one, 'its Node has joined meanwhile and is drained first')
  }
  const look = await target.drain.lastLook({ node, mark: markOfRemoval(draft.object, one), state: one.drain }, context)
  return look.kind === 'empty' || look.kind === 'gone' ? undefined : backToDraining(pass, one, 'pods came back to it: drained again')
}

function backToDraining(pass: Pass, one: Removal, message: string): Result {
  const { call: _, ...rest } = one
  replace(pass, { ...rest, state: 'Accepted', message })
  return requeueAfter(0)
}

/** AWS answered, so nothing is on its way: the next attempt gets an intent of its own. */
function refusedBy(pass: Pass, one: Removal, error: Parameters<typeof refuse>[1]): Result {
  const { call: _, ...rest } = one
  if (isAwsError(error, 'Unavailable')) throw error
  replace(pass, { ...rest, message: error instanceof Error ? error.message.slice(0, 1024) : '' })
  // It went away between the look and the call: the next pass sees that.
  if (isAwsError(error, 'NotFound')) return requeueAfter(2_000)
  return refuse(pass.draft, error)
}

function replace({ draft }: Pass, one: Removal): void {
  const { status } = draft
  status.removals = (status.removals ?? []).map((each) => (each.instanceId === one.instanceId ? one : each))
}
