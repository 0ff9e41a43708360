import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import { isAwsError } from '../../../aws/aws-error.ts'
import { stableHash } from '../../../lib/hash.ts'
import { type Result, TerminalError, checkpoint, requeueAfter } from '../../../runtime/reconciler.ts'
import { eksAgainMs, waitsForEks } from '../eks-numbers.ts'
import { followUpdate, settleMs } from '../follow-update.ts'
import { takesChanges } from '../group-state.ts'
import { ageMs, intend, isIntended, lostCallMs, retriedInWords, retryDelayMs } from '../operation.ts'
import { restMs } from '../pace.ts'
import type { Act, Pass } from '../pass.ts'
import { refuse, refuseRead } from '../refusal.ts'
import { sizeManagerOf } from '../size-manager.ts'
import { type SizePlan, planSize, sameNumbers, sizesInWords } from '../sizing.ts'
import { makeAnew } from '../ways-out.ts'

/** As old as the number may be that a new one was made from: nothing is asked twice in a pass that had nothing else to do. */
const readAgeMs = 2_000

/** Brings the numbers to EKS; upward only. What must leave is chosen by `chooseRemovals` and ended by name, never sent as a lower number (P1). */
export const scale: Act = async (pass) => {
  const { draft, spec, seen } = pass
  const { scalingGroup } = seen
  const { conditions } = draft
  // What is left of a deletion that failed takes no sizes.
  if (seen.group?.state === 'DeleteFailed') return undefined
  if (scalingGroup === undefined) return withoutScalingGroup(pass)
  if (scalingGroup.operator !== undefined) {
    conditions.stalled('GroupLockedByOperator', `the Auto Scaling group ${scalingGroup.name} is operated by ${scalingGroup.operator}: release it there`)
    return requeueAfter(600_000)
  }
  const send = sizesToSend(pass, scalingGroup)
  if (Object.keys(send).length === 0) return undefined
  return await bringSizes(pass, { ...planSize(spec.scaling, scalingGroup), send, sendAt: (now) => sizesToSend(pass, now) }, scalingGroup)
}

/** As planned; but while something is withdrawn the maximum stays as high as it is: the number of one that arrived after all is raised again. */
export function sizesToSend({ draft, spec }: Pick<Pass, 'draft' | 'spec'>, now: ScalingGroup): SizePlan['send'] {
  const { send } = planSize(spec.scaling, now)
  if (draft.status.withdrawal === undefined || send.maxSize === undefined || send.maxSize >= now.maxSize) return send
  const { maxSize: _, ...rest } = send
  return rest
}

interface Sizes extends Pick<SizePlan, 'send' | 'target'> {
  /** What would be sent if the Auto Scaling group were as it is `now`. */
  readonly sendAt: (now: ScalingGroup) => SizePlan['send']
}

/** Sends numbers to EKS under a stored intent, once EKS' own fit them, and follows the update until they show. */
export async function bringSizes(pass: Pass, plan: Sizes, scalingGroup: ScalingGroup): Promise<Result> {
  const { draft, context, target, calls, surroundings, name } = pass
  const { status, conditions } = draft
  const now = surroundings.now()
  // Of what is sent, not of where it leads: one token never carries two inputs (aws-rules A1).
  const paramsHash = stableHash(plan.send)
  const { operation } = status
  conditions.reconciling('Scaling', inWords(plan))
  if (!isIntended(operation, 'UpdateScaling', paramsHash, now)) {
    if (mayBeTaken(pass)) {
      const why = 'EKS may still take the numbers that it was asked for, since nobody read its answer, for up to 20 s'
      conditions.reconciling('Scaling', `${inWords(plan)} waits: ${why}`)
      return requeueAfter(2_000)
    }
    const from = sizesInWords({ ...scalingGroup, desiredSize: scalingGroup.desiredCapacity })
    const to = sizesInWords(plan.target)
    const fieldManager = plan.send.desiredSize === undefined ? undefined : sizeManagerOf(draft.object)
    const token = surroundings.newToken()
    calls.made(token, now)
    status.operation = intend('UpdateScaling', paramsHash, { token, now, before: operation, from, to, fieldManager })
    return checkpoint
  }
  if (operation.updateId !== undefined) {
    const waiting = await followUpdate(pass, operation, { updateId: operation.updateId, unchanged: 'the numbers in AWS did not change' })
    return waiting ?? waitToRetry(pass, retryDelayMs(status.operation ?? operation))
  }
  const waitMs = retryDelayMs(operation) - ageMs(operation, now)
  if (waitMs > 0) return waitToRetry(pass, waitMs)
  const again = waitForEks(pass, plan, scalingGroup) ?? (await lookAgain(pass, plan, scalingGroup))
  if (again !== undefined) return again
  const isOnItsWay = mayBeTaken(pass)
  try {
    const updateId = await target.aws.nodeGroups.updateScaling(target.clusterName, name, plan.send, { token: operation.token, signal: context.signal })
    if (updateId !== undefined) status.operation = { ...operation, updateId }
  } catch (error) {
    if (!isAwsError(error) || error.kind === 'Unavailable') calls.sent(operation.token, surroundings.now())
    return refuse(draft, error, { keepsIntent: isOnItsWay })
  } finally {
    target.aws.scalingGroups.forget(scalingGroup.name)
  }
  context.event({ type: 'Normal', reason: 'Scaling', action: 'UpdateScaling', note: inWords(plan) })
  return requeueAfter(2_000)
}

/**
 * Whether numbers that nobody read the answer to may be taken yet. A number that comes after another one may be a lower one by then, for which AWS would
 * choose who dies (P1). The same numbers are asked for again under their own token, which EKS takes once.
 */
export function mayBeTaken({ draft: { status }, calls, surroundings }: Pick<Pass, 'draft' | 'calls' | 'surroundings'>): boolean {
  const { operation } = status
  if (operation?.kind !== 'UpdateScaling' || operation.updateId !== undefined) return false
  return calls.silentMs(operation.token, surroundings.now()) < lostCallMs
}

/** Its numbers are read anew by each pass that has something under way. */
function waitForEks({ draft, seen: { group }, eksLag, surroundings }: Pass, plan: Sizes, { desiredCapacity }: ScalingGroup): Result | undefined {
  if (group === undefined) return undefined
  const told = { eks: group.scaling, desired: desiredCapacity }
  const waitedMs = eksLag.ms(draft.object.metadata.uid, told, surroundings.now())
  if (!waitsForEks(plan.send, told, waitedMs)) return undefined
  const { minSize, desiredSize, maxSize } = group.scaling
  const still = `it still tells minSize ${minSize}, desiredSize ${desiredSize}, maxSize ${maxSize}`
  draft.conditions.reconciling('Scaling', `${inWords(plan)} waits until EKS has noticed what the Auto Scaling group has: ${still}`)
  return requeueAfter(eksAgainMs(waitedMs))
}

/**
 * EKS sets the number that it is sent, also below one that somebody raised while the nodes that leave were drained, for up to a minute, in this same pass; and
 * where a maximum is below it, which EKS does not know before it notices, Auto Scaling lowers the number itself ("this sets the group's DesiredCapacity to the
 * new MaxSize value": API Reference, UpdateAutoScalingGroup). AWS would choose who dies for the difference (aws-rules B1). A minimum alone ends nobody, and
 * needs no other look. A result: judged anew.
 */
async function lookAgain({ draft, seen, target, context, surroundings }: Pass, { send, sendAt }: Sizes, { name }: ScalingGroup): Promise<Result | undefined> {
  if (send.desiredSize === undefined && send.maxSize === undefined) return undefined
  if (seen.countsAt !== undefined && surroundings.now().getTime() - seen.countsAt.getTime() <= readAgeMs) return undefined
  try {
    const [now] = await target.aws.scalingGroups.describe([name], { signal: context.signal })
    return now !== undefined && sameNumbers(send, sendAt(now)) ? undefined : requeueAfter(1_000)
  } catch (error) {
    return refuseRead(draft, error)
  }
}

/** AWS shows a new Auto Scaling group within seconds; one that is missing for longer was deleted by somebody, and EKS makes no other. */
function withoutScalingGroup({ draft, seen, surroundings, name }: Pass): Result {
  const { status, conditions } = draft
  const [missing] = seen.group?.autoScalingGroups ?? []
  const isNew = status.ownership !== undefined && surroundings.now().getTime() - Date.parse(status.ownership.since) < settleMs
  if (missing !== undefined && takesChanges(seen.group) && !isNew)
    throw new TerminalError(
      'AutoScalingGroupNotFound',
      `the Auto Scaling group ${missing} of ${name} is not there, and EKS does not make it again: ${makeAnew(draft)}`,
    )
  conditions.reconciling('Creating', `EKS has not made the Auto Scaling group of ${name} yet`)
  return requeueAfter(isNew ? 5_000 : restMs)
}

function waitToRetry({ draft, name }: Pass, ms: number): Result {
  draft.conditions.setFalse('InSync', 'Correcting', `setting the size of ${name} ${retriedInWords(draft.status, 'UpdateScaling')}`)
  return requeueAfter(ms)
}

function inWords({ send }: Pick<SizePlan, 'send'>): string {
  return `setting ${Object.entries(send)
    .map(([field, value]) => `${field} ${value}`)
    .join(', ')}`
}
