import { type Blocker, blockerInWords, maxReturns } from '../scaling/drain/blocker.ts'
import type { DrainPlan } from '../scaling/drain/plan.ts'
import { type DrainPod, podKey } from '../scaling/drain/pod.ts'
import { counted } from '../lib/counted.ts'
import { firstNames } from '../lib/first-names.ts'
import type { DrainProgress, DrainState } from './request.ts'

/** As many as a caller's status takes: controllers that are made for one pod each (workflows) may be any number. Those seen last are kept. */
const mostReturned = 100

/** Pods that were made after the node was isolated tolerate our mark; each that we evict is one return of its controller's. */
export function countReturns(state: DrainState, evicted: readonly DrainPod[]): NonNullable<DrainState['returned']> {
  const since = Date.parse(state.isolatedAt ?? '')
  const times = new Map((state.returned ?? []).map((one) => [one.uid, one.times]))
  for (const { controller, createdAt } of evicted) {
    if (controller === undefined || !(createdAt.getTime() > since)) continue
    times.set(controller.uid, Math.min(maxReturns, (times.get(controller.uid) ?? 0) + 1))
  }
  return [...times].map(([uid, count]) => ({ uid, times: count })).slice(-mostReturned)
}

/** No place is free. `updating`: the groups that have one. */
export function waitingForPlace(limit: number, updating: readonly string[]): DrainProgress {
  return { left: 0, blocked: [], message: `${placesTaken(limit, updating)}: waits for one of them` }
}

/** Why nothing more may begin. */
export function placesTaken(limit: number, updating: readonly string[]): string {
  const groups = updating.length === 0 ? '' : ` or groups updated (${firstNames(updating.toSorted())})`
  return `as many nodes of the target are being drained${groups} as budget.maxConcurrentDrains allows (${limit})`
}

export function said(message: string): DrainProgress {
  return { left: 0, blocked: [], message }
}

/** The node itself is held. */
export function blockedBy(blocked: readonly Blocker[]): DrainProgress {
  return { left: 0, blocked, message: firstOf(blocked) }
}

/** What people are told of a plan: how many pods are left, and what is in their way. */
export function progressOf(plan: DrainPlan): DrainProgress {
  const { left, blocked, pastDeadline, verdict } = plan
  const pods = `${counted(left.length, 'pod')} ${left.length === 1 ? 'is' : 'are'} left`
  const late = verdict === 'Failed' ? 'the deadline has passed, ' : pastDeadline ? 'past its deadline, ' : ''
  return { left: left.length, blocked, message: `${late}${pods}${inTheWay(plan)}` }
}

/** What is in the way; past a deadline, where nothing is known to be, which pods a person has to look at. */
function inTheWay({ left, blocked, pastDeadline }: DrainPlan): string {
  if (blocked.length > 0) return `: ${firstOf(blocked)}`
  if (!pastDeadline || left.length === 0) return ''
  return `: ${firstNames(left.map(podKey))}`
}

function firstOf([first, ...others]: readonly Blocker[]): string {
  if (first === undefined) return ''
  return `${blockerInWords(first)}${others.length === 0 ? '' : `; and ${others.length} more`}`
}
