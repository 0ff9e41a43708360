import { type Result, requeueAfter } from '../../../runtime/reconciler.ts'
import { ageMs, pollDelayMs } from '../operation.ts'
import type { Act, Pass } from '../pass.ts'

/** EKS refuses every other change of a group in these states. */
const busy: ReadonlySet<string | undefined> = new Set(['Creating', 'Updating', 'Deleting'])

export function isBusy({ seen }: Pick<Pass, 'seen'>): boolean {
  return busy.has(seen.group?.state)
}

/** Waits while EKS is at work on the group. */
export const waitWhileBusy: Act = async (pass) => (isBusy(pass) ? sayBusy(pass) : undefined)

/** Says what EKS does, and looks again at the pace of what moves. */
export function sayBusy({ draft, seen, surroundings, name }: Pass): Result {
  const { operation } = draft.status
  const state = seen.group?.state ?? 'Unknown'
  draft.conditions.reconciling(state, `node group ${name} is ${state} in EKS`)
  return requeueAfter(pollDelayMs(operation === undefined ? 10_000 : ageMs(operation, surroundings.now())))
}
