import type { ScalingGroup, ScalingInstance } from '../../../aws/autoscaling/port.ts'
import { isAwsError } from '../../../aws/aws-error.ts'
import type { EksNodeGroupStatus } from '../../../crds/eks-node-group.ts'
import { rfc3339 } from '../../../runtime/conditions.ts'
import { TerminalError, checkpoint, requeueAfter, type Result } from '../../../runtime/reconciler.ts'
import { remember } from '../operation.ts'
import type { Act, Pass } from '../pass.ts'
import { refuse } from '../refusal.ts'
import { isCounted, isLeaving } from '../removals/member.ts'
import { leastOf } from '../removals/least.ts'
import { shrinkerOf } from '../size-manager.ts'
import { planSize } from '../sizing.ts'
import { counted } from '../../../lib/counted.ts'
import { askNumber, intendNumber, lateNumber } from '../withdrawal/number-call.ts'
import { isTagLeftOver, protectedByOthers, protectedByUs, tagLoss, tagProtection, tagRest, untag, untagProtection } from '../withdrawal/protection-tag.ts'

type Withdrawal = NonNullable<EksNodeGroupStatus['withdrawal']>

/**
 * Takes back the wish for instances that have not arrived (aws-rules B5). One that arrives between the read and the write would make AWS end another
 * by its own choice: so every instance in service is protected first, and the protection, which is written down here and by a tag, is taken back once AWS
 * wants no fewer than there are. Where nobody read its answer to a number, it may take that one later: until it cannot any more all stay protected, and those
 * that arrive meanwhile are too. Over several zones the rebalancing is suspended before (keep-zones.ts).
 */
export const withdraw: Act = async (pass) => {
  const { draft, seen, target, context } = pass
  const { status } = draft
  const group = seen.scalingGroup
  if (group === undefined || group.operator !== undefined) return undefined
  const least = leastOf(pass, group)
  if (status.withdrawal === undefined && least === undefined)
    return isTagLeftOver(pass, group) ? await tagged(pass, async () => await untag(pass, group)) : undefined
  say(pass, group, least)
  const [now] = await target.aws.scalingGroups.describe([group.name], context)
  if (now === undefined) return requeueAfter(5_000)
  if (status.withdrawal !== undefined && least === undefined) {
    const there = now.instances.filter(isCounted).length
    if (there > now.desiredCapacity) return await orLookAgain(pass, async () => await raise(pass, now, there))
    if (lateNumber(pass) === undefined) return await orLookAgain(pass, async () => await takeOffProtection(pass, now))
  }
  return (await protectAll(pass, now)) ?? (await orLookAgain(pass, async () => await lower(pass, now)))
}

/**
 * Whoever arrives while a number may still be taken is protected before EKS is asked for anything else, which may take it minutes. It asks for no number:
 * whether one may be lowered is decided when all that comes before it is done, the suspension of the rebalancing too.
 */
export const protectLate: Act = async (pass) => {
  const { draft, seen, target, context } = pass
  const { conditions, status } = draft
  const group = seen.scalingGroup
  if (group === undefined || group.operator !== undefined || unprotected(group).length === 0 || lateNumber(pass) === undefined) return undefined
  say(pass, group, leastOf(pass, group))
  const [now] = await target.aws.scalingGroups.describe([group.name], context)
  const { operation } = status
  try {
    return now === undefined ? requeueAfter(5_000) : await protectAll(pass, now)
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error
    // What EKS was asked for has nothing to do with it.
    if (operation !== undefined) status.operation = operation
    // Nothing else shall wait for long: in a moment no number is late any more.
    conditions.reconciling('Withdrawing', `AWS may still take a lower number, and who arrives meanwhile cannot be protected from scale-in: ${error.message}`)
    return requeueAfter(2_000)
  }
}

function say(pass: Pass, group: ScalingGroup, least: number | undefined): void {
  const { conditions } = pass.draft
  const late = lateNumber(pass)
  const settles = late === undefined ? ': the protection from scale-in that this needed is taken back' : `, but ${late}`
  const text =
    least === undefined
      ? `nothing is left to withdraw${settles}`
      : `AWS is asked for ${counted(group.desiredCapacity, 'node')} and fewer are wanted: what has not arrived is withdrawn`
  conditions.reconciling('Withdrawing', text)
  conditions.setFalse('InSync', 'Withdrawing', text)
}

/** Its time, the intent of its calls and who asked for it are those of the beginning. */
function begun(pass: Pass, group: ScalingGroup): Pick<Withdrawal, 'startedAt' | 'call' | 'fieldManager'> {
  const fieldManager = shrinkerOf(pass, planSize(pass.spec.scaling, group).keep)
  return { startedAt: rfc3339(pass.surroundings.now()), call: intendNumber(pass), ...(fieldManager === undefined ? {} : { fieldManager }) }
}

function unprotected({ instances }: ScalingGroup): readonly string[] {
  return instances.flatMap(({ instanceId, lifecycleState, protectedFromScaleIn }) =>
    isInService({ lifecycleState }) && !protectedFromScaleIn ? [instanceId] : [],
  )
}

function isInService({ lifecycleState }: Pick<ScalingInstance, 'lifecycleState'>): boolean {
  return lifecycleState === 'InService'
}

/** Protects all that are in service, after they are written down. A result ends the pass; `undefined` when all are protected. */
async function protectAll(pass: Pass, now: ScalingGroup): Promise<Result | undefined> {
  const { draft, target, context } = pass
  const { status } = draft
  const bare = unprotected(now)
  const theirs = protectedByOthers(pass, now)
  const present = new Set(now.instances.map(({ instanceId }) => instanceId))
  const known = new Set(status.withdrawal?.protected.filter((id) => present.has(id) && !theirs.has(id)))
  if (status.withdrawal !== undefined) status.withdrawal.protected = [...known]
  // Before the tag says that what is written down is ours.
  if (theirs.size > 0) return checkpoint
  if (status.withdrawal === undefined || bare.some((id) => !known.has(id))) {
    const refused = status.withdrawal === undefined ? await tagged(pass, async () => await tagLoss(pass, now)) : undefined
    if (refused !== undefined) return refused
    status.withdrawal = {
      ...(status.withdrawal ?? begun(pass, now)),
      target: leastOf(pass, now) ?? status.withdrawal?.target ?? now.desiredCapacity,
      protected: [...known, ...bare.filter((id) => !known.has(id))],
    }
    return checkpoint
  }
  if (bare.length === 0) return undefined
  return await orLookAgain(pass, async () => {
    await tagProtection(pass, now)
    await target.aws.scalingGroups.protect(now.name, bare, { protected: true, signal: context.signal })
    return undefined
  })
}

/** Looks again, since all are protected, and lowers the number to what is there, unless nothing is left to withdraw. */
async function lower(pass: Pass, { name }: ScalingGroup): Promise<Result> {
  const { target, context } = pass
  const [now] = await target.aws.scalingGroups.describe([name], context)
  // One that arrived meanwhile is written down before it is protected.
  if (now === undefined || unprotected(now).length > 0) return requeueAfter(1_000)
  const least = leastOf(pass, now)
  if (least !== undefined) {
    await askNumber(pass, name, least)
    context.event({
      type: 'Normal',
      reason: 'Withdrawing',
      action: 'Withdraw',
      note: `lowered the number of ${name} from ${now.desiredCapacity} to ${least}: the rest had not arrived`,
    })
  }
  return requeueAfter(2_000)
}

/**
 * It arrived after all. Protected as all are AWS cannot end one; without it the newest would be the victim: it is wanted again, and removed by name. This
 * call too may be taken late, and is for a lower number where still more are wanted by then.
 */
async function raise(pass: Pass, { name, desiredCapacity, maxSize }: ScalingGroup, there: number): Promise<Result> {
  const wanted = Math.min(there, maxSize)
  // Beyond the maximum AWS takes no number: the protection stays until fewer are there.
  if (wanted === desiredCapacity) {
    const way = `raise the maximum of Auto Scaling group ${name} to ${there}, and the one that is too many leaves by name`
    pass.draft.conditions.reconciling('Withdrawing', `${there} nodes run and the maximum is ${maxSize}, so that all stay protected from scale-in: ${way}`)
    return requeueAfter(15_000)
  }
  await askNumber(pass, name, wanted)
  const note = `raised the number of ${name} from ${desiredCapacity} to ${wanted}: what was withdrawn arrived after all`
  pass.context.event({ type: 'Normal', reason: 'Withdrawing', action: 'Withdraw', note })
  return requeueAfter(2_000)
}

/** Nothing is left to withdraw: once AWS wants what is there, nobody can be chosen, and the protection that is ours comes off. */
async function takeOffProtection(pass: Pass, now: ScalingGroup): Promise<Result> {
  const { draft, target, context, surroundings } = pass
  const { status } = draft
  const ours = protectedByUs(pass, now)
  const held = now.instances.filter(
    ({ instanceId, protectedFromScaleIn, lifecycleState }) => ours.has(instanceId) && protectedFromScaleIn && !isLeaving({ lifecycleState }),
  )
  // AWS takes it off in no other state: of one that somebody has set aside meanwhile it is told by the tag when it is back.
  const off = held.filter(isInService).map(({ instanceId }) => instanceId)
  if (off.length > 0) await target.aws.scalingGroups.protect(now.name, off, { protected: false, signal: context.signal })
  // Also where the tag cannot come off now: who protects one of them next is somebody else (P2).
  if (status.withdrawal !== undefined) status.withdrawal.protected = status.withdrawal.protected.filter((id) => !off.includes(id))
  await (off.length < held.length ? tagRest(pass, now) : untagProtection(pass, now))
  const { fieldManager } = status.withdrawal ?? {}
  delete status.withdrawal
  const asker = fieldManager === undefined ? {} : { fieldManager }
  remember(status, { operation: 'Withdraw', to: String(now.desiredCapacity), outcome: 'Succeeded', ...asker }, surroundings.now())
  // The next pass says how it stands then.
  return requeueAfter(0)
}

/** A call that is about the tag alone; a result only where AWS refuses it. */
async function tagged(pass: Pass, write: () => Promise<void>): Promise<Result | undefined> {
  return await orLookAgain(pass, async () => {
    await write()
    return undefined
  })
}

/** What AWS refuses ends the pass with its reason. */
async function orLookAgain<R extends Result | undefined>(pass: Pass, write: () => Promise<R>): Promise<R | Result> {
  try {
    return await write()
  } catch (error) {
    // An instance that left between the look and the call.
    if (isAwsError(error, 'NotFound') || (isAwsError(error, 'Busy') && error.action === 'autoscaling:SetInstanceProtection')) return requeueAfter(2_000)
    return refuse(pass.draft, error)
  }
}
