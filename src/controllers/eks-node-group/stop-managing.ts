import { requeueAfter, type Result } from '../../runtime/reconciler.ts'
import type { Hold } from '../../runtime/freeze.ts'
import { lateNumber } from './withdrawal/number-call.ts'
import { resumeLine } from './rebalance.ts'
import { isNotOurs, leaveInAws } from './deletion/not-ours.ts'
import { standing } from './deletion/standing.ts'
import { undo, waitsForZones } from './deletion/take-back.ts'
import { waitWhileHeld } from './holder.ts'
import { observe } from './observe.ts'
import { restMs } from './pace.ts'
import type { GroupDraft, Pass } from './pass.ts'
import { refuse } from './refusal.ts'
import { stillOwed } from './removals/owed.ts'

const againMs = 2_000
/** That the zones have changed, or a person resumed it, the sweep tells. */
const zonesAgainMs = 600_000

/** Whether a group that is only observed still bears what was put there while it was managed, as far as the status knows. */
export function stopsManaging({ object, status }: Pick<GroupDraft, 'object' | 'status'>): boolean {
  return object.spec.policy.management === 'Observe' && standing({ object, status }).length > 0
}

/**
 * `management` became `Observe` in the middle of something: what of ours stands on nodes and in AWS is taken back before the group is only looked at (P2).
 * Nobody waits for an object to go, so it is tried until it is done, and said until then: `InSync` is not True. Needs fresh answers of AWS.
 */
export async function stopManaging(pass: Pass, hold: Hold | undefined): Promise<Result> {
  const { draft, seen } = pass
  const { status } = draft
  observe(pass)
  say(draft, standing(draft))
  if (hold !== undefined) return waitWhileHeld(draft, hold, { unfinished: true })
  // They went with the group.
  if (seen.group === undefined) {
    delete status.withdrawal
    delete status.rebalance
  }
  const before = standing(draft)
  let lasting: string | undefined
  try {
    // Another object may have it by now (P2).
    const wait = isNotOurs(pass) ? await leaveInAws(pass) : await undo(pass)
    if (standing(draft).length === 0) return requeueAfter(0)
    if (waitsForZones(pass)) {
      lasting = zonesInWords(pass)
      return requeueAfter(zonesAgainMs)
    }
    lasting = whatLasts(pass)
    if (lasting !== undefined) return requeueAfter(restMs)
    lasting = lateNumber(pass)
    if (wait?.kind !== 'requeueAfter' || wait.ms <= againMs) return requeueAfter(againMs)
    // AWS has no time now.
    lasting = draft.conditions.underWay?.message
    return wait
  } catch (error) {
    const wait = refuse(draft, error)
    lasting = draft.conditions.underWay?.message
    return wait
  } finally {
    say(draft, before, lasting)
  }
}

/** What can last, where nothing else is left to take back. */
function whatLasts({ draft: { status }, seen: { group, scalingGroup } }: Pass): string | undefined {
  if (group === undefined) return 'The node group is gone: waits until Kubernetes has removed its Nodes'
  if (status.deletion?.taintedAt !== undefined) return undefined
  if (scalingGroup === undefined) return 'The Auto Scaling group does not show: what stands there waits until it does'
  const { name, operator } = scalingGroup
  if (operator !== undefined) return `${operator} operates the Auto Scaling group ${name}: what stands there waits until it is released`
  return status.withdrawal !== undefined || status.rebalance !== undefined ? undefined : stillOwed(scalingGroup)
}

function zonesInWords({ draft: { status } }: Pass): string {
  const line = resumeLine(status.rebalance?.scalingGroup ?? '')
  return `It is resumed when the zones differ by at most one instance, since AWS would end a node that nobody drained. To resume it at once: ${line}`
}

function say({ conditions }: GroupDraft, stands: readonly string[], lasting?: string): void {
  const why = lasting === undefined ? '' : `. ${lasting}`
  const text = `the node group is only observed from now on; what stands there of ours is taken back: ${stands.join('; ')}${why}`
  conditions.setFalse('InSync', 'TakingBack', text)
  conditions.reconciling('TakingBack', text)
}
