import { isOnlyIntended, isPending, memberOf } from './asked.ts'
import { judged } from './judge.ts'
import { type Member, isCounted } from './member.ts'
import { type Removal, type RemovalWorld, rank } from './removal.ts'
import { chooseVictims } from './victims.ts'

export interface Own {
  readonly entries: readonly Removal[]
  readonly released: readonly Removal[]
  readonly withdraw: number
  readonly spared?: readonly Member[]
}

/** What leaves because somebody lowered the number and named nobody. */
export function chooseOwn(world: RemovalWorld, before: readonly Removal[], others: readonly Removal[]): Own {
  const { members, desiredCapacity, keep, isLocked, isUpdating, allGo } = world
  // What is not there any more, and a Node that is another one by now, says nothing about the next choice.
  const known = before.map((one) => judged(one, world))
  const there = known.filter((one) => one.state !== 'Gone' && !(one.state === 'Refused' && one.drain?.step !== 'Failed'))
  if (isUpdating) return { entries: there, released: dropped(known), withdraw: 0 }
  const asked = there.filter((one) => one.state === 'Removing' && !isOnlyIntended(one, world))
  const open = there.filter((one) => !asked.includes(one))
  const staying = members.filter(isCounted)
  const pending = [...others, ...asked].filter((one) => isPending(one, members)).length
  const excess = Math.max(0, desiredCapacity - keep - pending)
  const notArrived = Math.min(excess, Math.max(0, desiredCapacity - staying.length))
  // Those that AWS does not count any more and has not ended (protected, or its own terminations are suspended): they go with their group all the same.
  const above = allGo && keep === 0 ? Number.POSITIVE_INFINITY : excess - notArrived
  const wanted = world.requested.length > 0 ? 0 : above
  const spared = staying.filter(({ keptBy }) => keptBy !== undefined && !allGo)
  // Also one that was chosen, as long as nothing has been done to it, and any that somebody has set aside since: its end would not lower the number.
  const givenBack = open.filter(
    (one) => (!allGo && isSetAside(one, members)) || (isUntouched(one) && spared.some(({ instanceId }) => instanceId === one.instanceId)),
  )
  const ranked = open.filter((one) => !givenBack.includes(one)).toSorted((a, b) => rank[a.state] - rank[b.state])
  const kept = ranked.slice(0, wanted)
  const taken = new Set([...others, ...there].map(({ instanceId }) => instanceId))
  const candidates = staying.filter((one) => !taken.has(one.instanceId) && !spared.includes(one))
  const leaving = new Set([...others, ...asked, ...kept].map(({ instanceId }) => instanceId))
  const remaining = staying.filter(({ instanceId }) => !leaving.has(instanceId))
  const victims = isLocked ? [] : chooseVictims(candidates, remaining, wanted - kept.length)
  const isShort = !isLocked && kept.length + victims.length < wanted && spared.length > 0
  return {
    entries: [...asked, ...kept, ...victims.map(chosenEntry)],
    released: [...ranked.slice(wanted), ...givenBack, ...dropped(known)],
    withdraw: isLocked ? 0 : notArrived,
    ...(isShort ? { spared: spared.filter(({ instanceId }) => !leaving.has(instanceId)) } : {}),
  }
}

/** It is there, and AWS does not count it: in standby, or on its way there. */
function isSetAside(one: Removal, members: readonly Member[]): boolean {
  const member = memberOf(one, { members })
  return member !== undefined && !isCounted(member)
}

function isUntouched({ state, drain }: Removal): boolean {
  return state === 'Accepted' && drain?.isolatedAt === undefined
}

/** Refused for another reason than a failed drain: the choice is made anew, and a mark that may stand comes off. */
function dropped(known: readonly Removal[]): readonly Removal[] {
  return known.filter((one) => one.state === 'Refused' && one.drain?.step !== 'Failed')
}

function chosenEntry({ instanceId, node, zone }: Member): Removal {
  return { ...(node === undefined ? {} : { nodeUID: node.uid, nodeName: node.name }), instanceId, zone, state: 'Accepted', message: '' }
}
