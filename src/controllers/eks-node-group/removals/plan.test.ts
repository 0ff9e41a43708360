import { expect, test } from 'vitest'
import { planRemovals } from './plan.ts'
import type { Removal, RemovalWorld } from './removal.ts'
import { aMember, aRemoval, aWish, aWorld } from './test-world.ts'

const [a, b, c] = ['a', 'b', 'c'].map((id) => aMember(id)) as [ReturnType<typeof aMember>, ReturnType<typeof aMember>, ReturnType<typeof aMember>]
const ending = aMember('a', { lifecycleState: 'Terminating:Wait' })
const detaching = aMember('a', { lifecycleState: 'Detaching' })
const at = (time: string): Date => new Date(`2026-11-21T${time}Z`)
/** Handed over at 06:00; the call under `sent` may have left. */
const handedOver = (token: 'sent' | 'unsent', more: Partial<Removal> = {}): Removal =>
  aRemoval('a', { state: 'Removing', since: '2026-11-21T06:00:00Z', call: { token, at: '2026-11-21T06:00:00Z' }, ...more })
const cannotHaveActed = (token: string): boolean => token === 'unsent'
/** The Node is Ready, and its instance is not in the group any more. */
const runsOn = { members: [b], desiredCapacity: 1, keep: 1, others: { 'node-a': 'uid-a' }, isReady: () => true, cannotHaveActed } as const
const outSince6 = { state: 'Removing', outSince: '2026-11-21T06:00:00Z', drain: { step: 'Draining' } } as const

/** What is on the list afterwards as `instance state`, with words that its message contains, who is released, and how many are withdrawn. */
interface Expected {
  readonly removals?: readonly string[]
  readonly released?: readonly string[]
  readonly withdraw?: number
}

const cases: Record<string, [RemovalWorld, Expected]> = {
  'a group at its number is left alone': [aWorld({ members: [a, b] }), {}],
  'a lower number chooses a node': [aWorld({ members: [a, b], keep: 1 }), { removals: ['a Accepted'] }],
  'a choice that was made is kept': [aWorld({ members: [a, b], keep: 1, before: [aRemoval('b', { state: 'Draining' })] }), { removals: ['b Draining'] }],
  'a number that is raised again gives back the least advanced': [
    aWorld({ members: [a, b, c], keep: 2, before: [aRemoval('a'), aRemoval('b', { state: 'Draining' })] }),
    { removals: ['b Draining'], released: ['a'] },
  ],
  'what AWS was asked for is not given back': [aWorld({ members: [a, b], before: [handedOver('sent')], cannotHaveActed }), { removals: ['a Removing'] }],
  'what AWS was not asked for yet is given back when the number is raised': [
    aWorld({ members: [a, b], before: [handedOver('unsent')], cannotHaveActed }),
    { released: ['a'] },
  ],
  'and when AWS has a lower number from elsewhere': [
    aWorld({ members: [a, b, c], desiredCapacity: 2, keep: 2, before: [handedOver('unsent')], cannotHaveActed }),
    { released: ['a'] },
  ],
  'else it leaves, before any other': [
    aWorld({ members: [a, b, c], keep: 2, before: [aRemoval('b', { state: 'Draining' }), handedOver('unsent')], cannotHaveActed }),
    { removals: ['a Removing'], released: ['b'] },
  ],
  'an instance that ends already is no part of the number': [
    aWorld({ members: [ending, b, c], desiredCapacity: 2, keep: 2, before: [aRemoval('a', { state: 'Removing' })] }),
    { removals: ['a Removing'] },
  ],
  'an entry goes when instance and Node are gone': [aWorld({ members: [b], before: [aRemoval('a', { state: 'Removing' })] }), {}],
  'an entry stays while Kubernetes still has the Node': [
    aWorld({ members: [b], before: [aRemoval('a', { state: 'Removing' })], others: { 'node-a': 'uid-a' } }),
    { removals: ['a Removing'] },
  ],
  'a deletion takes also what AWS does not count any more and does not end': [
    aWorld({ members: [a, b], desiredCapacity: 0, keep: 0, allGo: true }),
    { removals: ['a Accepted', 'b Accepted'] },
  ],
  'and does not take it twice': [
    aWorld({ members: [a, b], desiredCapacity: 1, keep: 0, allGo: true, before: [handedOver('sent'), aRemoval('b', { state: 'Draining' })], cannotHaveActed }),
    { removals: ['a Removing', 'b Draining'] },
  ],
  'of a group that is kept it takes none': [aWorld({ members: [a, b], desiredCapacity: 1, keep: 1, allGo: false }), {}],
  'an order is obeyed, and nobody else is chosen': [aWorld({ members: [a, b, c], keep: 1, requested: [aWish('c')] }), { removals: ['c Accepted'] }],
  'an order sees that its node is gone': [
    aWorld({ members: [b], requested: [aWish('a')], before: [aRemoval('a', { state: 'Removing', orderUID: 'order' })] }),
    { removals: ['a Gone'] },
  ],
  'an order that takes its word back gets its node back': [
    aWorld({ members: [a, b], before: [aRemoval('a', { state: 'Draining', orderUID: 'order' })] }),
    { released: ['a'] },
  ],
  'an order that takes its word back too late does not': [
    aWorld({ members: [a, b], before: [handedOver('sent', { orderUID: 'order' })], cannotHaveActed }),
    { removals: ['a Removing'] },
  ],
  'an order that takes its word back before AWS was asked gets its node back': [
    aWorld({ members: [a, b], before: [handedOver('unsent', { orderUID: 'order' })], cannotHaveActed }),
    { released: ['a'] },
  ],
  'an order that takes its word back while AWS ends the node waits for the end': [
    aWorld({ members: [ending, b], desiredCapacity: 1, keep: 1, before: [aRemoval('a', { state: 'Draining', orderUID: 'order' })] }),
    { removals: ['a Removing'] },
  ],
  'an order takes over the node that was our choice, under its own mark': [
    aWorld({ members: [a, b], keep: 1, requested: [aWish('a')], before: [aRemoval('a', { state: 'Draining' })] }),
    { removals: ['a Accepted'], released: ['a'] },
  ],
  'an order takes over an instance that was asked for before its Node joined': [
    aWorld({ members: [ending, b], desiredCapacity: 1, keep: 1, requested: [aWish('a')], before: [{ instanceId: 'a', state: 'Removing', message: '' }] }),
    { removals: ['a Removing'] },
  ],
  'a node of another group is refused': [
    aWorld({ members: [b], requested: [aWish('z')], others: { 'node-z': 'uid-z' } }),
    { removals: ['z Refused: no instance of this node group'] },
  ],
  'and stays refused': [
    aWorld({ members: [b], requested: [aWish('z')], before: [aRemoval('z', { state: 'Refused', orderUID: 'order' })], others: { 'node-z': 'uid-z' } }),
    { removals: ['z Refused: no instance of this node group'] },
  ],
  'a Node that was registered anew is not the one that the order named': [
    aWorld({ members: [aMember('a', { node: { uid: 'again' } }), b], keep: 1, requested: [aWish('a')] }),
    { removals: ['a Refused: no longer, the Node of instance a'] },
  ],
  'two Nodes of one instance are one removal': [
    aWorld({ members: [a, b], keep: 1, requested: [aWish('a'), aWish('a', { nodeUID: 'old', nodeName: 'old' })] }),
    { removals: ['a Refused: no longer, the Node of instance a', 'a Accepted'] },
  ],
  'B4: below the minimum the order is refused before anything is touched': [
    aWorld({ members: [a, b], minSize: 2, requested: [aWish('a')] }),
    { removals: ['a Refused: BelowMinimum'] },
  ],
  'B4: of several as many as the minimum allows': [
    aWorld({ members: [a, b, c], minSize: 2, keep: 2, requested: [aWish('a'), aWish('b')] }),
    { removals: ['a Accepted', 'b Refused: BelowMinimum'] },
  ],
  'B5: what has not arrived is withdrawn, and no node leaves for it': [aWorld({ members: [a], desiredCapacity: 3, keep: 1 }), { withdraw: 2 }],
  'B5: what is there above the number leaves by name, the rest is withdrawn': [
    aWorld({ members: [a, b], desiredCapacity: 3, keep: 1 }),
    { removals: ['a Accepted'], withdraw: 1 },
  ],
  'B5: one in standby does not stand for one that has not arrived': [
    aWorld({ members: [a, b, aMember('c', { lifecycleState: 'Standby' })], desiredCapacity: 3, keep: 2 }),
    { withdraw: 1 },
  ],
  'one in standby is nobody’s choice': [
    aWorld({ members: [aMember('a', { lifecycleState: 'Standby' }), b, c], desiredCapacity: 2, keep: 1 }),
    { removals: ['b Accepted'] },
  ],
  'one of our choice that somebody has set aside since is given back, also in the middle of its drain, and another leaves': [
    aWorld({ members: [aMember('a', { lifecycleState: 'Standby' }), b, c], desiredCapacity: 2, keep: 1, before: [aRemoval('a', { state: 'Draining' })] }),
    { removals: ['b Accepted'], released: ['a'] },
  ],
  'one that an order named leaves also when it is set aside': [
    aWorld({
      members: [aMember('a', { lifecycleState: 'Standby' }), b],
      desiredCapacity: 1,
      keep: 1,
      minSize: 0,
      requested: [aWish('a')],
      before: [aRemoval('a', { state: 'Draining', orderUID: 'order' })],
    }),
    { removals: ['a Draining'] },
  ],
  'an instance that is not in the group any more may be ending: its Node is Ready for a while': [
    aWorld({ ...runsOn, now: at('06:00:00'), before: [aRemoval('a', { state: 'Draining' })] }),
    { removals: ['a Removing: is not in the Auto Scaling group any more: waits'] },
  ],
  'nobody is told to delete a Node that is Ready': [
    aWorld({ ...runsOn, now: at('06:04:59'), before: [aRemoval('a', outSince6)] }),
    { removals: ['a Removing: is not in the Auto Scaling group any more: waits'] },
  ],
  'after 5 min it was taken out of the group and runs on: it gets its mark off': [
    aWorld({ ...runsOn, now: at('06:06:00'), before: [aRemoval('a', outSince6)] }),
    { released: ['a'] },
  ],
  'and the order that named it is refused': [
    aWorld({ ...runsOn, now: at('06:06:00'), requested: [aWish('a')], before: [aRemoval('a', { ...outSince6, orderUID: 'order' })] }),
    { removals: ['a Refused: no instance of this node group: take it out of scaling.removals'] },
  ],
  'an order that has gone leaves no mark on it': [
    aWorld({ ...runsOn, now: at('06:06:00'), before: [aRemoval('a', { ...outSince6, orderUID: 'order' })] }),
    { released: ['a'] },
  ],
  'a Node that is not Ready after 5 min is stuck': [
    aWorld({ ...runsOn, isReady: () => false, now: at('06:06:00'), before: [aRemoval('a', outSince6)] }),
    { removals: ['a Removing: kubectl delete node node-a'] },
  ],
  'a Node that is Ready is not to be deleted, though AWS says that its machine has ended': [
    aWorld({ ...runsOn, members: [aMember('a', { lifecycleState: 'Terminated' }), b], now: at('06:06:00'), before: [aRemoval('a', outSince6)] }),
    { removals: ['a Removing: waits until Kubernetes has removed its Node'] },
  ],
  'one that we asked for and that AWS ended slowly runs on for a while, too': [
    aWorld({ ...runsOn, now: at('06:20:00'), before: [handedOver('sent')] }),
    { removals: ['a Removing: is not in the Auto Scaling group any more: waits'] },
  ],
  'also after an order': [
    aWorld({ ...runsOn, now: at('06:24:59'), requested: [aWish('a')], before: [handedOver('sent', { orderUID: 'order', outSince: '2026-11-21T06:20:00Z' })] }),
    { removals: ['a Removing: is not in the Auto Scaling group any more: waits'] },
  ],
  'it is let go when 5 min later its Node is still Ready': [
    aWorld({ ...runsOn, now: at('06:25:00'), before: [handedOver('sent', { outSince: '2026-11-21T06:20:00Z' })] }),
    { released: ['a'] },
  ],
  'one that somebody takes out of the group gets its mark off at once': [
    aWorld({ members: [detaching, b], desiredCapacity: 1, before: [aRemoval('a', { state: 'Draining' })] }),
    { released: ['a'] },
  ],
  'and is refused to the order': [
    aWorld({
      members: [detaching, b],
      desiredCapacity: 1,
      keep: 1,
      requested: [aWish('a')],
      before: [aRemoval('a', { state: 'Draining', orderUID: 'order' })],
    }),
    { removals: ['a Refused: no instance of this node group'] },
  ],
  'unless AWS was asked to end it': [
    aWorld({ members: [detaching, b], desiredCapacity: 1, keep: 1, before: [handedOver('sent')], cannotHaveActed }),
    { removals: ['a Removing'] },
  ],
  'a drain that failed is not tried again under the same word': [
    aWorld({ members: [a, b], keep: 1, before: [aRemoval('a', { state: 'Refused', drain: { step: 'Failed' } })] }),
    { removals: ['a Refused: '] },
  ],
  'a drain that failed is tried again under a new word': [
    aWorld({ members: [a, b], keep: 1, retry: '2', before: [aRemoval('a', { state: 'Refused', drain: { step: 'Failed' }, retry: '1' })] }),
    { removals: ['a Accepted'] },
  ],
}

test.each(Object.entries(cases))('%s', (_, [world, expected]) => {
  const { removals, released, withdraw } = planRemovals(world)
  const { removals: list = [], ...rest } = { released: [], withdraw: 0, ...expected }
  expect({ released: released.map(({ instanceId }) => instanceId), withdraw }).toEqual(rest)
  expect(removals.map(({ instanceId, state }) => `${instanceId} ${state}`)).toEqual(list.map((line) => line.split(': ')[0]))
  expect(removals.map(({ message }) => message)).toEqual(list.map((line) => expect.stringContaining(line.split(': ').slice(1).join(': '))))
})

test('P2: one that went away before its call is waited for from then on, and not as one that was asked for', () => {
  const before = [handedOver('unsent')]
  const { removals } = planRemovals(aWorld({ ...runsOn, now: at('06:06:00'), before }))
  expect(removals).toMatchObject([{ state: 'Removing', message: expect.stringContaining('waits until Kubernetes') }])
  expect(removals[0]?.call).toBeUndefined()
})

/** The list after a look at these members. */
function looked(time: string, members: RemovalWorld['members'], before: readonly Removal[]): readonly Removal[] {
  return planRemovals(aWorld({ ...runsOn, members, now: at(time), before })).removals
}

test('the time without an instance counts from the first look that missed it, and not on when it shows again', () => {
  const first = looked('06:20:00', [b], [handedOver('sent')])
  const second = looked('06:21:00', [b], first)
  expect([...first, ...second]).toMatchObject([{ outSince: '2026-11-21T06:20:00Z' }, { outSince: '2026-11-21T06:20:00Z' }])
  expect(looked('06:22:00', [ending, b], second)[0]).not.toHaveProperty('outSince')
})
