import { wasAskedFor } from './asked.ts'
import { judged, notOurs } from './judge.ts'
import { type Removal, type RemovalWorld, type Requested, rank, refusedAs } from './removal.ts'

export interface Match {
  readonly wish: Requested
  readonly known: Removal | undefined
}

/** Each wish with the entry that it already has. */
export function matched(world: RemovalWorld): readonly Match[] {
  const left = new Set(world.before)
  return world.requested.map((wish) => {
    const known = knownEntry(wish, world, [...left])
    if (known !== undefined) left.delete(known)
    return { wish, known }
  })
}

/**
 * The entry that the wish already has. One that another asked for is taken over only once the cloud was asked: until then the mark is the other's. An
 * instance that was asked for before its Node had joined is this Node's.
 */
function knownEntry(wish: Requested, world: RemovalWorld, left: readonly Removal[]): Removal | undefined {
  const instanceId = instanceOf(wish)
  return left.find((one) => {
    if (one.nodeUID === undefined) return one.instanceId === instanceId && wasAskedFor(one, world)
    return one.nodeUID === wish.nodeUID && (one.orderUID === wish.orderUID || wasAskedFor(one, world))
  })
}

/** As the status takes it: a Node of another kind (Fargate, HyperPod) has a longer one, and is no instance of this group however it ends. */
function instanceOf({ providerID }: Requested): string {
  return (providerID.split('/').at(-1) ?? providerID).slice(0, 32)
}

export function requestedEntry(wish: Requested, known: Removal | undefined, world: RemovalWorld): Removal {
  const { nodeUID, nodeName, orderUID } = wish
  const instanceId = instanceOf(wish)
  const entry: Removal = known === undefined ? { nodeUID, nodeName, instanceId, orderUID, state: 'Accepted', message: '' } : { ...known, nodeUID, nodeName }
  const isMember = world.members.some((member) => member.instanceId === entry.instanceId)
  const wasRefused = known === undefined || known.state === 'Refused'
  if (wasRefused && !isMember && world.uidOf(nodeName) === nodeUID) return notOurs(entry)
  const after = judged(entry, world)
  return after.state === 'Gone' ? { ...after, orderUID } : after
}

/** Two Nodes of one instance are one removal: the one under way (`asked` are those of others), else the first that can be made. */
export function oncePerInstance(entries: readonly Removal[], asked: readonly string[]): readonly Removal[] {
  const open = entries.filter(({ state }) => state !== 'Gone' && state !== 'Refused')
  const first = new Map<string, Removal>()
  for (const one of open.toSorted((a, b) => rank[a.state] - rank[b.state])) if (!first.has(one.instanceId)) first.set(one.instanceId, one)
  return entries.map((one) => {
    if (!open.includes(one) || (first.get(one.instanceId) === one && !asked.includes(one.instanceId))) return one
    return refusedAs(one, `instance ${one.instanceId} leaves already as another Node: take this one out of scaling.removals`)
  })
}
