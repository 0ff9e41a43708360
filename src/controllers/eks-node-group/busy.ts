import { type Result, requeueAfter } from '../../runtime/reconciler.ts'
import { isBusy } from './group-state.ts'
import { ageMs } from './operation.ts'
import { pollDelayMs, slowestPollMs } from './pace.ts'
import type { Act, Pass } from './pass.ts'

/** Waits while EKS is at work on the group. */
export const waitWhileBusy: Act = async (pass) => (isBusy(pass) ? sayBusy(pass) : undefined)

/** Says what EKS does, and looks again at the pace of what moves. */
export function sayBusy({ draft, seen, surroundings, name }: Pass): Result {
  const { operation } = draft.status
  const state = seen.group?.state ?? 'Unknown'
  draft.conditions.reconciling(state, `node group ${name} is ${state} in EKS`)
  return requeueAfter(operation === undefined ? slowestPollMs : pollDelayMs(ageMs(operation, surroundings.now())))
}
