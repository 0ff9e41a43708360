import { isAwsError } from '../../aws/aws-error.ts'
import { type Result, TerminalError, requeueAfter } from '../../runtime/reconciler.ts'
import type { GroupDraft } from './pass.ts'

/**
 * What follows from a read that AWS refused: nothing can be decided in this pass. Throttling is a known wait; what needs somebody is `Stalled`; no
 * answer is thrown on, so that the runtime backs off.
 */
export function refuseRead({ conditions }: GroupDraft, error: unknown): Result {
  if (isAwsError(error, 'Throttled', 'Busy')) {
    conditions.reconciling(error.reason, error.message)
    return requeueAfter(15_000, { unjudged: true })
  }
  if (isAwsError(error, 'AccessDenied', 'NotFound', 'Invalid')) throw new TerminalError(error.reason, error.message, { cause: error })
  throw error
}

/**
 * What follows from a write that AWS refused.
 *
 * - Busy, throttled, out of capacity: a known wait; the intent stays.
 * - Refused for good (input, rights, quota): the intent is dropped, since its outcome was seen, and the object is `Stalled` with the remedy.
 * - No answer: thrown on, so that the runtime backs off; the intent stays, because the call may have acted.
 */
export function refuse({ conditions, status }: GroupDraft, error: unknown): Result {
  if (isAwsError(error, 'Busy', 'Throttled', 'NoCapacity')) {
    conditions.reconciling(error.reason, error.message)
    return requeueAfter(15_000)
  }
  if (isAwsError(error, 'NotFound') && error.reason === 'NodeGroupNotFound') {
    // It went away between the look and the call: the next pass sees that.
    delete status.operation
    return requeueAfter(2_000)
  }
  if (isAwsError(error, 'Invalid', 'AccessDenied', 'QuotaExceeded', 'NotFound')) {
    delete status.operation
    throw new TerminalError(error.reason, error.message, { cause: error })
  }
  throw error
}
