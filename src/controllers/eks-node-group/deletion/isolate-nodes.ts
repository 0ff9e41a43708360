import { describeMark, sameMark } from '../../../drain/mark.ts'
import { rfc3339 } from '../../../runtime/conditions.ts'
import { type Result, checkpoint, requeueAfter } from '../../../runtime/reconciler.ts'
import { formerMarks } from '../former.ts'
import { FreeGate, stoppedBy } from '../free-gate.ts'
import type { Pass } from '../pass.ts'
import { markOfRemoval } from '../removals/mark.ts'

const againMs = 2_000
const heldMs = 15_000

/**
 * Keeps pods off every Node of the group, as the API server has them: while the Auto Scaling group does not show, nobody leaves by name, and a pod that came
 * between the last look and EKS' own cordon would be evicted by EKS, which waits 5 min whatever a budget says. `undefined` when all are isolated. That our
 * marks may stand is in the status before (`taintedAt`, since they are those of the group's taint), so that they come off when the group is kept after all.
 * Asks again before each batch of these writes whether somebody holds the object back (P10).
 * Errors: `KubeError`.
 */
export async function isolateNodes(pass: Pass): Promise<Result | undefined> {
  const { draft, target, surroundings, context, name: group } = pass
  const { status, conditions } = draft
  const names = await target.nodes.namesInGroup(group, context)
  if (names.length === 0) return undefined
  conditions.reconciling('RemovingNodes', 'the Auto Scaling group does not show: its nodes are kept free of new pods before EKS is asked to delete them')
  if (status.deletion?.taintedAt === undefined) {
    status.deletion = { ...status.deletion, taintedAt: rfc3339(surroundings.now()) }
    return checkpoint
  }
  const { confirm } = new FreeGate(pass)
  const settled = await Promise.allSettled(names.map(async (name) => await isolate(pass, name, confirm)))
  const failed = settled.filter((one) => one.status === 'rejected')
  const stopped = stoppedBy(draft, failed)
  if (stopped !== undefined) return stopped
  const [first] = failed
  if (first !== undefined) throw first.reason
  const outcomes = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const held = outcomes.find(({ by }) => by !== undefined)
  if (held !== undefined) {
    conditions.reconciling('DrainBlocked', `${held.name} bears ${held.by}: waits until that one releases it`)
    return requeueAfter(heldMs)
  }
  const unseen = outcomes.filter(({ isOn }) => !isOn).map(({ name }) => name)
  if (unseen.length === 0) return undefined
  conditions.reconciling('RemovingNodes', `waits until it shows which Nodes ${unseen.slice(0, 5).join(', ')} are: they are kept free of new pods first`)
  return requeueAfter(againMs)
}

interface Outcome {
  readonly name: string
  /** The mark stands; else the watch has not shown the Node, or not that another has its name by now. */
  readonly isOn: boolean
  /** Whose mark keeps ours off. */
  readonly by?: string
}

async function isolate({ draft, target, context }: Pass, name: string, confirm: FreeGate['confirm']): Promise<Outcome> {
  const uid = target.nodes.byName(name)?.metadata.uid
  if (uid === undefined) return { name, isOn: false }
  const written = await target.drain.isolate({ name, uid }, { kind: 'leaving', uid: draft.object.metadata.uid }, { ...context, confirm })
  // One of our own keeps pods off as well, and comes off when the group is kept: that of an order, or of an earlier life of the object.
  const ours = [...(draft.status.removals ?? []).map((one) => markOfRemoval(draft.object, one)), ...formerMarks(draft)]
  if (written.kind === 'held')
    return ours.some((mark) => sameMark(mark, written.by)) ? { name, isOn: true } : { name, isOn: false, by: describeMark(written.by) }
  return { name, isOn: written.kind === 'done' }
}
