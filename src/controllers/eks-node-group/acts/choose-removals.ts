import type { EksNodeGroupStatus } from '../../../crds/eks-node-group-status.ts'
import { rfc3339 } from '../../../runtime/conditions.ts'
import { checkpoint } from '../../../runtime/reconciler.ts'
import { remember } from '../operation.ts'
import type { Act, Pass } from '../pass.ts'
import { nameOf } from '../removals/in-words.ts'
import { nodeOf, markOfRemoval } from '../removals/mark.ts'
import { type Removal, type RemovalWorld, hasGone, planRemovals } from '../removals/plan.ts'
import { sayRemovals } from '../removals/say-removals.ts'
import { worldOf } from '../removals/world.ts'

/**
 * Says which nodes leave, and takes our mark off those that may stay after all. A node that is new on the list is stored before anything happens to
 * it (aws-rules B4): the pass ends there.
 */
export const chooseRemovals: Act = async (pass) => {
  const { draft, seen, surroundings } = pass
  const { status } = draft
  const { scalingGroup } = seen
  if (scalingGroup === undefined || scalingGroup.operator !== undefined) return undefined
  const world = worldOf(pass, scalingGroup)
  const { removals, released } = planRemovals(world)
  tellGone(pass, world)
  for (const one of released) await release(pass, one)
  const now = rfc3339(surroundings.now())
  const kept: Removal[] = []
  for (const one of removals) kept.push(since(await withoutMark(pass, one), world.before, now))
  store(status, kept)
  const isNew = kept.some((one) => one.state === 'Accepted' && !world.before.some((before) => isSame(before, one)))
  if (isNew) sayRemovals(draft, kept, { blocked: new Set() })
  return isNew ? checkpoint : undefined
}

/** With the time from which it has been in its state. */
function since(one: Removal, before: readonly Removal[], now: string): Removal {
  const same = before.find((each) => isSame(each, one) && each.state === one.state)
  return { ...one, since: same?.since ?? now }
}

function isSame(a: Removal, b: Removal): boolean {
  return a.instanceId === b.instanceId && a.orderUID === b.orderUID && a.nodeUID === b.nodeUID && a.state !== 'Gone'
}

function store(status: Pick<EksNodeGroupStatus, 'removals'>, removals: readonly Removal[]): void {
  if (removals.length === 0) delete status.removals
  else status.removals = [...removals]
}

/** A node that is refused keeps nothing of ours; that its drain failed is remembered. */
async function withoutMark(pass: Pass, one: Removal): Promise<Removal> {
  if (one.state !== 'Refused' || one.drain === undefined || one.drain.step === 'Failed') return one
  await release(pass, one)
  const { drain: _, ...rest } = one
  return rest
}

/** First the mark, then the entry: what is forgotten too early nobody would take off. */
async function release({ draft, target, context }: Pass, one: Removal): Promise<void> {
  const node = nodeOf(one)
  if (node !== undefined) await target.drain.release(node, markOfRemoval(draft.object, one), context)
}

function tellGone({ draft, context, surroundings }: Pass, world: RemovalWorld): void {
  for (const one of world.before) {
    if (one.state === 'Gone' || !hasGone(one, world)) continue
    remember(draft.status, { operation: 'RemoveNode', from: nameOf(one), outcome: 'Succeeded' }, surroundings.now())
    context.event({ type: 'Normal', reason: 'NodeRemoved', action: 'RemoveNode', note: `${nameOf(one)} is gone` })
  }
}
