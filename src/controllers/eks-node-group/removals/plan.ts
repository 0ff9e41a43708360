import { isPending, wasAskedFor } from './asked.ts'
import { chooseOwn } from './choose.ts'
import { judged } from './judge.ts'
import type { Member } from './member.ts'
import { type Removal, type RemovalWorld, rank, refusedAs } from './removal.ts'
import { matched, oncePerInstance, requestedEntry } from './requests.ts'
import { asManyAsFit } from './room.ts'

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
 * allows; nodes are chosen only for what is there, while a count of instances that have not arrived is withdrawn. Of a locked group nobody is chosen.
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

/**
 * The plan while the Auto Scaling group does not show. Of its instances nothing is known, so that nobody is begun, refused or found gone. What an order takes
 * back is given back where AWS was certainly not asked; whether a number gives back nodes of our own choice shows with the group. Pure.
 */
export function planUnseen({ requested, before }: Pick<RemovalWorld, 'requested' | 'before'>): Pick<RemovalPlan, 'removals' | 'released'> {
  const isWished = (one: Removal): boolean => requested.some(({ nodeUID, orderUID }) => nodeUID === one.nodeUID && orderUID === one.orderUID)
  const released = before.filter((one) => one.orderUID !== undefined && one.state !== 'Removing' && one.state !== 'Gone' && !isWished(one))
  return { removals: before.filter((one) => !released.includes(one)), released }
}

function isRequested({ nodeUID }: Removal, { requested }: RemovalWorld): boolean {
  return requested.some((wish) => wish.nodeUID === nodeUID)
}

/** The minimum is kept before the first cordon, not by an answer of AWS after the drain (aws-rules B4). */
function withinMinimum(
  entries: readonly Removal[],
  { desiredCapacity, minSize, members, allGo }: RemovalWorld,
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
        refusedAs(
          one,
          `BelowMinimum: of ${desiredCapacity} nodes minSize ${minSize} allows no more to leave: lower scaling.minSize, or raise the number first`,
        ),
      )
  }
  return { kept, refused }
}
