import type { NodeGroupConfigChange } from '../../../aws/eks/port.ts'
import { stableHash } from '../../../lib/hash.ts'
import { checkpoint, requeueAfter } from '../../../runtime/reconciler.ts'
import { managerOf } from '../field-managers.ts'
import { endedDeletions } from '../former.ts'
import { followUpdate } from '../follow-update.ts'
import { takesChanges } from '../group-state.ts'
import { ageMs, conclude, intend, isIntended, retriedInWords, retryDelayMs } from '../operation.ts'
import type { Act, Pass } from '../pass.ts'
import { succeed } from '../succeed.ts'
import { refuseSettings, waitsAsRefused } from '../settings/calls.ts'
import { planConfig } from '../settings/config-plan.ts'

/**
 * Brings labels, taints, update settings and node repair to EKS, all that differs in one request without any size (aws-rules A3). Each time that
 * something differs is an attempt with a token of its own, also when the same thing differed before (A1). What EKS fails to set is asked for again
 * with growing delays, what it refuses at the pace of what is `Stalled` (`RefusedSettings`); neither holds up anything but an update.
 */
export const correctConfig: Act = async (pass) => {
  const { draft, spec, seen, context, target, surroundings, name, agenda, refused } = pass
  const { group } = seen
  const { status, conditions } = draft
  const { operation } = status
  if (!takesChanges(group)) return undefined
  const now = surroundings.now()
  const change = planConfig(spec, group, status.applied ?? {}, endedDeletions(draft))
  if (change === undefined) {
    refused.forget(draft.object.metadata, { kind: 'UpdateConfig' })
    if (operation?.kind === 'UpdateConfig') succeed(pass, { reason: 'Corrected', note: `${name} has the settings of the spec in EKS` })
    return undefined
  }
  // What is under way ends first; there is one intent at a time.
  if (operation !== undefined && operation.kind !== 'UpdateConfig') return undefined
  const paramsHash = stableHash(change)
  const call = { kind: 'UpdateConfig', paramsHash } as const
  if (waitsAsRefused(pass, call)) return undefined
  if (!isIntended(operation, 'UpdateConfig', paramsHash, now)) {
    conclude(status, 'Superseded', now)
    const fieldManager = managerOf(draft.object, Object.keys(change))
    status.operation = intend('UpdateConfig', paramsHash, { token: surroundings.newToken(), now, before: operation, to: inWords(change), fieldManager })
    return checkpoint
  }
  const unchanged = 'the settings in EKS did not change'
  const waiting = operation.updateId === undefined ? undefined : await followUpdate(pass, operation, { updateId: operation.updateId, unchanged })
  if (waiting !== undefined) return waiting
  const next = status.operation ?? operation
  const waitMs = retryDelayMs(next) - ageMs(next, now)
  if (waitMs > 0) {
    agenda.within(waitMs)
    sayFailed(pass)
    return undefined
  }
  try {
    const updateId = await target.aws.nodeGroups.updateConfig(target.clusterName, name, change, { token: next.token, signal: context.signal })
    if (updateId !== undefined) status.operation = { ...next, updateId }
    refused.forget(draft.object.metadata, call)
  } catch (error) {
    return refuseSettings(pass, call, error)
  }
  conditions.reconciling('Correcting', `setting ${inWords(change)}`)
  context.event({ type: 'Normal', reason: 'Correcting', action: 'UpdateConfig', note: `setting ${inWords(change)}` })
  return requeueAfter(2_000)
}

/** `labels team=web, -old; taints dedicated:NoSchedule; update settings`, for people. */
function inWords({ labels, taints, update, nodeRepair }: NodeGroupConfigChange): string {
  const set = Object.entries(labels?.set ?? {}).map(([key, value]) => `${key}=${value}`)
  const tainted = (taints?.set ?? []).map(({ key, value, effect }) => `${key}${value === undefined ? '' : `=${value}`}:${effect}`)
  return [
    ...(labels === undefined ? [] : [`labels ${[...set, ...labels.remove.map((key) => `-${key}`)].join(', ')}`]),
    ...(taints === undefined ? [] : [`taints ${[...tainted, ...taints.remove.map(({ key, effect }) => `-${key}:${effect}`)].join(', ')}`]),
    ...(update === undefined ? [] : [`update ${JSON.stringify(update)}`]),
    ...(nodeRepair === undefined ? [] : [`nodeRepair ${JSON.stringify(nodeRepair)}`]),
  ]
    .join('; ')
    .slice(0, 256)
}

function sayFailed({ draft, name }: Pass): void {
  draft.conditions.setFalse('InSync', 'Correcting', `changing the settings of ${name} ${retriedInWords(draft.status, 'UpdateConfig')}`)
}
