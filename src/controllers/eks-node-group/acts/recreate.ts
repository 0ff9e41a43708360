import { stableHash } from '../../../lib/hash.ts'
import { rfc3339 } from '../../../runtime/conditions.ts'
import { type Result, TerminalError, checkpoint, requeueAfter } from '../../../runtime/reconciler.ts'
import { tellRoleShared } from '../deletion/role-shared.ts'
import { stillFreeNow } from '../free-gate.ts'
import { healthIssuesOf, issuesInWords } from '../health-issues.ts'
import { conclude, intend, isIntended } from '../operation.ts'
import { restMs } from '../pace.ts'
import type { Act, Pass } from '../pass.ts'
import { refuse } from '../refusal.ts'
import { makeAnew } from '../ways-out.ts'

const maxFailures = 3
const firstDelayMs = 30_000

/**
 * A creation that EKS gave up on cannot be mended, only repeated (aws-rules B2): the failed group is deleted, if nothing of it ever joined, and
 * made again, at most three times with growing delays. That nothing has joined is asked of the API server before the deletion: a slow watch shows no Node.
 */
export const recreate: Act = async (pass) => {
  const { draft, context, target, seen, surroundings, name } = pass
  const { group, nodes } = seen
  const { status, conditions } = draft
  if (group?.state !== 'CreateFailed') return undefined
  const now = surroundings.now()
  const issues = healthIssuesOf(group)
  const text = issuesInWords(group, target.clusterName)
  if (status.operation?.kind !== 'Delete') {
    const failures = (status.creation?.failures ?? 0) + (status.operation?.kind === 'Create' ? 1 : 0)
    status.creation = { failures, lastFailureAt: status.operation?.kind === 'Create' ? rfc3339(now) : (status.creation?.lastFailureAt ?? rfc3339(now)), issues }
    if (status.operation?.kind === 'Create') conclude(status, 'Failed', now)
  }
  const { failures, lastFailureAt } = status.creation ?? { failures: 1, lastFailureAt: rfc3339(now) }
  if (failures >= maxFailures || nodes.joined > 0 || status.ownership?.origin === 'Adopted')
    throw new TerminalError(
      'CreateFailed',
      `EKS could not make the group${failures === 0 ? '' : `, last after ${failures} attempts`} (${text}): mend the cause, then ${makeAnew(draft)}`,
    )
  conditions.reconciling('Creating', `EKS could not make the group (${text}); attempt ${failures + 1} of ${maxFailures} follows`)
  const waitMs = firstDelayMs * 2 ** Math.max(0, failures - 1) - (now.getTime() - Date.parse(lastFailureAt ?? rfc3339(now)))
  if (waitMs > 0) return requeueAfter(waitMs)
  const wait = await untilNothingJoined(pass, text)
  if (wait !== undefined) return wait
  const paramsHash = stableHash({ arn: group.arn, failures })
  if (!isIntended(status.operation, 'Delete', paramsHash, now)) {
    status.operation = intend('Delete', paramsHash, { token: surroundings.newToken(), now, before: status.operation })
    tellRoleShared(pass)
    return checkpoint
  }
  // Since the look AWS may have been slow, and the Nodes were asked for: nothing stops a deletion once EKS has it (P10).
  const stopped = await stillFreeNow(pass)
  if (stopped !== undefined) return stopped
  try {
    await target.aws.nodeGroups.delete(target.clusterName, name, { signal: context.signal })
  } catch (error) {
    return refuse(draft, error)
  }
  context.event({ type: 'Warning', reason: 'CreateFailed', action: 'Create', note: `${text}; the failed group is deleted and made again` })
  return requeueAfter(2_000)
}

/** `undefined` when no instance of the failed group has a Node. */
async function untilNothingJoined({ draft, context, target, seen, name }: Pass, text: string): Promise<Result | undefined> {
  const { group, scalingGroup } = seen
  const [named] = group?.autoScalingGroups ?? []
  if (scalingGroup === undefined && named !== undefined) {
    const wayOut = `if it is gone for good, ${makeAnew(draft)}`
    draft.conditions.reconciling('Creating', `EKS could not make the group (${text}); it is made again once its Auto Scaling group ${named} shows: ${wayOut}`)
    return requeueAfter(restMs)
  }
  const [joined] = await target.nodes.namesInGroup(name, context)
  if (joined === undefined) return undefined
  throw new TerminalError(
    'CreateFailed',
    `EKS could not make the group (${text}), and it is not made again by itself, since node ${joined} has joined: mend the cause, then ${makeAnew(draft)}`,
  )
}
