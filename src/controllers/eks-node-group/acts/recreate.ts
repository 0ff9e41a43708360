import { stableHash } from '../../../lib/hash.ts'
import { rfc3339 } from '../../../runtime/conditions.ts'
import { TerminalError, checkpoint, requeueAfter } from '../../../runtime/reconciler.ts'
import { healthIssuesOf } from '../health-issues.ts'
import { conclude, intend, isIntended } from '../operation.ts'
import type { Act } from '../pass.ts'
import { refuse } from '../refusal.ts'

const maxFailures = 3
const firstDelayMs = 30_000

/**
 * A creation that EKS gave up on cannot be mended, only repeated (aws-rules B2): the failed group is deleted, if nothing of it ever joined, and
 * made again, at most three times with growing delays.
 */
export const recreate: Act = async ({ draft, context, target, seen, surroundings, name }) => {
  const { group, nodes } = seen
  const { status, conditions } = draft
  if (group?.state !== 'CreateFailed') return undefined
  const now = surroundings.now()
  const issues = healthIssuesOf(group)
  const text = issues.map(({ code, message }) => `${code}: ${message}`).join('; ')
  if (status.operation?.kind !== 'Delete') {
    const failures = (status.creation?.failures ?? 0) + (status.operation?.kind === 'Create' ? 1 : 0)
    status.creation = { failures, lastFailureAt: status.operation?.kind === 'Create' ? rfc3339(now) : (status.creation?.lastFailureAt ?? rfc3339(now)), issues }
    if (status.operation?.kind === 'Create') conclude(status, 'Failed', now)
  }
  const { failures, lastFailureAt } = status.creation ?? { failures: 1, lastFailureAt: rfc3339(now) }
  if (failures >= maxFailures || nodes.joined > 0 || status.ownership?.origin === 'Adopted')
    throw new TerminalError(
      'CreateFailed',
      `EKS could not make the group, last after ${failures} attempts (${text}): mend the cause, then delete this object and apply it again`,
    )
  conditions.reconciling('Creating', `EKS could not make the group (${text}); attempt ${failures + 1} of ${maxFailures} follows`)
  const waitMs = firstDelayMs * 2 ** Math.max(0, failures - 1) - (now.getTime() - Date.parse(lastFailureAt ?? rfc3339(now)))
  if (waitMs > 0) return requeueAfter(waitMs)
  const paramsHash = stableHash({ arn: group.arn, failures })
  if (!isIntended(status.operation, 'Delete', paramsHash, now)) {
    status.operation = intend('Delete', paramsHash, { token: surroundings.newToken(), now, before: status.operation })
    return checkpoint
  }
  try {
    await target.aws.nodeGroups.delete(target.clusterName, name, { signal: context.signal })
  } catch (error) {
    return refuse(draft, error)
  }
  context.event({ type: 'Warning', reason: 'CreateFailed', action: 'Create', note: `${text}; the failed group is deleted and made again` })
  return requeueAfter(2_000)
}
