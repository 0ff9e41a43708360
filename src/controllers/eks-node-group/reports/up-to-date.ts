import type { TerminalError } from '../../../runtime/reconciler.ts'
import type { Pass, Report } from '../pass.ts'
import { retryLine } from '../retry-token.ts'
import { decideUpdate, limits } from '../updates/decide.ts'
import { questionOf } from '../updates/question.ts'
import { pending } from './pending.ts'

/** Condition `UpToDate`: the versions that the spec names are the ones that run; otherwise what an update waits for, or how far it is (aws-rules B7). */
export const upToDate: Report = (pass) => {
  const { draft, seen, target, context, name } = pass
  const { conditions, status, object } = draft
  const { group } = seen
  if (group === undefined) return pending(pass, 'UpToDate')
  const { operation } = status
  if (group.state === 'Updating' && (operation === undefined || operation.kind === 'UpdateVersion')) return sayUpdating(pass)
  const decision = decideUpdate(questionOf(pass))
  // What was given up is remembered until it is asked for again, another wish takes its place, or there is none.
  if (decision.kind === 'current') {
    if (operation?.kind !== 'UpdateVersion') delete status.update
    return conditions.setTrue('UpToDate', 'Current')
  }
  if (decision.kind === 'go')
    return conditions.setFalse('UpToDate', 'Updating', `EKS is asked to update node group ${name} of ${target.clusterName}: ${decision.plan.inWords}`)
  const { reason, message, complaint } = decision
  if (reason === 'WaitingForApproval' && status.update?.state !== 'Failed' && operation?.kind !== 'UpdateVersion')
    status.update = { hash: decision.hash, state: 'WaitingForApproval' }
  else if (reason !== 'WaitingForApproval' && status.update?.state === 'WaitingForApproval') delete status.update
  // Once: as long as it stands, the condition has said it.
  const before = object.status?.conditions?.find(({ type }) => type === 'UpToDate')?.message ?? ''
  if (complaint !== undefined && !before.includes(complaint))
    context.event({ type: 'Warning', reason: 'ApprovalUnclear', action: 'UpdateVersion', note: complaint })
  conditions.setFalse('UpToDate', reason, message)
}

/** Said anew where AWS refused for good what was to begin, so that nothing of it is under way: `Stalled` bears the reason that AWS gave. */
export function sayUpdateRefused(pass: Pass, { message }: TerminalError): void {
  const decision = decideUpdate(questionOf(pass))
  if (decision.kind !== 'go') return upToDate(pass)
  const { conditions, object } = pass.draft
  conditions.setFalse(
    'UpToDate',
    'UpdateBarred',
    `${decision.plan.inWords}: has not begun, since AWS refuses it: ${message} It is tried again every 10 min, with another spec at once. When the cause is gone: ${retryLine(object.metadata)}`,
  )
}

function sayUpdating({ draft: { conditions, status }, name }: Pass): void {
  const { operation } = status
  if (operation === undefined)
    conditions.setFalse('UpToDate', 'Updating', `EKS updates node group ${name}, and Tidegate did not start that: somebody else did; everything waits for it`)
  else conditions.setFalse('UpToDate', 'UpdateRunning', `EKS updates node group ${name} to ${operation.to ?? 'what the spec says'}: ${limits}`)
}
