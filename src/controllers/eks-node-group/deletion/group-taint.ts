import type { NodeGroupTaint } from '../../../aws/eks/port.ts'
import { taintOf } from '../../../drain/mark.ts'
import { stableHash } from '../../../lib/hash.ts'
import { rfc3339 } from '../../../runtime/conditions.ts'
import { checkpoint, requeueAfter } from '../../../runtime/reconciler.ts'
import { followUpdate } from '../follow-update.ts'
import { isBusy } from '../group-state.ts'
import { openingOf } from '../opening.ts'
import { ageMs, conclude, intend, isFailure, isIntended, retryDelayMs } from '../operation.ts'
import type { Act, Pass } from '../pass.ts'
import { refuse } from '../refusal.ts'
import { abandonLine } from '../ways-out.ts'
import { sayBusy } from '../busy.ts'

/** The mark that every node of a group carries which is being deleted: the group's own, so that EKS' and ours are one. */
export function groupTaint({ draft }: Pick<Pass, 'draft'>): NodeGroupTaint {
  return taintOf({ kind: 'leaving', uid: draft.object.metadata.uid }) as NodeGroupTaint
}

export function hasGroupTaint(pass: Pick<Pass, 'draft' | 'seen'>): boolean {
  const { key, value, effect } = groupTaint(pass)
  return pass.seen.group?.taints.some((taint) => taint.key === key && taint.value === value && taint.effect === effect) === true
}

/**
 * EKS puts the taint also on the nodes that are there, and so takes all of them out of service: that is begun inside a window alone. What comes
 * before one opens is drained like the others.
 */
export function isTaintHeld({ draft, target, surroundings, name }: Pick<Pass, 'draft' | 'target' | 'surroundings' | 'name'>): boolean {
  const hasBegun = draft.status.deletion?.taintedAt !== undefined
  return !hasBegun && target.nodes.inGroup(name).length > 0 && openingOf(target, surroundings.now()) !== undefined
}

/** Nodes that join from now on carry the mark from their first moment: no pod comes to them (aws-rules B8). */
export const taintLateNodes: Act = async (pass) => {
  const { draft, target, seen, surroundings, context, name } = pass
  const { status } = draft
  const now = surroundings.now()
  if (seen.group === undefined) return undefined
  if (hasGroupTaint(pass)) {
    if (status.operation?.kind === 'UpdateConfig') conclude(status, 'Succeeded', now)
    return undefined
  }
  if (isTaintHeld(pass)) {
    // Nobody follows up what was asked for before the deletion, and no node is chosen beside it.
    if (!isBusy(pass)) conclude(status, 'Superseded', now)
    return undefined
  }
  if (isBusy(pass)) return sayBusy(pass)
  say(pass)
  const taint = groupTaint(pass)
  const paramsHash = stableHash({ set: taint })
  const { operation } = status
  if (!isIntended(operation, 'UpdateConfig', paramsHash, now)) {
    conclude(status, 'Superseded', now)
    status.operation = intend('UpdateConfig', paramsHash, { token: surroundings.newToken(), now, to: inHistory(pass) })
    status.deletion = { ...status.deletion, taintedAt: rfc3339(now) }
    return checkpoint
  }
  const unchanged = 'the taint does not show in EKS'
  const waiting = operation.updateId === undefined ? undefined : await followUpdate(pass, operation, { updateId: operation.updateId, unchanged })
  if (waiting !== undefined) return waiting
  say(pass)
  const next = status.operation ?? operation
  if (ageMs(next, now) < retryDelayMs(next)) return requeueAfter(retryDelayMs(next) - ageMs(next, now))
  try {
    const change = { taints: { set: [taint], remove: [] } }
    const updateId = await target.aws.nodeGroups.updateConfig(target.clusterName, name, change, { token: next.token, signal: context.signal })
    if (updateId !== undefined) status.operation = { ...next, updateId }
  } catch (error) {
    return refuse(draft, error)
  }
  const note = `the node group gets taint ${inHistory(pass)}, so that nodes which come late stay empty`
  context.event({ type: 'Normal', reason: 'RemovingNodes', action: 'UpdateConfig', note })
  return requeueAfter(2_000)
}

/** Nothing is drained before the taint is there, so that whoever waits for the deletion needs EKS' word for why it is not, and what can be done (P8). */
function say(pass: Pass): void {
  const { draft, name } = pass
  const outcome = draft.status.history?.findLast(({ to }) => to === inHistory(pass))?.outcome
  const text = isFailure(outcome)
    ? `EKS gave up setting the taint of ${name} (${outcome}; whole in Event ChangeFailed), and no node is drained before it stands: mend what EKS names, ` +
      `it is asked again with growing delays. To keep the group: set spec.policy.deletion to Retain. To leave it with what stands there: ${abandonLine(draft.object)}`
    : 'the node group gets a taint, so that nodes which come late stay empty'
  draft.conditions.reconciling('RemovingNodes', text)
}

/** What tells this change from others of the settings. */
function inHistory(pass: Pick<Pass, 'draft'>): string {
  const { key, value } = groupTaint(pass)
  return `${key}=${value}`
}
