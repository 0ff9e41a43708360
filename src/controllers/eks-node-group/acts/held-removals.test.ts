import { expect, test } from 'vitest'
import type { NodeGroupState } from '../../../aws/eks/port.ts'
import type { Node } from '../../../kube/objects.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import type { Removal, Requested } from '../removals/removal.ts'
import { aRemoval, aWish } from '../removals/test-world.ts'
import { wantsChange } from '../wants-change.ts'
import { chooseRemovals } from './choose-removals.ts'
import { drainRemovals } from './drain-removals.ts'

const isolatedAt = '2026-11-21T05:00:00Z'
const operator = 'ecs.amazonaws.com'
const node = (id: string): Node => ({ metadata: { name: `node-${id}`, uid: `uid-${id}`, resourceVersion: '1' }, spec: {} })
const call = (token: string): NonNullable<Removal['call']> => ({ token, at: isolatedAt })
const draining = aRemoval('i-1', { state: 'Draining', drain: { step: 'Draining', isolatedAt } })
const named = { ...draining, orderUID: 'order' }

interface Given {
  readonly number?: number
  readonly before?: Removal
  readonly wish?: Requested
  readonly drain?: 'None'
  readonly arrived?: readonly string[]
  readonly state?: NodeGroupState
}

/** Two passes over two nodes of a group that AWS wants two of, by the acts that begin, hold and give back; what is drained fails the test. */
async function held(seen: 'Locked' | 'Unseen', { number = 1, before, wish, drain, arrived = ['i-1', 'i-2'], state = 'Active' }: Given) {
  const released: string[] = []
  const instances = arrived.map((instanceId) => ({ instanceId, zone: 'a', lifecycleState: 'InService', protectedFromScaleIn: false }))
  const removals = wish === undefined ? [] : [wish]
  const pass = aPass({
    group: aGroup({ state }),
    scalingGroup: seen === 'Unseen' ? undefined : aScalingGroup({ desiredCapacity: 2, instances, operator }),
    spec: {
      scaling: { minSize: 1, maxSize: 10, desiredSize: number, sizeOwner: 'Orders', allowLarge: false, removals },
      ...(drain === undefined ? {} : { scaleDown: { drain, timeout: '1h', onTimeout: 'Wait', azRebalance: 'Suspend' } }),
    },
    status: before === undefined ? {} : { removals: [before] },
    nodes: { byInstance: node, byName: (name) => node(name.slice('node-'.length)) },
    drain: {
      release: async ({ name }) => {
        released.push(name)
        return { kind: 'gone' }
      },
    },
  })
  pass.once.make() // `once`, which is not sent
  for (const act of [chooseRemovals, drainRemovals, chooseRemovals, drainRemovals]) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other, as in a pass
    expect(await act(pass)).toBeUndefined()
  }
  return { released, after: pass.draft.status.removals ?? [], asksAws: wantsChange(pass), next: pass.agenda.sooner({ kind: 'awaitChange' }) }
}

const waitsForOwner = { message: expect.stringMatching(/waits for ecs\.amazonaws\.com, which operates .* asg.*release the group there/) }
const waitsToShow = { message: expect.stringMatching(/waits until the Auto Scaling group asg shows/) }

test.each<[string, Given, readonly object[]]>([
  ['a drain under way', { before: draining }, [{ ...draining, ...waitsForOwner }]],
  ['a node that was to begin', { before: aRemoval('i-1') }, [{ ...aRemoval('i-1'), ...waitsForOwner }]],
  ['a node that goes without a drain', { before: aRemoval('i-1'), drain: 'None' }, [{ state: 'Accepted', ...waitsForOwner }]],
  ['a node that an order names now', { wish: aWish('i-1') }, [{ orderUID: 'order', state: 'Accepted', ...waitsForOwner }]],
  [
    'an empty node of which AWS was not asked yet',
    { before: { ...draining, state: 'Removing', call: call('once') } },
    [{ state: 'Removing', ...waitsForOwner }],
  ],
  ['a number that is lowered now, for which nobody is chosen', {}, []],
  ['capacity that has not arrived, which is not withdrawn', { arrived: ['i-1'] }, []],
])('B1: while another service operates the group %s waits, no pod is evicted, and AWS is not asked afresh', async (_, given, expected) => {
  const { released, after, asksAws, next } = await held('Locked', given)
  expect(after).toMatchObject(expected)
  expect(released).toEqual([])
  expect(asksAws).toBe(false)
  expect(next).toEqual({ kind: 'awaitChange' })
})

test.each<[string, Given]>([
  ['whose order takes it back', { number: 2, before: named }],
  ['whose order takes it back while the number stays', { before: named }],
  ['of our own choice, where the number is raised', { number: 2, before: draining }],
  ['that is empty and of which AWS was not asked yet', { number: 2, before: { ...named, state: 'Removing', call: call('once') } }],
])('P10: while another service operates the group a node is given back %s', async (_, given) => {
  expect(await held('Locked', given)).toMatchObject({ released: ['node-i-1'], after: [], asksAws: false })
})

test('what AWS may have been asked to end is not given back, also while another service operates the group', async () => {
  const { released, after } = await held('Locked', { number: 2, before: { ...named, state: 'Removing', message: 'asked', call: call('sent before') } })
  expect({ released, after }).toMatchObject({ released: [], after: [{ state: 'Removing', message: 'asked' }] })
})

test.each<[string, Given, readonly object[]]>([
  ['a drain under way', { wish: aWish('i-1'), before: named }, [{ ...named, ...waitsToShow }]],
  ['a node that was to begin', { before: aRemoval('i-1') }, [{ ...aRemoval('i-1'), ...waitsToShow }]],
  ['a node of our own choice, also where the number is raised,', { number: 2, before: draining }, [{ ...draining, ...waitsToShow }]],
  ['a node that an order names now', { wish: aWish('i-1') }, []],
  ['what AWS may have been asked to end', { before: { ...named, state: 'Removing', message: 'asked' } }, [{ state: 'Removing', message: 'asked' }]],
])('while the group does not show %s waits, and no pod is evicted', async (_, given, expected) => {
  const { released, after } = await held('Unseen', given)
  expect(after).toMatchObject(expected)
  expect(released).toEqual([])
})

test.each<[string, Removal]>([
  ['is drained', named],
  ['was to begin', aRemoval('i-1', { orderUID: 'order' })],
  ['was refused', { ...named, state: 'Refused' }],
])('P10: while the group does not show a node that %s is given back once its order takes it back', async (_, before) => {
  expect(await held('Unseen', { before })).toMatchObject({ released: ['node-i-1'], after: [] })
})

test.each<[NodeGroupState, RegExp]>([
  ['Active', /; condition Stalled says what to do if it was deleted$/],
  ['DeleteFailed', /; do what condition Provisioned says$/],
  ['Updating', /no pod is evicted$/],
])('P8: while the Auto Scaling group of a group that is %s does not show, it says where to look, if there is anything to be done', async (state, says) => {
  const { after } = await held('Unseen', { before: draining, state })
  expect(after[0]?.message).toMatch(says)
})
