import { isAwsError } from '../../aws/aws-error.ts'
import { type Result, TerminalError, requeueAfter } from '../../runtime/reconciler.ts'
import type { GroupDraft } from './pass.ts'

/** What heals in seconds is tried again soon, and what has lasted for long as seldom as a group that is not there is looked for. */
const [soonMs, seldomMs] = [15_000, 120_000] as const

/**
 * What follows from a read that AWS refused: nothing can be decided in this pass. Throttling is a known wait; what needs somebody is `Stalled`; no
 * answer is thrown on, so that the runtime backs off.
 */
export function refuseRead({ conditions }: GroupDraft, error: unknown): Result {
  if (isAwsError(error, 'Throttled', 'Busy')) {
    conditions.reconciling(error.reason, error.message)
    return requeueAfter(soonMs, { unjudged: true })
  }
  if (isAwsError(error, 'AccessDenied', 'NotFound', 'Invalid')) throw new TerminalError(error.reason, error.message, { cause: error })
  throw error
}

/**
 * What follows from a write that AWS refused.
 *
 * - Busy, throttled, out of capacity: a known wait; the intent stays. `waitedMs` is how long the intent has been there, of a write that nothing else waits for:
 *   while AWS says the same, the next try waits as long as all before it. Default 0: always soon.
 * - Refused for good (input, rights, quota): the intent is dropped, since its outcome was seen, and the object is `Stalled` with the remedy. Not so with
 *   `keepsIntent`, where an earlier attempt under the same token may still be taken, or the intent is of another call; nor, of numbers, for what Auto Scaling
 *   refuses: what waits until EKS has taken them or never will goes by the intent.
 * - No answer: thrown on, so that the runtime backs off; the intent stays, because the call may have acted.
 */
export function refuse(
  { object, conditions, status }: GroupDraft,
  error: unknown,
  { waitedMs = 0, keepsIntent = false }: { readonly waitedMs?: number; readonly keepsIntent?: boolean } = {},
): Result {
  if (isAwsError(error, 'Busy', 'Throttled', 'NoCapacity')) {
    conditions.reconciling(error.reason, error.message)
    const before = object.status?.conditions?.find(({ type }) => type === 'Reconciling')
    return requeueAfter(before?.reason === error.reason ? Math.min(seldomMs, Math.max(soonMs, waitedMs)) : soonMs)
  }
  if (isAwsError(error, 'NotFound') && error.reason === 'NodeGroupNotFound') {
    // It went away between the look and the call: the next pass sees that.
    delete status.operation
    return requeueAfter(2_000)
  }
  if (isAwsError(error, 'Invalid', 'AccessDenied', 'QuotaExceeded', 'NotFound')) {
    const isOfNumbers = status.operation?.kind === 'UpdateScaling' && error.action.startsWith('autoscaling:')
    if (!keepsIntent && !isOfNumbers) delete status.operation
    throw new TerminalError(error.reason, error.message, { cause: error })
  }
  throw error
}
