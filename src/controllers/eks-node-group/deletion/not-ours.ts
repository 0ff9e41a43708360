import type { EksNodeGroupStatus } from '../../../crds/eks-node-group.ts'
import type { FinalizeResult } from '../../../runtime/reconciler.ts'
import { hasProtectionTag, protectedByUs, untagLine } from '../withdrawal/protection-tag.ts'
import { removeTaintLine, unprotectLine } from '../aws-lines.ts'
import { formerUids } from '../former.ts'
import { isBusy } from '../group-state.ts'
import { lostCallMs } from '../operation.ts'
import { isMarkedBy } from '../ownership.ts'
import type { Pass } from '../pass.ts'
import { isToEnd, takeBackLine, whoseIs } from '../rebalance.ts'
import { serverRefusal } from '../removals/server-refusal.ts'
import { groupTaint, hasGroupTaint } from './group-taint.ts'
import { leftBehind, letObjectGo } from './left-behind.ts'
import { releaseNodes } from './release-nodes.ts'

/** AWS takes 50 in one call; a line that a person reads is shorter. */
const mostInLine = 20

/**
 * The end of an object whose group does not carry our mark. Nothing is written in AWS: whoever has the group now may rely on what stands there, and an object
 * that took it over takes it back itself (former.ts). Our marks on Nodes bear our UID, and are nobody else's: they come off, but for machines that AWS ends.
 * What stands in AWS is named, with the lines for a person. Needs a fresh look. Errors: `KubeError` where the API server does not answer, and the object waits.
 */
export async function leaveToOthers(pass: Pass): Promise<FinalizeResult> {
  try {
    await releaseNodes(pass)
  } catch (error) {
    // One Node that is refused may be so for ever: it is named.
    if (serverRefusal(error) === undefined) throw error
  }
  return letObjectGo(pass.draft, pass.context, { type: 'Warning', reason: 'NotOurs', notes: notesOf(pass) })
}

/** Whether EKS has the group, and it does not carry our mark, nor that of an earlier life of this object. */
export function isNotOurs({ draft, seen }: Pick<Pass, 'draft' | 'seen'>): boolean {
  const { group } = seen
  return group !== undefined && ![draft.object.metadata.uid, ...formerUids(draft)].some((uid) => isMarkedBy(group.tags, uid))
}

/** The same where the object stays, and only looks on from now on: what stands in AWS is told once, and forgotten. Errors: `KubeError`. */
export async function leaveInAws(pass: Pass): Promise<undefined> {
  const { draft, context } = pass
  const { status } = draft
  await releaseNodes(pass)
  const { taintedAt, ...deletion } = status.deletion ?? {}
  if (taintedAt === undefined && status.withdrawal === undefined && status.rebalance === undefined) return
  for (const note of notesOf(pass)) context.event({ type: 'Warning', reason: 'NotOurs', action: 'Observe', note })
  delete status.withdrawal
  delete status.rebalance
  if (taintedAt !== undefined) status.deletion = deletion
}

/** What stays there, and how a person takes it back: each an Event of its own. */
function notesOf(pass: Pass): readonly string[] {
  const { draft, name } = pass
  const status = asSeen(pass)
  const why = `node group ${name} does not carry our mark and stays`
  const left = leftBehind({ object: draft.object, status })
  const how = linesFor(pass, status).map((line) => `By hand, where no other object of Tidegate has node group ${name}: ${line}`)
  return left.length === 0 ? [why] : [`${why}. Left behind: ${left.join('; ')}`, ...how]
}

/** The status, but for what does not stand any more: the group may be another by now, and people may have undone things. What may still begin to show counts. */
function asSeen(pass: Pass): EksNodeGroupStatus {
  const { draft, seen, surroundings } = pass
  const { deletion, withdrawal, rebalance, ...rest } = draft.status
  const { taintedAt, ...closed } = deletion ?? {}
  const group = seen.scalingGroup
  const mayCome = taintedAt !== undefined && surroundings.now().getTime() - Date.parse(taintedAt) < lostCallMs
  const isTainted = hasGroupTaint(pass) || isBusy(pass) || mayCome
  const ours = group === undefined ? undefined : protectedByUs(pass, group)
  const isProtected = new Set(group?.instances.flatMap((one) => (one.protectedFromScaleIn ? [one.instanceId] : [])))
  const held = (withdrawal?.protected ?? []).filter((id) => ours === undefined || (ours.has(id) && isProtected.has(id)))
  const whose = group === undefined ? 'Unclear' : whoseIs(pass, group)
  const isSuspended = group === undefined || (group.name === rebalance?.scalingGroup && (whose === 'Unclear' || isToEnd(whose)))
  const isHeld = group === undefined || held.length > 0 || hasProtectionTag(pass, group)
  return {
    ...rest,
    deletion: { ...closed, ...(taintedAt !== undefined && isTainted ? { taintedAt } : {}) },
    ...(withdrawal === undefined || !isHeld ? {} : { withdrawal: { ...withdrawal, protected: held } }),
    ...(rebalance !== undefined && isSuspended ? { rebalance } : {}),
  }
}

/** How a person takes back what the status names in AWS. */
function linesFor(pass: Pass, { deletion, withdrawal, rebalance }: EksNodeGroupStatus): readonly string[] {
  const { target, seen, name } = pass
  const scalingGroup = seen.scalingGroup?.name ?? seen.group?.autoScalingGroups[0]
  const held = withdrawal?.protected ?? []
  return [
    ...(deletion?.taintedAt === undefined ? [] : [removeTaintLine({ clusterName: target.clusterName, name }, groupTaint(pass))]),
    ...(rebalance === undefined ? [] : [takeBackLine(rebalance)]),
    // last: of hundreds of instances not all lines may become Events
    ...(scalingGroup === undefined ? [] : chunksOf(held, mostInLine).map((ids) => unprotectLine(scalingGroup, ids))),
    ...(scalingGroup === undefined || withdrawal === undefined ? [] : [untagLine(scalingGroup)]),
  ]
}

function chunksOf(ids: readonly string[], most: number): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(ids.length / most) }, (_, index) => ids.slice(index * most, (index + 1) * most))
}
