import { requeueAfter, type Result } from '../../runtime/reconciler.ts'
import type { Hold } from '../../runtime/freeze.ts'
import { standing } from './deletion/standing.ts'
import { undo } from './deletion/take-back.ts'
import { waitWhileHeld } from './holder.ts'
import { observe } from './observe.ts'
import type { GroupDraft, Pass } from './pass.ts'
import { refuse } from './refusal.ts'

const againMs = 2_000

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
  try {
    await undo(pass)
    return requeueAfter(standing(draft).length === 0 ? 0 : againMs)
  } catch (error) {
    return refuse(draft, error)
  } finally {
    say(draft, before)
  }
}

function say({ conditions }: GroupDraft, stands: readonly string[]): void {
  const text = `the node group is only observed from now on; what stands there of ours is taken back: ${stands.join('; ')}`
  conditions.reconciling('TakingBack', text)
  conditions.setFalse('InSync', 'TakingBack', text)
}
