import { cut } from '../../../lib/cut.ts'
import { stableHash } from '../../../lib/hash.ts'
import { rfc3339 } from '../../../runtime/conditions.ts'
import { type Result, TerminalError, checkpoint, requeueAfter } from '../../../runtime/reconciler.ts'
import { attemptsOf, maxFailures } from '../attempts.ts'
import { tellRoleShared } from '../deletion/role-shared.ts'
import { stillFreeNow } from '../free-gate.ts'
import { healthIssuesOf, issuesInWords } from '../health-issues.ts'
import { conclude, intend, isIntended } from '../operation.ts'
import { restMs } from '../pace.ts'
import type { Act, Pass } from '../pass.ts'
import { recallOrigin } from '../recall-origin.ts'
import { refuse } from '../refusal.ts'
import { retryLine } from '../retry-token.ts'
import { makeAnew } from '../ways-out.ts'

const firstDelayMs = 30_000
/** Of EKS' words in an Event, so that what follows has its place behind them. */
const maxIssueLength = 512

/**
 * A creation that EKS gave up on cannot be mended, only repeated (aws-rules B2): the failed group is deleted, if nothing of it ever joined, and
 * made again, at most three times with growing delays, and again as often once a person asks for it (`attemptsOf`). That nothing has joined is asked of the
 * API server before the deletion: a slow watch shows no Node.
 */
export const recreate: Act = async (pass) => {
  const { draft, context, target, seen, surroundings, name } = pass
  const { group } = seen
  const { status, conditions } = draft
  if (group?.state !== 'CreateFailed') return undefined
  const now = surroundings.now()
  const text = issuesInWords(group, target.clusterName)
  if (status.operation?.kind !== 'Delete') recordFailure(pass, group, text)
  const { failures, lastFailureAt } = status.creation ?? { failures: 1, lastFailureAt: rfc3339(now) }
  const end = whyNoOther(pass, failures)
  if (end !== undefined) throw new TerminalError('CreateFailed', `EKS could not make the group (${text}), and ${end}`)
  conditions.reconciling('Creating', `EKS could not make the group (${text}); ${nextInWords(failures)}`)
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
  context.event({ type: 'Normal', reason: 'Deleting', action: 'Delete', note: `asked EKS to delete node group ${name}, which it could not make` })
  return requeueAfter(2_000)
}

/** Counts the creation that failed, if one was under way, and ends it: into the history, and told once. */
function recordFailure(pass: Pass, group: NonNullable<Pass['seen']['group']>, text: string): void {
  const { draft, context, surroundings, name } = pass
  const { status } = draft
  const now = surroundings.now()
  const isNews = status.operation?.kind === 'Create'
  const before = attemptsOf(pass)
  const failures = before.failures + (isNews ? 1 : 0)
  status.creation = { ...before, failures, lastFailureAt: isNews ? rfc3339(now) : (before.lastFailureAt ?? rfc3339(now)), issues: healthIssuesOf(group) }
  if (!isNews) return
  conclude(status, 'Failed', now)
  // The reconciler could not: while a creation is under way the tags say nothing of it yet.
  recallOrigin(pass)
  const follows = whyNoOther(pass, failures) ?? `${nextInWords(failures)}, unless a node of it has joined`
  const note = `EKS could not make node group ${name} (${cut(text, maxIssueLength)}): ${follows}`
  context.event({ type: 'Warning', reason: 'CreateFailed', action: 'Create', note })
}

function nextInWords(failures: number): string {
  return `attempt ${failures + 1} of ${maxFailures} follows`
}

/** Why no other attempt follows by itself, and what a person can do; `undefined` where one does. A group that somebody may use is not deleted unasked. */
function whyNoOther({ draft, seen }: Pick<Pass, 'draft' | 'seen'>, failures: number): string | undefined {
  if (seen.nodes.joined > 0) return notAgain(draft, 'nodes of it have joined')
  if (draft.status.ownership?.origin === 'Adopted') return notAgain(draft, 'it was adopted')
  if (failures < maxFailures) return undefined
  return `nothing more is tried after ${failures} attempts: mend the cause, then ask again: ${retryLine(draft.object.metadata)}`
}

function notAgain(draft: Pass['draft'], why: string): string {
  return `it is not made again by itself, since ${why}: mend the cause, then ${makeAnew(draft)}`
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
  throw new TerminalError('CreateFailed', `EKS could not make the group (${text}), and ${notAgain(draft, `node ${joined} has joined`)}`)
}
