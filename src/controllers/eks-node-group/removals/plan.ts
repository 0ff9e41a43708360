import type { EksNodeGroupSpec } from '../../../crds/eks-node-group-spec.ts'
import type { EksNodeGroupStatus } from '../../../crds/eks-node-group-status.ts'
import { rfc3339 } from '../../../runtime/conditions.ts'
import type { Frozen } from '../../../runtime/reconciler.ts'
import { type AskedWorld, isIntendedInVain, isOnlyIntended, mayBeSent, memberOf, runsOn, wasAskedFor } from './asked.ts'
import { type Member, hasLeft, isCounted, isDetaching, isLeaving } from './member.ts'
import { asManyAsFit } from './room.ts'
import { isOverdue, stuckInWords } from './stuck.ts'
import { chooseVictims } from './victims.ts'

/** One entry of `status.removals`. */
export type Removal = NonNullable<EksNodeGroupStatus['removals']>[number]
/** One entry of `spec.scaling.removals`: somebody else's word that this very node leaves. */
export type Requested = Frozen<NonNullable<NonNullable<EksNodeGroupSpec['scaling']>['removals']>[number]>

/** What the choice is made from. */
export interface RemovalWorld extends AskedWorld {
  readonly requested: readonly Requested[]
  /** What the last pass stored. */
  readonly before: readonly Removal[]
  /** The Auto Scaling group's own number. */
  readonly desiredCapacity: number
  /** How many nodes the spec wants, inside its bounds. */
  readonly keep: number
  /** The spec's. */
  readonly minSize: number
  /** Value of `tidegate.io/retry`: a drain that failed under another value is tried again. */
  readonly retry: string | undefined
  /** EKS updates the group and raises the number meanwhile for its own sake: nobody is chosen, given back or withdrawn for that (aws-rules B7). */
  readonly isUpdating?: boolean
  /** The group is being deleted: that somebody wants an instance kept counts no more, and what AWS does not count any more is chosen too. */
  readonly allGo?: boolean
}

export interface RemovalPlan {
  /** What stands in `status.removals` from now on. */
  readonly removals: readonly Removal[]
  /** Nobody wants them gone any more, and the cloud was not asked yet: their marks come off. Not in `removals`. */
  readonly released: readonly Removal[]
  /** How many instances were asked for, have not arrived, and are not wanted any more (aws-rules B5). */
  readonly withdraw: number
  /** Fewer are chosen than are too many, since somebody wants these kept. */
  readonly spared?: readonly Member[]
}

/**
 * Which nodes leave, and which wishes for that have ended (kinds.md, Sources; aws-rules B4 to B6). Pure.
 *
 * Guarantees: with `requested` present nothing else is chosen; what the cloud may have been asked to remove is never taken back; no more leave than the minimum
 * allows; nodes are chosen only for what is there, while a count of instances that have not arrived is withdrawn.
 */
export function planRemovals(world: RemovalWorld): RemovalPlan {
  const matches = matched(world)
  const rest = world.before.filter((one) => !matches.some(({ known }) => known === one))
  const own = rest.filter(({ orderUID, state }) => orderUID === undefined && state !== 'Gone')
  const cancelled = rest.filter(({ orderUID }) => orderUID !== undefined)
  const asked = rest.filter((one) => wasAskedFor(one, world) && judged(one, world).state !== 'Gone').map(({ instanceId }) => instanceId)
  const requested = oncePerInstance(
    matches.map(({ wish, known }) => requestedEntry(wish, known, world)),
    asked,
  )
  const handedOver = cancelled.filter((one) => wasAskedFor(one, world)).map((one) => judged(one, world))
  const chosen = chooseOwn(world, own, [...requested, ...handedOver])
  const { kept, refused } = withinMinimum([...requested, ...handedOver, ...chosen.entries], world)
  return {
    removals: asManyAsFit(
      [...kept, ...refused].filter((one) => one.state !== 'Gone' || isRequested(one, world)),
      world.before,
    ),
    released: [...cancelled.filter((one) => !wasAskedFor(one, world) && one.state !== 'Gone'), ...chosen.released],
    withdraw: chosen.withdraw,
    ...(chosen.spared === undefined ? {} : { spared: chosen.spared }),
  }
}

/** The instance counts in the group's desired number, and will be taken off it by our call. */
function isPending(one: Removal, members: readonly Member[]): boolean {
  if (one.state === 'Gone' || one.state === 'Refused') return false
  const member = members.find(({ instanceId }) => instanceId === one.instanceId)
  return member !== undefined && isCounted(member)
}

/** The instance is not there any more, and Kubernetes has forgotten its Node. */
export function hasGone(one: Removal, { members, uidOf }: Pick<RemovalWorld, 'members' | 'uidOf'>): boolean {
  const member = members.find(({ instanceId }) => instanceId === one.instanceId)
  const isThere = member !== undefined && member.lifecycleState !== 'Terminated'
  return !isThere && (one.nodeName === undefined || uidOf(one.nodeName) !== one.nodeUID)
}

function isRequested({ nodeUID }: Removal, { requested }: RemovalWorld): boolean {
  return requested.some((wish) => wish.nodeUID === nodeUID)
}

interface Match {
  readonly wish: Requested
  readonly known: Removal | undefined
}

/** Each wish with the entry that it already has. */
function matched(world: RemovalWorld): readonly Match[] {
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

function requestedEntry(wish: Requested, known: Removal | undefined, world: RemovalWorld): Removal {
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
function oncePerInstance(entries: readonly Removal[], asked: readonly string[]): readonly Removal[] {
  const open = entries.filter(({ state }) => state !== 'Gone' && state !== 'Refused')
  const first = new Map<string, Removal>()
  for (const one of open.toSorted((a, b) => rank[a.state] - rank[b.state])) if (!first.has(one.instanceId)) first.set(one.instanceId, one)
  return entries.map((one) => {
    if (!open.includes(one) || (first.get(one.instanceId) === one && !asked.includes(one.instanceId))) return one
    return refuse(one, `instance ${one.instanceId} leaves already as another Node: take this one out of the list`)
  })
}

/** An entry with the state that the world gives it. */
function judged(before: Removal, world: RemovalWorld): Removal {
  const member = memberOf(before, world)
  const found = withNode(before, member)
  if (hasGone(found, world)) return { ...without(found), state: 'Gone', message: '' }
  if (member === undefined || hasLeft(member)) return outOfGroup(found, world)
  const { outSince: _, ...entry } = found
  if (isDetaching(member) && !mayBeSent(entry, world)) return notOurs(entry)
  if (isLeaving(member)) return { ...entry, state: 'Removing', message: `AWS ends instance ${entry.instanceId}` }
  const another = isAnotherNode(entry, member, world)
  if (entry.state === 'Gone' && !another) return { ...without(entry), state: 'Accepted', message: '' }
  if (entry.state !== 'Refused')
    return another ? refuse(entry, `node ${entry.nodeName} is not, or no longer, the Node of instance ${entry.instanceId}: take it out of the list`) : entry
  if (another) return entry
  const failed = entry.drain?.step === 'Failed'
  return failed && (entry.retry ?? '') === (world.retry ?? '') ? entry : { ...without(entry), state: 'Accepted', message: '' }
}

/** Of one whose instance the group does not have any more, while Kubernetes has its Node. */
function outOfGroup({ call, ...before }: Removal, world: RemovalWorld): Removal {
  const { now, isReady } = world
  const entry: Removal = {
    ...before,
    ...(before.outSince === undefined && now !== undefined ? { outSince: rfc3339(now) } : {}),
    ...(call === undefined || isIntendedInVain({ ...before, call }, world) ? {} : { call }),
  }
  const waits = `instance ${entry.instanceId} is not in the Auto Scaling group any more: waits until Kubernetes has removed its Node`
  if (runsOn(entry, world)) return notOurs(entry)
  const isStuck = now !== undefined && isOverdue(entry, now) && isReady?.(entry.nodeName ?? '') !== true
  return { ...entry, state: 'Removing', message: isStuck ? stuckInWords(entry) : waits }
}

/** An instance that joined after it was chosen is drained like any other. */
function withNode(entry: Removal, member: Member | undefined): Removal {
  if (entry.nodeUID !== undefined || member?.node === undefined || entry.state === 'Removing') return entry
  return { ...entry, nodeUID: member.node.uid, nodeName: member.node.name }
}

/** The node that would be drained is not the machine that would be ended. */
function isAnotherNode({ nodeUID, nodeName = '', state }: Removal, { node }: Member, { uidOf }: RemovalWorld): boolean {
  if (state === 'Removing' || nodeUID === undefined) return false
  return node === undefined ? uidOf(nodeName) === nodeUID : node.uid !== nodeUID
}

/** Without what was known of its drain and its call. */
function without(entry: Removal): Removal {
  const { drain: _, call: _call, retry: _retry, outSince: _outSince, ...rest } = entry
  return rest
}

function refuse(entry: Removal, message: string): Removal {
  return { ...entry, state: 'Refused', message }
}

/** Its mark comes off. A drain that failed says nothing of a machine that is not ours. */
function notOurs(entry: Removal): Removal {
  const rest = entry.drain?.step === 'Failed' ? without(entry) : entry
  return refuse(rest, `node ${entry.nodeName} (${entry.instanceId}) is no instance of this node group: take it out of the list`)
}

interface Own {
  readonly entries: readonly Removal[]
  readonly released: readonly Removal[]
  readonly withdraw: number
  readonly spared?: readonly Member[]
}

/** What leaves because somebody lowered the number and named nobody. */
function chooseOwn(world: RemovalWorld, before: readonly Removal[], others: readonly Removal[]): Own {
  const { members, desiredCapacity, keep } = world
  // What is not there any more, and a Node that is another one by now, says nothing about the next choice.
  const known = before.map((one) => judged(one, world))
  const there = known.filter((one) => one.state !== 'Gone' && !(one.state === 'Refused' && one.drain?.step !== 'Failed'))
  if (world.isUpdating === true) return { entries: there, released: dropped(known), withdraw: 0 }
  const asked = there.filter((one) => one.state === 'Removing' && !isOnlyIntended(one, world))
  const open = there.filter((one) => !asked.includes(one))
  const staying = members.filter(isCounted)
  const pending = [...others, ...asked].filter((one) => isPending(one, members)).length
  const excess = Math.max(0, desiredCapacity - keep - pending)
  const withdraw = Math.min(excess, Math.max(0, desiredCapacity - staying.length))
  // Those that AWS does not count any more and has not ended (protected, or its own terminations are suspended): they go with their group all the same.
  const above = world.allGo === true && keep === 0 ? Number.POSITIVE_INFINITY : excess - withdraw
  const wanted = world.requested.length > 0 ? 0 : above
  const spared = staying.filter(({ keptBy }) => keptBy !== undefined && world.allGo !== true)
  // Also one that was chosen, as long as nothing has been done to it.
  const givenBack = open.filter((one) => isUntouched(one) && spared.some(({ instanceId }) => instanceId === one.instanceId))
  const ranked = open.filter((one) => !givenBack.includes(one)).toSorted((a, b) => rank[a.state] - rank[b.state])
  const kept = ranked.slice(0, wanted)
  const taken = new Set([...others, ...there].map(({ instanceId }) => instanceId))
  const candidates = staying.filter((one) => !taken.has(one.instanceId) && !spared.includes(one))
  const leaving = new Set([...others, ...asked, ...kept].map(({ instanceId }) => instanceId))
  const remaining = staying.filter(({ instanceId }) => !leaving.has(instanceId))
  const victims = chooseVictims(candidates, remaining, wanted - kept.length)
  const isShort = kept.length + victims.length < wanted && spared.length > 0
  return {
    entries: [...asked, ...kept, ...victims.map(chosenEntry)],
    released: [...ranked.slice(wanted), ...givenBack, ...dropped(known)],
    withdraw,
    ...(isShort ? { spared: spared.filter(({ instanceId }) => !leaving.has(instanceId)) } : {}),
  }
}

function isUntouched({ state, drain }: Removal): boolean {
  return state === 'Accepted' && drain?.isolatedAt === undefined
}

/** Refused for another reason than a failed drain: the choice is made anew, and a mark that may stand comes off. */
function dropped(known: readonly Removal[]): readonly Removal[] {
  return known.filter((one) => one.state === 'Refused' && one.drain?.step !== 'Failed')
}

/** How far a removal is: the least advanced is given up first. */
const rank: Readonly<Record<Removal['state'], number>> = { Gone: 0, Removing: 1, Draining: 2, Refused: 3, Accepted: 4 }

function chosenEntry({ instanceId, node, zone }: Member): Removal {
  return { ...(node === undefined ? {} : { nodeUID: node.uid, nodeName: node.name }), instanceId, zone, state: 'Accepted', message: '' }
}

/** The minimum is kept before the first cordon, not by an answer of AWS after the drain (aws-rules B4). */
function withinMinimum(
  entries: readonly Removal[],
  { desiredCapacity, minSize, members, allGo = false }: RemovalWorld,
): { kept: readonly Removal[]; refused: readonly Removal[] } {
  const asked = entries.filter((one) => one.state === 'Removing' && isPending(one, members)).length
  // With a deletion those leave too that AWS counts no more: above its number, or set aside.
  const there = allGo ? Math.max(desiredCapacity, entries.length) : desiredCapacity
  let allowed = there - minSize - asked
  const kept: Removal[] = []
  const refused: Removal[] = []
  for (const one of entries.toSorted((a, b) => rank[a.state] - rank[b.state])) {
    if (one.state !== 'Accepted' && one.state !== 'Draining') kept.push(one)
    else if (allowed > 0) {
      allowed -= 1
      kept.push(one)
    } else
      refused.push(
        refuse(one, `BelowMinimum: of ${desiredCapacity} nodes minSize ${minSize} allows no more to leave: lower scaling.minSize, or raise the number first`),
      )
  }
  return { kept, refused }
}
