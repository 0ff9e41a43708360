import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import { isAwsError } from '../../../aws/aws-error.ts'
import { rfc3339 } from '../../../runtime/conditions.ts'
import { checkpoint, requeueAfter, type Result } from '../../../runtime/reconciler.ts'
import { takesChanges } from '../group-state.ts'
import { createStillFree } from '../free-gate.ts'
import { lostCallMs } from '../operation.ts'
import { pollDelayMs, restMs } from '../pace.ts'
import type { Act, Pass } from '../pass.ts'
import { refuse } from '../refusal.ts'
import { nameOf } from '../removals/in-words.ts'
import { intendEnd } from '../removals/intent.ts'
import { type Hindrance, judgeEnd } from '../removals/judge-end.ts'
import { lastLook } from '../removals/last-look.ts'
import { hasLeft, isLeaving } from '../removals/member.ts'
import { stillOwed } from '../removals/owed.ts'
import type { Removal } from '../removals/removal.ts'
import { isOverdue } from '../removals/stuck.ts'
import { suspendedInWords } from '../suspended-process.ts'

/** What AWS has not ended by then it may not end for long, as where its terminations are suspended. */
const oldMs = 300_000

/**
 * Asks AWS to end the empty nodes, by name and one a call (aws-rules B4). There is no token, and a second call would lower the count again: so each
 * call needs an intent of its own, stored before, and is made only while the instance is in service and has still to go, as AWS and the API server say right
 * before it. Until then it can be taken back.
 */
export const endInstances: Act = async (pass) => {
  const { draft, seen, surroundings, agenda, once } = pass
  const removing = (draft.status.removals ?? []).filter(({ state }) => state === 'Removing')
  if (removing.length === 0 || seen.scalingGroup === undefined || !takesChanges(seen.group)) return undefined
  const now = surroundings.now()
  const stillFree = createStillFree(pass)
  let isNew = false
  for (const one of removing) {
    const { call } = one
    const member = seen.scalingGroup.instances.find(({ instanceId }) => instanceId === one.instanceId)
    const ageMs = now.getTime() - Date.parse(call?.at ?? one.since ?? rfc3339(now))
    const isOld = hasLeft(member) ? isOverdue(one, now) : call !== undefined && member !== undefined && !isLeaving(member) && ageMs > oldMs
    agenda.within(isOld ? restMs : pollDelayMs(ageMs))
    if (member === undefined || isLeaving(member)) continue
    const hasEnded = call !== undefined && once.hasEnded(call.token)
    if (call !== undefined && once.cannotHaveActed(call.token) && !hasEnded) {
      const result = (await stillFree()) ?? (await end(pass, { ...one, call }, { group: seen.scalingGroup.name, stillFree }))
      if (result !== undefined) return result
      continue
    }
    const isSilent = call === undefined || once.silentMs(call.token, now) >= lostCallMs
    if (isSilent && call !== undefined && !hasEnded) once.lose(one.instanceId)
    const owed = isSilent && once.wasLost(one.instanceId) ? stillOwed(seen.scalingGroup) : undefined
    if (owed !== undefined) replace(pass, { ...one, message: owed })
    else if (isSilent) {
      // Whatever was sent under the old intent has arrived or never will. That it has may show later still: `judgeEnd` asks again.
      replace(pass, { ...one, call: intendEnd(pass) })
      isNew = true
    } else if (!hasEnded) replace(pass, { ...one, message: notShown(seen.scalingGroup) })
  }
  return isNew ? checkpoint : undefined
}

function notShown(group: ScalingGroup): string {
  const suspended = suspendedInWords(group, 'Terminate')
  const message = 'AWS was asked to end it and does not show that yet: asked again if it does not within 20 s'
  return suspended === undefined ? message : `${message}; ${suspended}`
}

type Intended = Removal & { readonly call: NonNullable<Removal['call']> }

interface EndOptions {
  readonly group: string
  readonly stillFree: () => Promise<Result | undefined>
}

/** One call, after a last look at the instance, the count and the node. A result ends the pass. */
async function end(pass: Pass, one: Intended, { group, stillFree }: EndOptions): Promise<Result | undefined> {
  const { draft, target, context, spec, once, surroundings } = pass
  const { signal } = context
  const { scalingGroups } = target.aws
  const [now] = await scalingGroups.describe([group], { signal })
  const verdict = judgeEnd(pass, one, now)
  if (verdict.kind !== 'End') return giveUp(pass, one, verdict)
  const unsafe = spec.scaleDown.drain === 'None' ? undefined : await lastLook(pass, one)
  if (unsafe !== undefined) return giveUp(pass, one, unsafe)
  // Asked already before the looks, which are for nothing where it may not be; AWS may have been slow to answer them.
  const held = await stillFree()
  if (held !== undefined) return held
  if (!once.use(one.call.token, surroundings.now())) return waitFor(pass, one, 'it is asked for anew')
  try {
    await scalingGroups.terminate(one.instanceId, { group, decrement: verdict.decrement, signal })
    once.take(one.call.token)
  } catch (error) {
    if (isAwsError(error)) return refusedBy(pass, one, error)
    throw error
  } finally {
    once.sent(one.call.token, surroundings.now())
  }
  context.event({ type: 'Normal', reason: 'RemovingNode', action: 'RemoveNode', note: `asked AWS to end ${nameOf(one)} (${one.instanceId})` })
  replace(pass, { ...one, message: `AWS ends instance ${one.instanceId}` })
  draft.conditions.reconciling('RemovingNodes', `AWS ends ${nameOf(one)}`)
  return undefined
}

function giveUp(pass: Pass, one: Intended, { kind, message }: Hindrance): Result {
  if (kind === 'Wait') return waitFor(pass, one, message)
  const { call: _, ...rest } = one
  replace(pass, { ...rest, state: 'Accepted', message })
  return requeueAfter(0)
}

/** Nothing was sent, and the next attempt gets an intent of its own, in 20 s at the earliest. */
function waitFor(pass: Pass, one: Intended, message: string): Result {
  pass.once.use(one.call.token, pass.surroundings.now())
  pass.once.end(one.call.token)
  replace(pass, { ...one, message })
  return requeueAfter(lostCallMs)
}

/** AWS answered, so nothing is on its way: the next attempt gets an intent of its own, in 20 s at the earliest. */
function refusedBy(pass: Pass, one: Intended, error: Parameters<typeof refuse>[1]): Result {
  if (isAwsError(error, 'Unavailable')) throw error
  waitFor(pass, one, error instanceof Error ? error.message.slice(0, 1024) : '')
  // It went away between the look and the call: the next pass sees that.
  if (isAwsError(error, 'NotFound')) return requeueAfter(2_000)
  return refuse(pass.draft, error)
}

function replace({ draft: { status } }: Pick<Pass, 'draft'>, one: Removal): void {
  status.removals = (status.removals ?? []).map((each) => (each.instanceId === one.instanceId && each.state === 'Removing' ? one : each))
}
