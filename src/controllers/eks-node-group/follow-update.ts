import type { NodeGroupUpdate } from '../../aws/eks/port.ts'
import type { EksNodeGroupOperation as Operation } from '../../crds/eks-node-group.ts'
import { type Result, requeueAfter } from '../../runtime/reconciler.ts'
import { ageMs, conclude, failure, intend } from './operation.ts'
import { pollDelayMs } from './pace.ts'
import type { Pass } from './pass.ts'
import { refuseRead } from './refusal.ts'

/** How long after EKS called an update or a creation successful the world may still show what was before, or nothing at all. */
export const settleMs = 60_000

/**
 * What a change asked for does not show yet: the update's own record tells whether to wait, to believe, or to try again (aws-rules A2). A result
 * waits; `undefined`: the attempt ended without effect, stands in the history, is told once, and the next one is intended with a token of its own (A1),
 * to be sent after `retryDelayMs`.
 */
export async function followUpdate(
  pass: Pass,
  operation: Operation,
  { updateId, unchanged }: { updateId: string; unchanged: string },
): Promise<Result | undefined> {
  const { draft, context, target, calls, surroundings, name } = pass
  const { status } = draft
  const now = surroundings.now()
  let update: NodeGroupUpdate | undefined
  try {
    update = await target.aws.nodeGroups.describeUpdate(target.clusterName, name, updateId, { signal: context.signal })
  } catch (error) {
    return refuseRead(draft, error)
  }
  if (!hasEnded(update, operation, now)) return requeueAfter(pollDelayMs(ageMs(operation, now)))
  const why = whyFailed(update) ?? unchanged
  conclude(status, failure(why), now)
  const { kind, paramsHash, from, to } = operation
  context.event({ type: 'Warning', reason: 'ChangeFailed', action: kind, note: `${name}: ${kind}${to === undefined ? '' : ` (${to})`} had no effect: ${why}` })
  const token = surroundings.newToken()
  calls.made(token, now)
  status.operation = intend(kind, paramsHash, {
    token,
    now,
    before: operation,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  })
  return undefined
}

/** EKS gave it up, or has called it done (or forgotten it) for so long that what is not there will not come. */
export function hasEnded(update: NodeGroupUpdate | undefined, operation: Operation, now: Date): boolean {
  if (update?.state === 'Failed' || update?.state === 'Cancelled') return true
  return update?.state !== 'InProgress' && ageMs(operation, now) > settleMs
}

/** EKS' own words; `undefined` where it has none. */
export function whyFailed(update: NodeGroupUpdate | undefined): string | undefined {
  const [error] = update?.errors ?? []
  return error === undefined ? undefined : `${error.code}: ${error.message}`
}
