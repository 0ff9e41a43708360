import { isAwsError } from '../../../aws/aws-error.ts'
import type { NodeGroupUpdate } from '../../../aws/eks/port.ts'
import type { EksNodeGroupOperation as Operation } from '../../../crds/eks-node-group.ts'
import { firstClauses, firstNames } from '../../../lib/first-names.ts'
import { stableHash } from '../../../lib/hash.ts'
import { rfc3339 } from '../../../runtime/conditions.ts'
import { type Result, TerminalError, checkpoint, requeueAfter } from '../../../runtime/reconciler.ts'
import { managerOf } from '../field-managers.ts'
import { hasEnded, whyFailed } from '../follow-update.ts'
import { takesChanges } from '../group-state.ts'
import { createStillFree } from '../free-gate.ts'
import { stillMay } from '../holder.ts'
import { ageMs, conclude, failure, intend, isIntended, lostCallMs } from '../operation.ts'
import { pollDelayMs } from '../pace.ts'
import type { Act, Pass } from '../pass.ts'
import { refuse, refuseRead } from '../refusal.ts'
import { sayUpdateRefused, upToDate } from '../reports/up-to-date.ts'
import { retryTokenOf } from '../retry-token.ts'
import { decideUpdate } from '../updates/decide.ts'
import { recordOf } from '../updates/find-update.ts'
import { succeed } from '../succeed.ts'
import { questionOf } from '../updates/question.ts'
import { endedForUpdate, msUntilResumable, putOff, resumeForUpdate, suspendAgain, suspendIfTakenOff } from '../updates/rebalance-for-update.ts'
import { type VersionPlan, planVersion, showsUpdate } from '../updates/version-plan.ts'

/**
 * Starts an update of version, release or template (aws-rules B7), the last thing that is done. EKS runs it, chooses the nodes, and cannot be stopped: so
 * it takes a place of the target's budget, is written down here and sent once by `followVersion`, and a failed one is never started again by itself.
 */
export const updateVersion: Act = async (pass) => {
  const { seen, draft, target, agenda } = pass
  if (!takesChanges(seen.group) || draft.status.operation !== undefined) return undefined
  const decision = decideUpdate(questionOf(pass))
  const { uid } = draft.object.metadata
  if (decision.kind !== 'go' && (decision.kind === 'current' || decision.forPlace !== true)) {
    target.drain.forgetUpdate(uid)
    return undefined
  }
  const hasPlace = target.drain.beginUpdate(uid)
  if (decision.kind === 'go' && hasPlace) return start(pass, decision.plan)
  // Another pass was first; or a place became free just now, and the next pass begins on what AWS says then.
  upToDate(pass)
  agenda.within(hasPlace ? 0 : placeAgainMs)
  return undefined
}

/** An update lasts for many minutes, and who waits for a place loses his turn after one. */
const placeAgainMs = 5_000

/** Sends the update that was written down, and says how it ended, before anything else is begun: there is one intent at a time. */
export const followVersion: Act = async (pass) => {
  const { seen, draft, target } = pass
  const { operation } = draft.status
  if (operation?.kind === 'UpdateVersion' && seen.group?.state === 'DeleteFailed') return dropped(pass)
  if (!takesChanges(seen.group) || operation?.kind !== 'UpdateVersion') return undefined
  // From now on its place is the one that the object shows (`isUpdating`).
  target.drain.forgetUpdate(draft.object.metadata.uid)
  try {
    const result = await follow(pass, operation, seen.group)
    // What was just found out about it.
    upToDate(pass)
    return result
  } catch (error) {
    if (error instanceof TerminalError && draft.status.operation === undefined) sayUpdateRefused(pass, error)
    throw error
  }
}

/** EKS updates no group that it could not delete: whatever came of it, nothing follows, and it gives its place back. */
function dropped(pass: Pass): undefined {
  supersede(pass)
  pass.target.drain.forgetUpdate(pass.draft.object.metadata.uid)
}

/** Nothing of it showed, and nothing will: another wish took its place, or EKS updates the group no more. Into the history, where the operation still stands. */
function supersede({ draft: { status }, surroundings }: Pass): void {
  conclude(status, 'Superseded', surroundings.now())
  delete status.update
}

/** The intent: what is written down before EKS is asked (aws-rules A1). */
function start({ draft, surroundings, calls }: Pass, plan: VersionPlan): Result {
  const { status, object } = draft
  const { generation } = object.metadata
  const now = surroundings.now()
  const retryToken = retryTokenOf(object.metadata)
  const { from, to } = plan
  const previousId = status.update?.updateId ?? status.update?.previousId
  const words = { from: from.slice(0, 256), to: to.slice(0, 256), fieldManager: managerOf(object, Object.keys(plan.change)) }
  const token = surroundings.newToken()
  calls.made(token, now)
  status.operation = intend('UpdateVersion', stableHash(plan.change), { token, now, ...words })
  status.update = {
    hash: plan.hash,
    state: 'Running',
    startedAt: rfc3339(now),
    ...(generation === undefined ? {} : { generation }),
    ...(retryToken === undefined ? {} : { retryToken }),
    ...(previousId === undefined ? {} : { previousId }),
  }
  return checkpoint
}

/** What became of an update that was written down; `undefined` when it has ended. */
async function follow(pass: Pass, operation: Operation, group: NonNullable<Pass['seen']['group']>): Promise<Result | undefined> {
  const { draft, spec, surroundings, target } = pass
  const { status } = draft
  const now = surroundings.now()
  const plan = planVersion(spec, group, target)
  // A spec that went back meanwhile would be content with a group that stayed as it was.
  if (plan === undefined && showsUpdate(operation.to, group)) {
    // Somebody else may have done it: then nothing evens the zones.
    const refused = operation.updateId === undefined ? await suspendIfTakenOff(pass) : undefined
    if (refused !== undefined) return refused
    hasUpdated(pass, operation)
    return undefined
  }
  let update: NodeGroupUpdate | undefined
  try {
    update = await recordOf(pass, operation, { mayBeSent: plan !== undefined })
  } catch (error) {
    return refuseRead(draft, error)
  }
  if (operation.updateId === undefined && update === undefined) return plan === undefined ? await forget(pass, operation) : await send(pass, operation, plan)
  if (update !== undefined) {
    status.operation = { ...operation, updateId: update.id }
    if (status.update !== undefined) status.update = { ...status.update, updateId: update.id }
  }
  if (status.update?.hash !== plan?.hash && update?.state === 'Successful') {
    // What was asked for is done; what is wanted now is another wish. One that was only found may be somebody else's.
    if (operation.updateId !== undefined || showsUpdate(operation.to, group)) hasUpdated(pass, operation)
    else supersede(pass)
    return undefined
  }
  if (!hasEnded(update, operation, now)) return requeueAfter(pollDelayMs(ageMs(operation, now)))
  await giveUp(pass, update)
  return undefined
}

/**
 * Takes back the intent of an update that is not to begin any more, once no call for it can be on its way: what arrived afterwards would be nobody's, and
 * nobody would remember that it failed. To be called where EKS has just been asked, and has none on record. A result ends the pass.
 */
async function forget(pass: Pass, operation: Operation, plan?: VersionPlan): Promise<Result | undefined> {
  const { draft, surroundings, calls, name } = pass
  const { status, conditions } = draft
  const leftMs = lostCallMs - calls.silentMs(operation.token, surroundings.now())
  if (leftMs > 0) {
    const doubt = `a call that asks EKS to update ${name} to ${operation.to ?? 'what the spec said'} may be on its way`
    conditions.reconciling('Updating', `${doubt}: it is not to begin now, and whether it does shows within ${lostCallMs / 1_000} s`)
    return requeueAfter(leftMs)
  }
  const refused = await suspendIfTakenOff(pass)
  if (refused !== undefined) return refused
  // The same wish is only put off: it is written down anew when it may begin.
  if (plan !== undefined && status.update?.hash === plan.hash) delete status.operation
  supersede(pass)
  return undefined
}

function hasUpdated(pass: Pass, { to = '' }: Operation): void {
  succeed(pass, { reason: 'Updated', note: `EKS has updated ${pass.name}: ${to}` })
  delete pass.draft.status.update
}

/** Asks EKS, if it may still be asked: whatever was allowed when the intent was stored may be otherwise by now. */
async function send(pass: Pass, operation: Operation, plan: VersionPlan): Promise<Result | undefined> {
  const { draft, context, target, surroundings, calls, name } = pass
  const { status } = draft
  const now = surroundings.now()
  const decision = decideUpdate(questionOf(pass))
  if (decision.kind !== 'go' || !isIntended(operation, 'UpdateVersion', stableHash(decision.plan.change), now) || status.update?.hash !== decision.plan.hash) {
    return (await forget(pass, operation, plan)) ?? requeueAfter(1_000)
  }
  const { change, inWords } = decision.plan
  // EKS needs the rebalancing: one that we have just suspended cannot be taken back before it shows.
  const waitMs = msUntilResumable(pass)
  if (waitMs > 0) return requeueAfter(waitMs)
  // What was agreed to when the pass began may be taken back, unseen by the caches: nothing stops it afterwards (P10).
  const stillFree = createStillFree(pass)
  const unready = (await stillFree()) ?? (await resumeOrPutOff(pass, operation)) ?? (await stillFree())
  if (unready !== undefined) return unready
  if (!stillMay(pass)) return requeueAfter(1_000)
  const mayHaveBegun = calls.silentMs(operation.token, now) < lostCallMs
  calls.sent(operation.token, surroundings.now())
  try {
    const updateId = await target.aws.nodeGroups.updateVersion(target.clusterName, name, change, { token: operation.token, signal: context.signal })
    if (updateId !== undefined) {
      status.operation = { ...operation, updateId }
      status.update = { ...status.update, updateId }
    }
    endedForUpdate(pass)
  } catch (error) {
    // Without an answer it may still arrive; with one the 20 s are counted anew, which costs nothing.
    calls.sent(operation.token, surroundings.now())
    try {
      // Without an answer it may have begun.
      const refused = isAwsError(error) && error.kind !== 'Unavailable' ? await suspendAgain(pass, { mayHaveBegun }) : undefined
      return refused ?? refuse(draft, error, { waitedMs: ageMs(operation, now) })
    } finally {
      // Refused for good: nothing was started.
      if (status.operation === undefined) delete status.update
    }
  }
  context.event({ type: 'Normal', reason: 'UpdateStarted', action: 'UpdateVersion', note: `EKS updates ${name}, and cannot be stopped: ${inWords}` })
  return requeueAfter(2_000)
}

/** Resumes the rebalancing, which EKS needs. Where AWS refuses that for good, an update that was never asked for is put off; another may have begun. */
async function resumeOrPutOff(pass: Pass, operation: Operation): Promise<Result | undefined> {
  const { surroundings, calls } = pass
  try {
    return await resumeForUpdate(pass)
  } catch (error) {
    if (calls.silentMs(operation.token, surroundings.now()) === Number.POSITIVE_INFINITY) putOff(pass, error)
    throw error
  }
}

/** Into the history and the status, with what was in the way; it is not repeated. */
async function giveUp(pass: Pass, update: NodeGroupUpdate | undefined): Promise<void> {
  const { draft, context, surroundings, name } = pass
  const { status } = draft
  const why = whyFailed(update) ?? 'EKS calls the update done, and the group does not show it'
  const message = `${why}${await blockers(pass, update)}`.slice(0, 1024)
  conclude(status, failure(why), surroundings.now())
  // A retry that was asked for while EKS was at work was not of this failure.
  const retryToken = retryTokenOf(draft.object.metadata)
  if (status.update !== undefined) status.update = { ...status.update, state: 'Failed', message, ...(retryToken === undefined ? {} : { retryToken }) }
  context.event({ type: 'Warning', reason: 'UpdateFailed', action: 'UpdateVersion', note: `${name}: ${message}` })
}

/** Of the nodes that did not empty: for each, its pods are read from the API server. */
const mostNamed = 3

/** EKS names the nodes that did not empty, some in two errors, but not their pods: those are asked for here, as long as they are there. */
async function blockers({ target, context }: Pass, update: NodeGroupUpdate | undefined): Promise<string> {
  const names = [...new Set((update?.errors ?? []).flatMap(({ resourceIds = [] }) => resourceIds))]
  const found: string[] = []
  for (const node of names.slice(0, mostNamed)) {
    const pods = target.nodes.byName(node) === undefined ? [] : await target.nodes.podsInTheWay(node, { signal: context.signal })
    found.push(pods.length === 0 ? node : `${node}, which still runs ${firstNames(pods)}`)
  }
  return found.length === 0 ? '' : ` (${firstClauses(found, names.length)})`
}
