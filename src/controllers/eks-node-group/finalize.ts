import { rfc3339 } from '../../runtime/conditions.ts'
import { type FinalizeResult, finalized, requeueAfter } from '../../runtime/reconciler.ts'
import { lateNumber } from './withdrawal/number-call.ts'
import { mayBeMarkedYet } from './acts/adopt.ts'
import { protectLate } from './acts/withdraw.ts'
import { askEks } from './deletion/ask-eks.ts'
import { sayBusy } from './busy.ts'
import { mayArrive } from './creation.ts'
import { waitForConfirmation } from './deletion/confirmation.ts'
import { emptyGroup } from './deletion/empty-group.ts'
import { leaveToOthers } from './deletion/not-ours.ts'
import { tellRoleShared } from './deletion/role-shared.ts'
import { forgetTakingBack } from './deletion/take-back.ts'
import { lostCallMs } from './operation.ts'
import { isMarkedBy } from './ownership.ts'
import type { Pass } from './pass.ts'
import { healthy } from './reports/healthy.ts'
import { provisioned } from './reports/provisioned.ts'

/** Deletes what we made, node by node and then the group (aws-rules B8), and ends when EKS no longer knows it (P6). */
export async function finalizeGroup(pass: Pass): Promise<FinalizeResult> {
  const { group } = pass.seen
  if (group === undefined) return mayArrive(pass) ? requeueAfter(2_000) : finalized
  if (!isMarkedBy(group.tags, pass.draft.object.metadata.uid)) return mayBeMarkedYet(pass) ? waitForMark(pass) : await leaveToOthers(pass)
  for (const report of [provisioned, healthy]) report(pass)
  // The group shall go after all.
  forgetTakingBack(pass.draft)
  if (group.state === 'Creating' || group.state === 'Deleting') return sayBusy(pass)
  const unconfirmed = waitForConfirmation(pass)
  // Whoever has not confirmed it loses no node meanwhile either; what is confirmed to go without a drain, EKS ends.
  const isKept = unconfirmed !== undefined || pass.spec.scaleDown.drain !== 'None'
  const late = isKept ? await protectLate(pass) : undefined
  if (late !== undefined) return late
  if (unconfirmed !== undefined) return lateNumber(pass) === undefined ? unconfirmed : requeueAfter(2_000)
  begin(pass)
  return (await emptyGroup(pass)) ?? (await askEks(pass))
}

/** The deletion goes by it, and one that came when the object is gone would be nobody's. */
function waitForMark({ draft, name }: Pass): FinalizeResult {
  draft.conditions.reconciling('Deleting', `node group ${name} was just being taken: whether it carries our mark shows within ${lostCallMs / 1_000} s`)
  return requeueAfter(2_000)
}

/** Once, before anything is changed: who has to do something about the deletion has until the nodes are empty. */
function begin(pass: Pass): void {
  const { status } = pass.draft
  if (status.deletion?.startedAt !== undefined) return
  tellRoleShared(pass)
  status.deletion = { ...status.deletion, startedAt: rfc3339(pass.surroundings.now()) }
}
