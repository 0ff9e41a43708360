import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import { chooseRemovals } from '../acts/choose-removals.ts'
import { drainRemovals } from '../acts/drain-removals.ts'
import { endInstances } from '../acts/end-instances.ts'
import { keepZones } from '../acts/keep-zones.ts'
import { letGo } from '../acts/let-go.ts'
import { followVersion } from '../acts/update-version.ts'
import { withdraw } from '../acts/withdraw.ts'
import { TerminalError, requeueAfter, type Result } from '../../../runtime/reconciler.ts'
import { hasUnseenScalingGroup, isWreck } from '../group-state.ts'
import { msUntil, openingOf } from '../opening.ts'
import { lostCallMs } from '../operation.ts'
import type { Act, Pass } from '../pass.ts'
import { nodesInWords } from '../removals/in-words.ts'
import { isCounted } from '../removals/member.ts'
import { noRoomInWords } from './no-room.ts'
import { nodesReady } from '../reports/nodes-ready.ts'
import { wantsChange } from '../wants-change.ts'
import { counted } from '../../../lib/counted.ts'
import { restMs } from '../pace.ts'
import { waitWhileBusy } from '../busy.ts'
import { closeSizes } from './close-sizes.ts'
import { hasGroupTaint, isTaintHeld, taintLateNodes } from './group-taint.ts'
import { isolateNodes } from './isolate-nodes.ts'

/** What is done before EKS is asked to delete the group, in this order; the same acts as for any removal, on a group that shall have no node. */
const acts: readonly Act[] = [closeSizes, taintLateNodes, chooseRemovals, drainRemovals, waitWhileBusy, keepZones, withdraw, letGo, endInstances]

/** A group that EKS failed to make or to delete takes no change but its deletion: its nodes are emptied, and go with it. */
const actsOnWreck: readonly Act[] = [followVersion, chooseRemovals, drainRemovals]

/**
 * Where AWS wants no instance and has not ended those that run (protected, or its own terminations are suspended), none is ended by name: there is no number
 * that could be lowered for it. They are emptied and go with their group.
 */
const actsOnOwed: readonly Act[] = acts.filter((act) => act !== endInstances)

/** AWS shows at any moment that it ends an instance. */
const callMs = 2_000

/** Empties the nodes and ends them by name until none is left (aws-rules B8); `undefined` when nothing of that is left to do. */
export async function emptyGroup(pass: Pass): Promise<Result | undefined> {
  const { scalingGroup } = pass.seen
  // EKS evicts by itself then, for 5 min, which a person with the verb `force` has chosen.
  if (pass.spec.scaleDown.drain === 'None') return waitForWindow(pass)
  if (scalingGroup === undefined) return hasUnseenScalingGroup(pass.seen) ? await isolateUnseen(pass) : undefined
  if (scalingGroup.operator !== undefined)
    throw new TerminalError(
      'GroupLockedByOperator',
      `the Auto Scaling group ${scalingGroup.name} is operated by ${scalingGroup.operator}: release it there, or set spec.policy.deletion to Retain`,
    )
  const leaving = leavingPass(pass)
  nodesReady(leaving)
  if (isEmpty(leaving)) return undefined
  const isFailed = isWreck(pass.seen.group)
  const isOwed = isOwedByAws(scalingGroup)
  for (const act of isFailed ? actsOnWreck : isOwed ? actsOnOwed : acts) {
    const result = await act(leaving)
    if (result !== undefined) return leaving.agenda.sooner(result)
  }
  if (isEmpty(leaving)) return undefined
  if (isFailed && areAllHandedOver(leaving)) return undefined
  if (isOwed && areAllHandedOver(leaving)) {
    if (!isCallUnderWay(leaving)) return undefined
    leaving.agenda.within(callMs)
  }
  return leaving.agenda.sooner(waitForNodes(leaving, { asWhole: isFailed || isOwed }))
}

/** Nobody knows its instances, and what is not drained EKS evicts: as without a drain inside a window alone. What has begun is finished. */
async function isolateUnseen(pass: Pass): Promise<Result | undefined> {
  const hasBegun = pass.draft.status.deletion?.taintedAt !== undefined
  return (hasBegun ? undefined : waitForWindow(pass)) ?? (await isolateNodes(pass))
}

/**
 * Whether nodes are only being emptied, as far as answers tell that may be minutes old: a drain, which may wait for days, is not worth a call to AWS.
 */
export function stillDraining(pass: Pass): boolean {
  const leaving = leavingPass(pass)
  const { draft, seen } = leaving
  if (draft.status.operation !== undefined) return false
  if (pass.spec.scaleDown.drain === 'None') return mayRunNodes(pass) && openingOf(pass.target, pass.surroundings.now()) !== undefined
  if (seen.scalingGroup?.instances.some(isCounted) !== true) return false
  return (leaving.lateNodesStayEmpty || isTaintHeld(leaving)) && !wantsChange(leaving)
}

/** EKS evicts at once when it is asked to delete a group: where nodes run that is begun inside a window alone. */
function waitForWindow(pass: Pass): Result | undefined {
  const { draft, seen, target, surroundings } = pass
  if (!mayRunNodes(pass) || draft.status.operation?.kind === 'Delete') return undefined
  const nodes = counted(seen.scalingGroup?.instances.filter(isCounted).length, 'node')
  const now = surroundings.now()
  const opening = openingOf(target, now)
  if (opening === undefined) return undefined
  draft.conditions.reconciling('WaitingForWindow', `EKS, which evicts what runs on ${nodes}, is asked when a window opens, ${opening.inWords}`)
  return requeueAfter(msUntil(opening, now))
}

function mayRunNodes({ seen, target, name }: Pass): boolean {
  if (seen.scalingGroup !== undefined) return seen.scalingGroup.instances.some(isCounted)
  return hasUnseenScalingGroup(seen) || target.nodes.inGroup(name).length > 0
}

/** The pass as if the spec wanted no node. */
function leavingPass(pass: Pass): Pass {
  const { scaling } = pass.spec
  const none = { minSize: 0, maxSize: 1, desiredSize: 0, sizeOwner: 'Spec', allowLarge: scaling.allowLarge, removals: [] } as const
  return { ...pass, spec: { ...pass.spec, scaling: none }, lateNodesStayEmpty: hasGroupTaint(pass) }
}

function isEmpty({ draft, seen }: Pass): boolean {
  const { scalingGroup } = seen
  if (scalingGroup === undefined) return true
  const { removals = [], withdrawal } = draft.status
  return scalingGroup.desiredCapacity === 0 && removals.length === 0 && withdrawal === undefined && !scalingGroup.instances.some(isCounted)
}

function isOwedByAws({ desiredCapacity, instances }: ScalingGroup): boolean {
  return desiredCapacity === 0 && instances.some(isCounted)
}

/** Whether each instance has been drained, and nothing else is waited for. */
function areAllHandedOver({ draft, seen }: Pass): boolean {
  const { removals = [] } = draft.status
  const handedOver = new Set(removals.filter(({ state }) => state === 'Removing').map(({ instanceId }) => instanceId))
  const there = (seen.scalingGroup?.instances ?? []).filter(isCounted)
  return removals.every(({ instanceId }) => handedOver.has(instanceId)) && there.every(({ instanceId }) => handedOver.has(instanceId))
}

/** Whether AWS may be about to end one because we asked it to: the number is 0 then, and what it ends shows in a moment. */
function isCallUnderWay({ draft, seen, once, surroundings }: Pass): boolean {
  const there = new Set(seen.scalingGroup?.instances.filter(isCounted).map(({ instanceId }) => instanceId))
  return (draft.status.removals ?? []).some(
    ({ instanceId, call }) =>
      there.has(instanceId) && call !== undefined && !once.cannotHaveActed(call.token) && once.silentMs(call.token, surroundings.now()) < lostCallMs,
  )
}

/** Says who is waited for, where the drains did not. `asWhole`: the nodes go with the group, and not one by one before. */
function waitForNodes({ draft, seen }: Pass, { asWhole }: { readonly asWhole: boolean }): Result {
  const { conditions, status } = draft
  const { removals = [] } = status
  const full = asWhole ? noRoomInWords(seen, removals) : undefined
  const refused = removals.filter(({ state }) => state === 'Refused')
  if (full !== undefined) conditions.reconciling('RemovingNodes', full)
  else if (removals.length === 0) conditions.reconciling('RemovingNodes', 'waits until the Auto Scaling group shows what it has')
  else if (refused.length === removals.length) conditions.reconciling('RemovalRefused', nodesInWords(refused, 'cannot leave'))
  return requeueAfter(restMs)
}
