import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isCounted, isLeaving } from './member.ts'
import { planRemovals } from './plan.ts'
import type { Removal, RemovalWorld } from './removal.ts'
import { aMember, aRemoval, aWish, aWorld } from './test-world.ts'

const ids = ['i-1', 'i-2', 'i-3', 'i-4', 'i-5', 'i-6'] as const
const lifecycles = ['Pending', 'Pending:Wait', 'InService', 'InService', 'InService', 'Standby', 'Terminating:Wait', 'Terminated', 'Detaching'] as const
const orders = [undefined, 'order', 'other'] as const

const anyMember = fc.record({
  id: fc.constantFrom(...ids),
  zone: fc.constantFrom('a', 'b', 'c'),
  lifecycleState: fc.constantFrom(...lifecycles),
  node: fc.oneof(
    fc.constant('none' as const),
    fc.record({ ready: fc.boolean(), pods: fc.integer({ min: 0, max: 3 }) }),
    // its Node was registered anew
    fc.constant('again' as const),
  ),
})
const anyDrain: fc.Arbitrary<Removal['drain']> = fc.constantFrom(undefined, { step: 'Draining' }, { step: 'Empty' }, { step: 'Failed' })
const anyRemoval = fc.record({
  id: fc.constantFrom(...ids),
  state: fc.constantFrom('Accepted', 'Draining', 'Removing', 'Gone', 'Refused'),
  orderUID: fc.constantFrom(...orders),
  drain: anyDrain,
  hasNode: fc.boolean(),
  // Under which token it was handed over, and since when it is not there any more.
  call: fc.constantFrom('sent', 'unsent', undefined),
  since: fc.constantFrom('2026-11-21T05:00:00Z', '2026-11-21T05:59:59Z'),
})
const anyWish = fc.record({
  id: fc.constantFrom(...ids),
  orderUID: fc.constantFrom('order', 'other'),
  // names the Node that was registered anew
  isAgain: fc.boolean(),
})

/** Any world that the caller can show, consistent or not: the numbers and the list of instances are AWS', and the rest is what somebody wrote. */
const anyWorld: fc.Arbitrary<RemovalWorld> = fc
  .record({
    members: fc.uniqueArray(anyMember, { maxLength: 6, selector: ({ id }) => id }),
    before: fc.uniqueArray(anyRemoval, { maxLength: 6, selector: ({ id }) => id }),
    requested: fc.oneof(
      { weight: 1, arbitrary: fc.uniqueArray(anyWish, { maxLength: 0 }) },
      fc.uniqueArray(anyWish, { maxLength: 4, selector: ({ id, isAgain }) => `${id} ${isAgain}` }),
    ),
    missing: fc.integer({ min: -1, max: 3 }),
    minSize: fc.integer({ min: 0, max: 4 }),
    above: fc.integer({ min: 0, max: 6 }),
    oldNodes: fc.subarray([...ids]),
    isReady: fc.boolean(),
  })
  .map(({ members: given, before, requested, missing, minSize, above, oldNodes, isReady }) => {
    const members = given.map(({ id, node, ...member }) => aMember(id, { ...member, node: node === 'again' ? { uid: `again-${id}` } : node }))
    const desiredCapacity = Math.max(0, members.filter(isCounted).length + missing)
    return aWorld({
      members,
      before: before.map(({ id, hasNode, orderUID, drain, state, call: token, since }) => {
        const { nodeUID, nodeName, ...bare } = aRemoval(id, { state })
        const node = hasNode || orderUID !== undefined ? { nodeUID, nodeName } : {}
        const call = state !== 'Removing' ? {} : { outSince: since, ...(token === undefined ? {} : { call: { token, at: since } }) }
        return { ...bare, ...node, ...call, ...(orderUID === undefined ? {} : { orderUID }), ...(drain === undefined ? {} : { drain }) }
      }) as readonly Removal[],
      requested: requested.map(({ id, orderUID, isAgain }) => aWish(id, { orderUID, ...(isAgain ? { nodeUID: `again-${id}` } : {}) })),
      desiredCapacity,
      minSize: Math.min(minSize, desiredCapacity),
      keep: Math.max(minSize, desiredCapacity - above),
      others: Object.fromEntries(oldNodes.map((id) => [`node-${id}`, `uid-${id}`])),
      now: new Date('2026-11-21T06:00:00Z'),
      cannotHaveActed: (token) => token === 'unsent',
      isReady: () => isReady,
    })
  })

function always(check: (world: RemovalWorld) => void): void {
  fc.assert(fc.property(anyWorld, check), { numRuns: 1_000 })
}

/** Whose taint stands on which node. */
function markOf({ nodeUID, orderUID }: Removal): string | undefined {
  return nodeUID === undefined ? undefined : `${nodeUID} by ${orderUID ?? 'us'}`
}

/** AWS may have been asked to end it. */
function isSent({ state, call }: Removal): boolean {
  return state === 'Removing' && call?.token === 'sent'
}

function isOpen({ state }: Removal): boolean {
  return state === 'Accepted' || state === 'Draining'
}

test('no more are on their way out than the minimum allows, but for those that the cloud was asked for', () => {
  always((world) => {
    const { removals } = planRemovals(world)
    const counted = new Set(world.members.filter(isCounted).map(({ instanceId }) => instanceId))
    const open = removals.filter(isOpen)
    const asked = removals.filter(({ state, instanceId }) => state === 'Removing' && counted.has(instanceId))
    expect(open.length).toBeLessThanOrEqual(Math.max(0, world.desiredCapacity - world.minSize - asked.length))
  })
})

test('without an order no more leave, by name or withdrawn, than are above the number', () => {
  always((world) => {
    fc.pre(world.requested.length === 0)
    const { removals, withdraw } = planRemovals(world)
    const counted = new Set(world.members.filter(isCounted).map(({ instanceId }) => instanceId))
    const asked = removals.filter(({ state, instanceId }) => state === 'Removing' && counted.has(instanceId))
    const excess = Math.max(0, world.desiredCapacity - world.keep - asked.length)
    expect(removals.filter(isOpen).length + withdraw).toBeLessThanOrEqual(excess)
  })
})

test('a deletion takes every instance that AWS does not end already, whatever its number', () => {
  always((world) => {
    const { removals } = planRemovals({ ...world, requested: [], minSize: 0, keep: 0, allGo: true })
    const leaving = new Set(removals.map(({ instanceId }) => instanceId))
    expect(world.members.filter((one) => isCounted(one) && !leaving.has(one.instanceId))).toEqual([])
    expect(removals.filter(({ message }) => message.startsWith('BelowMinimum'))).toEqual([])
  })
})

test('where an order names nodes nobody else is chosen', () => {
  always((world) => {
    fc.pre(world.requested.length > 0)
    const named = new Set(world.requested.map(({ nodeUID }) => nodeUID))
    const { removals } = planRemovals(world)
    expect(removals.filter((one) => isOpen(one) && !named.has(one.nodeUID ?? ''))).toEqual([])
  })
})

test('what the cloud may have been asked for is never taken back', () => {
  always((world) => {
    const { removals, released } = planRemovals(world)
    const isReady = (one: Removal): boolean => world.isReady(one.nodeName ?? '')
    const isMember = ({ instanceId }: Removal): boolean => world.members.some((member) => member.instanceId === instanceId)
    expect(released.filter((one) => isSent(one) && (isMember(one) || !isReady(one)))).toEqual([])
    const isThere = new Set(world.members.filter(({ lifecycleState }) => lifecycleState !== 'Terminated').map(({ instanceId }) => instanceId))
    const asked = world.before.filter((one) => isSent(one) && isThere.has(one.instanceId)).map(({ instanceId }) => instanceId)
    const after = removals.filter(({ state }) => state === 'Removing').map(({ instanceId }) => instanceId)
    expect(after).toEqual(expect.arrayContaining(asked))
  })
})

test('without an order, what was only handed over leaves for the number alone', () => {
  always((world) => {
    fc.pre(world.requested.length === 0)
    const { removals } = planRemovals(world)
    const counted = new Set(world.members.filter(isCounted).map(({ instanceId }) => instanceId))
    const intended = removals.filter((one) => one.state === 'Removing' && !isSent(one) && counted.has(one.instanceId))
    const sent = removals.filter((one) => isSent(one) && counted.has(one.instanceId))
    expect(intended.length).toBeLessThanOrEqual(Math.max(0, world.desiredCapacity - world.keep - sent.length))
  })
})

test('no instance stands twice on the list, and no mark is both needed and taken off', () => {
  always((world) => {
    const { removals, released } = planRemovals(world)
    const leaving = removals.filter(({ state }) => state !== 'Refused' && state !== 'Gone')
    expect(new Set(leaving.map(({ instanceId }) => instanceId)).size).toBe(leaving.length)
    const needed = new Set(leaving.flatMap((one) => markOf(one) ?? []))
    expect(released.flatMap((one) => markOf(one) ?? []).filter((mark) => needed.has(mark))).toEqual([])
  })
})

test('whoever is not on the list any more, and may bear our mark, is released', () => {
  always((world) => {
    const { removals, released } = planRemovals(world)
    const known = new Set([...removals, ...released].flatMap((one) => markOf(one) ?? []))
    const marked = world.before.filter(
      (one) => (isOpen(one) || one.state === 'Removing') && one.nodeName !== undefined && world.uidOf(one.nodeName) === one.nodeUID,
    )
    expect([...known]).toEqual(expect.arrayContaining(marked.map(markOf)))
  })
})

test('only what has not arrived is withdrawn, and never below the number', () => {
  always((world) => {
    const { withdraw } = planRemovals(world)
    const arrived = world.members.filter(isCounted).length
    expect(withdraw).toBeGreaterThanOrEqual(0)
    expect(world.desiredCapacity - withdraw).toBeGreaterThanOrEqual(Math.min(world.desiredCapacity, Math.max(arrived, world.keep)))
  })
})

test('the newly chosen are taken where most stay', () => {
  always((world) => {
    const { removals } = planRemovals(world)
    const listed = new Set(removals.filter(({ state }) => state !== 'Gone').map(({ instanceId }) => instanceId))
    const isNew = (id: string): boolean => listed.has(id) && !world.before.some(({ instanceId }) => instanceId === id)
    const leaving = new Set(removals.filter(({ state }) => state !== 'Gone').map(({ instanceId }) => instanceId))
    const stayIn = (zone: string): number => world.members.filter((one) => isCounted(one) && one.zone === zone && !leaving.has(one.instanceId)).length
    const free = world.members.filter((one) => isCounted(one) && !world.before.some(({ instanceId }) => instanceId === one.instanceId))
    const victims = world.requested.length > 0 ? [] : free.filter(({ instanceId }) => isNew(instanceId))
    const others = free.filter(({ instanceId }) => !listed.has(instanceId))
    for (const victim of victims) for (const other of others) expect(stayIn(other.zone)).toBeLessThanOrEqual(stayIn(victim.zone) + 1)
  })
})

function sorted(list: readonly Removal[]): readonly Removal[] {
  return list.toSorted((a, b) => key(a).localeCompare(key(b)))
}

function key({ instanceId, nodeUID = '', orderUID = '' }: Removal): string {
  return `${instanceId} ${nodeUID} ${orderUID}`
}

/** With the mark off, of its drain only a failure is remembered. */
function asStored(one: Removal): Removal {
  if (one.state !== 'Refused' || one.drain?.step === 'Failed') return one
  const { drain: _, ...rest } = one
  return rest
}

test('a plan that is planned again changes nothing', () => {
  always((world) => {
    // Of two Nodes that are named for one instance the first that can be made is known only with the second plan.
    fc.pre(new Set(world.requested.map(({ providerID }) => providerID)).size === world.requested.length)
    const first = planRemovals(world)
    const stored = first.removals.map(asStored)
    const again = planRemovals({ ...world, before: stored })
    expect(sorted(again.removals)).toEqual(sorted(stored))
    expect(again.released).toEqual([])
    expect(again.withdraw).toBe(first.withdraw)
  })
})

test('an instance that leaves already is never chosen', () => {
  always((world) => {
    const { removals } = planRemovals(world)
    const leaving = new Set(world.members.filter(isLeaving).map(({ instanceId }) => instanceId))
    expect(removals.filter((one) => isOpen(one) && leaving.has(one.instanceId))).toEqual([])
  })
})
