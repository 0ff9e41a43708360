import type { NodeGroupUpdate } from '../../../aws/eks/port.ts'
import { stableHash } from '../../../lib/hash.ts'
import { type Result, TerminalError, checkpoint, requeueAfter } from '../../../runtime/reconciler.ts'
import type { EksNodeGroupOperation as Operation } from '../../../crds/eks-node-group.ts'
import { ageMs, conclude, intend, isIntended, pollDelayMs, restMs } from '../operation.ts'
import type { Act, Pass } from '../pass.ts'
import { refuse, refuseRead } from '../refusal.ts'
import { sizeManagerOf } from '../size-manager.ts'
import { type SizePlan, planSize } from '../sizing.ts'

/** How long after EKS called an update or a creation successful the Auto Scaling group may still show the old numbers, or not at all. */
const settleMs = 60_000

/** Brings the numbers to EKS; upward only. What must leave is reported by `within-limits`, never sent as a lower number (P1). */
export const scale: Act = async (pass) => {
  const { draft, spec, context, target, seen, surroundings, name } = pass
  const { scalingGroup } = seen
  const { status, conditions } = draft
  // What is left of a deletion that failed takes no sizes.
  if (seen.group?.state === 'DeleteFailed') return undefined
  if (scalingGroup === undefined) return withoutScalingGroup(pass)
  if (scalingGroup.operator !== undefined) {
    conditions.stalled('GroupLockedByOperator', `the Auto Scaling group ${scalingGroup.name} is operated by ${scalingGroup.operator}: release it there`)
    return requeueAfter(600_000)
  }
  const plan = planSize(spec.scaling, scalingGroup)
  if (Object.keys(plan.send).length === 0) return undefined
  const now = surroundings.now()
  // Of what is sent, not of where it leads: one token never carries two inputs (aws-rules A1).
  const paramsHash = stableHash(plan.send)
  const { operation } = status
  conditions.reconciling('Scaling', inWords(plan))
  if (!isIntended(operation, 'UpdateScaling', paramsHash, now)) {
    const from = `${scalingGroup.minSize}/${scalingGroup.desiredCapacity}/${scalingGroup.maxSize}`
    const to = `${plan.target.minSize}/${plan.target.desiredSize}/${plan.target.maxSize}`
    const fieldManager = plan.send.desiredSize === undefined ? undefined : sizeManagerOf(draft.object)
    status.operation = intend('UpdateScaling', paramsHash, { token: surroundings.newToken(), now, before: operation, from, to, fieldManager })
    return checkpoint
  }
  if (operation.updateId !== undefined) return await followUpdate(pass, operation, operation.updateId)
  const waitMs = retryDelayMs(operation) - ageMs(operation, now)
  if (waitMs > 0) return waitToRetry(pass, waitMs)
  try {
    const updateId = await target.aws.nodeGroups.updateScaling(target.clusterName, name, plan.send, { token: operation.token, signal: context.signal })
    if (updateId !== undefined) status.operation = { ...operation, updateId }
  } catch (error) {
    return refuse(draft, error)
  } finally {
    target.aws.scalingGroups.forget(target.clusterName)
  }
  context.event({ type: 'Normal', reason: 'Scaling', action: 'UpdateScaling', note: inWords(plan) })
  return requeueAfter(2_000)
}

/** AWS shows a new Auto Scaling group within seconds; one that is missing for longer was deleted by somebody, and EKS makes no other. */
function withoutScalingGroup({ draft, seen, surroundings, name }: Pass): Result {
  const { status, conditions } = draft
  const [missing] = seen.group?.autoScalingGroups ?? []
  const isNew = status.ownership !== undefined && surroundings.now().getTime() - Date.parse(status.ownership.since) < settleMs
  const stands = seen.group?.state === 'Active' || seen.group?.state === 'Degraded'
  if (missing !== undefined && stands && !isNew)
    throw new TerminalError(
      'AutoScalingGroupNotFound',
      `the Auto Scaling group ${missing} of ${name} is not there, and EKS does not make it again: delete this object and apply it again`,
    )
  conditions.reconciling('Creating', `EKS has not made the Auto Scaling group of ${name} yet`)
  return requeueAfter(isNew ? 5_000 : restMs)
}

/** The numbers do not show yet: the update's own record tells whether to wait, to believe, or to try again with a new token. */
async function followUpdate(pass: Pass, operation: Operation, updateId: string): Promise<Result> {
  const { draft, context, target, surroundings, name } = pass
  const { status } = draft
  const now = surroundings.now()
  let update: NodeGroupUpdate | undefined
  try {
    update = await target.aws.nodeGroups.describeUpdate(target.clusterName, name, updateId, { signal: context.signal })
  } catch (error) {
    return refuseRead(draft, error)
  }
  const ended = update?.state === 'Failed' || update?.state === 'Cancelled'
  const lost = update?.state !== 'InProgress' && ageMs(operation, now) > settleMs
  if (!ended && !lost) return requeueAfter(pollDelayMs(ageMs(operation, now)))
  const [error] = update?.errors ?? []
  const message = error === undefined ? 'the numbers in AWS did not change' : `${error.code}: ${error.message}`
  conclude(status, `Failed: ${message}`.slice(0, 64), now)
  // The outcome of this attempt was seen: the next one gets a token of its own (aws-rules A1).
  const { from, to } = operation
  status.operation = intend('UpdateScaling', operation.paramsHash, {
    token: surroundings.newToken(),
    now,
    before: operation,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  })
  return waitToRetry(pass, retryDelayMs(status.operation))
}

/** How old an intent must be before it is sent: from its own time, since any write of the status wakes the object at once. */
function retryDelayMs({ attempt }: Operation): number {
  return attempt === 1 ? 0 : Math.min(600_000, 15_000 * 2 ** (attempt - 1))
}

function waitToRetry({ draft, name }: Pass, ms: number): Result {
  const outcome = draft.status.history?.at(-1)?.outcome ?? 'Failed'
  draft.conditions.setFalse('InSync', 'Correcting', `setting the size of ${name} did not work (${outcome}); it is tried again with growing delays`)
  return requeueAfter(ms)
}

function inWords({ send }: SizePlan): string {
  return `setting ${Object.entries(send)
    .map(([field, value]) => `${field} ${value}`)
    .join(', ')}`
}
