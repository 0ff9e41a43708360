import type { ScalingGroup } from '../../aws/autoscaling/port.ts'
import { isAwsError } from '../../aws/aws-error.ts'
import type { EksNodeGroupStatus } from '../../crds/eks-node-group.ts'
import { rfc3339 } from '../../runtime/conditions.ts'
import type { Result } from '../../runtime/reconciler.ts'
import { deleteTagLine, resumeProcessLine } from './aws-lines.ts'
import { lostCallMs, remember } from './operation.ts'
import type { Pass } from './pass.ts'
import { refuse } from './refusal.ts'
import { areEven } from './zones.ts'

/** The process of an Auto Scaling group that evens its zones, and ends nodes for it that nobody drained. */
export const rebalancing = 'AZRebalance'
/** Said of the request itself, so that no attempt of it was taken. */
const forGood = ['AccessDenied', 'Invalid', 'NotFound', 'QuotaExceeded'] as const
/**
 * On the Auto Scaling group: which of its processes we suspended. It is set before, so that a suspension without it is somebody else's, also where we meant
 * to suspend and a freeze or a death came first: AWS says not who suspended a process, and to resume a person's suspension could end a node that nobody
 * drained. The price: who suspends it between our two calls, of which the second never left, has it resumed with ours. The other order would take every
 * suspension for ours that comes between the intent and the tag, hours where a freeze is, or leave our own behind for good. Where AWS does not let us take
 * the tag of the last one off, who suspends it between the next intent and our call has it resumed with ours as well.
 */
const suspendedTag = 'tidegate.io/suspended'

/** Whether it is off, whoever did that. */
export function isSuspended({ suspendedProcesses }: ScalingGroup): boolean {
  return suspendedProcesses.includes(rebalancing)
}

/** Also where an earlier life of this object set it, or the one that had the group before: whoever has the group now has what Tidegate suspended in it. */
export function hasSuspensionTag({ tags }: ScalingGroup): boolean {
  return tags[suspendedTag]?.startsWith(`${rebalancing}/`) === true
}

function tagValue({ draft }: Pass): string {
  return `${rebalancing}/${draft.object.metadata.uid}`
}

/**
 * Whose suspension it is, or would be: the tag says it, also where the status was lost. What we asked for a moment ago may not show yet, and would be
 * nobody's without the tag; what shows without the tag later is theirs, whatever we had meant to do. `Resumed`: it is on again, or somebody else suspended it
 * since; of ours the tag alone is there.
 */
export function whoseIs(pass: Pick<Pass, 'draft' | 'surroundings'>, group: ScalingGroup): 'Ours' | 'Resumed' | 'Unclear' | 'Theirs' | 'Nobodys' {
  if (pass.draft.status.rebalance?.resumedAt !== undefined) return hasSuspensionTag(group) ? 'Resumed' : isSuspended(group) ? 'Theirs' : 'Nobodys'
  const mayBeOnItsWay = msOnItsWay(pass) > 0
  if (hasSuspensionTag(group) && (isSuspended(group) || !mayBeOnItsWay)) return 'Ours'
  if (mayBeOnItsWay) return 'Unclear'
  return isSuspended(group) ? 'Theirs' : 'Nobodys'
}

/** Whether something of ours is to be taken back. */
export function isToEnd(whose: ReturnType<typeof whoseIs>): boolean {
  return whose === 'Ours' || whose === 'Resumed'
}

/** For how long what we asked for may still begin to show, ms. */
export function msOnItsWay(pass: Pick<Pass, 'draft' | 'surroundings'>): number {
  return msLeftOf(lostCallMs, pass)
}

/** What is left of so long since it was suspended, ms. */
export function msLeftOf(ms: number, { draft, surroundings }: Pick<Pass, 'draft' | 'surroundings'>): number {
  const { rebalance } = draft.status
  return rebalance === undefined ? 0 : Math.max(0, ms - (surroundings.now().getTime() - Date.parse(rebalance.suspendedAt)))
}

/** Whether our suspension stands over zones that are not even. */
export function staysSuspended(pass: Pick<Pass, 'draft' | 'surroundings' | 'seen'>): boolean {
  const group = pass.seen.scalingGroup
  return group !== undefined && isSuspended(group) && !areEven(group) && whoseIs(pass, group) === 'Ours'
}

/** Suspends it, the tag first where `tagged` says that it is not there. Needs a status that names it already. A result ends the pass. */
export async function tagAndSuspend(pass: Pass, name: string, { tagged }: { readonly tagged: boolean }): Promise<Result | undefined> {
  const { draft, target, context, surroundings } = pass
  const { scalingGroups } = target.aws
  const { rebalance } = draft.status
  draft.status.rebalance = { suspendedAt: rfc3339(surroundings.now()), scalingGroup: name }
  return await orRefusal(pass, async () => {
    try {
      if (!tagged) await scalingGroups.tag(name, { [suspendedTag]: tagValue(pass) }, context)
      await scalingGroups.suspend(name, [rebalancing], context)
    } catch (error) {
      if (!isAwsError(error) || error.kind === 'Unavailable') {
        // It may still arrive: the time counts from the end of the last attempt, as each of them takes its own.
        draft.status.rebalance = { suspendedAt: rfc3339(surroundings.now()), scalingGroup: name }
      } else {
        // The time stays: one that moved with each try would wake the object at once.
        if (rebalance !== undefined) draft.status.rebalance = rebalance
        // AWS said no: whoever suspends it until we may is somebody else. Not where it has no time: an attempt before, of which the answer was lost, may be
        // what it is at work on.
        if (isAwsError(error, ...forGood)) await scalingGroups.untag(name, [suspendedTag], context).catch(() => undefined)
      }
      throw error
    }
  })
}

/**
 * Puts it on again, and takes off the tag that says it was we. For what is ours alone. A result ends the pass; the status says what is done of it: where AWS
 * does not let us take the tag off, who suspends it next is not taken for us (P2). The price: killed between AWS' answer and the status, he is.
 */
export async function resumeAndUntag(pass: Pass, group: ScalingGroup): Promise<Result | undefined> {
  const { draft, target, context, surroundings } = pass
  const { suspendedAt = rfc3339(surroundings.now()), resumedAt } = draft.status.rebalance ?? {}
  return await orRefusal(pass, async () => {
    if (isSuspended(group) && resumedAt === undefined) await target.aws.scalingGroups.resume(group.name, [rebalancing], context)
    draft.status.rebalance = { suspendedAt, scalingGroup: group.name, resumedAt: resumedAt ?? rfc3339(surroundings.now()) }
    // After it: killed in between, what is left says that it was ours, and is taken away by the next pass.
    await target.aws.scalingGroups.untag(group.name, [suspendedTag], context)
    draft.status.rebalance = { suspendedAt, scalingGroup: group.name }
  })
}

/** Our suspension is over: it goes from the status, into the history, and is told. */
export function forgetSuspension(pass: Pass, group: ScalingGroup): void {
  delete pass.draft.status.rebalance
  recordRebalance(pass, group, { operation: 'ResumeRebalance', note: `${rebalancing} of ${group.name} is on again` })
}

/** Into the history and an Event. */
export function recordRebalance(
  { draft, context, surroundings }: Pass,
  { name }: ScalingGroup,
  { operation, note }: { readonly operation: 'SuspendRebalance' | 'ResumeRebalance'; readonly note: string },
): void {
  remember(draft.status, { operation, to: name, outcome: 'Succeeded' }, surroundings.now())
  context.event({ type: 'Normal', reason: operation, action: operation, note })
}

/** What a person does about what the status names there. */
export function takeBackLine({ scalingGroup, resumedAt }: NonNullable<EksNodeGroupStatus['rebalance']>): string {
  return resumedAt === undefined ? `once its zones are even: ${resumeLine(scalingGroup)}` : deleteTagLine(scalingGroup, suspendedTag)
}

/** How a person resumes it, and takes away what says that it was we who suspended it. */
export function resumeLine(name: string): string {
  return `${resumeProcessLine(name, rebalancing)}; ${deleteTagLine(name, suspendedTag)}`
}

/** The rebalancing has no intent of its own: the one on record is of another call. */
async function orRefusal(pass: Pass, write: () => Promise<void>): Promise<Result | undefined> {
  try {
    await write()
    return undefined
  } catch (error) {
    return refuse(pass.draft, error, { keepsIntent: true })
  }
}
