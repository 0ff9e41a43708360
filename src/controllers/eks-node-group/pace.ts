import { type Result, requeueAfter } from '../../runtime/reconciler.ts'
import { isResting } from './operation.ts'
import type { GroupDraft, Pass } from './pass.ts'

/** What moves is looked at this often at least. */
export const slowestPollMs = 8_000

/**
 * While something moves: after 2, 4, then every 8 s, so that with the runtime's tenth of jitter and the reading itself a change shows within 10 s
 * (aws-rules A5). `sinceMs` is how long it has been moving.
 */
export function pollDelayMs(sinceMs: number): number {
  return Math.min(slowestPollMs, Math.max(2_000, sinceMs))
}

/** At rest: one pass every 30 s, all of it from shared reads (aws-rules A5). */
export const restMs = 30_000

/**
 * What no shared read tells, such as a group that is not there, or one that EKS could not delete: each look is a call of its own. A Node that comes or goes
 * wakes the object earlier.
 */
export const unsharedMs = 120_000

/** Whether nodes are on their way out. */
export function nodesLeave({ status }: GroupDraft): boolean {
  return status.removals?.some(({ state }) => state !== 'Gone' && state !== 'Refused') === true
}

/** Whether something was asked of AWS whose outcome is not seen yet. */
export function isMoving({ status }: GroupDraft, now: Date): boolean {
  return status.operation !== undefined && !isResting(status.operation, now)
}

/** As long as an instance may take to join; afterwards it is waited for at the pace of rest. */
const comingMs = 15 * 60_000

/**
 * Instances boot or join right now, as far as the last pass knew. A shortage, a broken node, or a group that launches nothing can last for days and
 * is looked at like one at rest.
 */
export function nodesAreComing({ object, conditions }: GroupDraft, now: Date): boolean {
  if (!['WaitingForInstances', 'WaitingForNodes', 'Pending'].includes(conditions.get('NodesReady').reason)) return false
  const before = object.status?.conditions?.find(({ type }) => type === 'NodesReady')
  return before === undefined || before.status === 'True' || now.getTime() - Date.parse(before.lastTransitionTime) < comingMs
}

/** Nothing left to change: wait for nodes, or look again at the pace of the shared reads. */
export function rest({ draft, surroundings }: Pass): Result {
  const { conditions } = draft
  const nodes = conditions.get('NodesReady')
  if (nodes.status === 'True') return requeueAfter(restMs)
  conditions.reconciling(nodes.reason, nodes.message)
  return requeueAfter(nodesAreComing(draft, surroundings.now()) ? slowestPollMs : restMs)
}
