import { expect, test } from 'vitest'
import { loadBalancerLabel, taintOf } from '../../../drain/mark.ts'
import type { Node } from '../../../kube/objects.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { emptyGroup } from '../deletion/empty-group.ts'
import type { Removal } from '../removals/removal.ts'
import { aRemoval, drainsOn } from '../removals/test-world.ts'
import { drainRemovals } from './drain-removals.ts'
import { withdraw } from './withdraw.ts'

type Given = NonNullable<Parameters<typeof aPass>[0]>

/** It is Saturday, 06:00. */
const closed = [{ days: ['Monday' as const], start: '00:00', end: '24:00' }]
const open = [{ days: ['Saturday' as const], start: '00:00', end: '24:00' }]
const opens = 'starts when a window opens, at 2026-11-23T00:00:00Z (spec.windows of the TargetCluster, in UTC)'
const isolatedAt = '2026-11-21T05:00:00Z'
const undrained = { drain: 'None', timeout: '1h', onTimeout: 'Wait', azRebalance: 'Suspend' } as const
const instances = ['i-1', 'i-2'].map((instanceId) => ({ instanceId, zone: 'a', lifecycleState: 'InService', protectedFromScaleIn: false }))
const scalingGroup = aScalingGroup({ minSize: 0, maxSize: 2, desiredCapacity: 2, instances })

/** `node-i-1` and so on, with the mark of this UID; `isolated` as a drain leaves it. */
const marked =
  (uid: string, isolated = false) =>
  (name: string): Node => ({
    metadata: { name, uid: `uid-${name.slice('node-'.length)}`, resourceVersion: '1', ...(isolated ? { labels: { [loadBalancerLabel]: 'tidegate' } } : {}) },
    spec: { taints: [taintOf({ kind: 'leaving', uid })] },
  })

/** One pass over these entries, and the instances whose drain it went on with. */
async function drained(removals: readonly Removal[], given: Given = {}) {
  const done: string[] = []
  const pass = aPass({
    group: aGroup(),
    scalingGroup,
    windows: closed,
    status: { removals: [...removals] },
    drain: { drainNode: drainsOn(done, isolatedAt) },
    ...given,
  })
  await drainRemovals(pass)
  return { pass, done, after: pass.draft.status.removals, inSync: pass.draft.conditions.get('InSync') }
}

test.each<[string, Removal, Given]>([
  ['an order', aRemoval('i-1', { orderUID: 'order' }), {}],
  ['a lower number', aRemoval('i-1'), {}],
  ['a lower number, without a drain', aRemoval('i-1'), { spec: { scaleDown: undrained } }],
  ['a lower number, without a drain and before it joined', { instanceId: 'i-1', state: 'Accepted', message: '' }, { spec: { scaleDown: undrained } }],
  [
    'a deletion, which has marked it with the taint of the group',
    aRemoval('i-1'),
    { nodes: { byName: marked('u1') }, object: { deletionTimestamp: isolatedAt } },
  ],
  ['an order, while another drains it', aRemoval('i-1', { orderUID: 'order', drain: { step: 'Waiting' } }), { nodes: { byName: marked('u1', true) } }],
])('outside a window a node does not begin to leave for %s, and says when it will', async (_, one, given) => {
  const { done, after, inSync } = await drained([one], given)
  expect(done).toEqual([])
  expect(after).toMatchObject([{ instanceId: 'i-1', state: 'Accepted', message: opens }])
  expect(inSync).toMatchObject({ status: 'False', reason: 'WaitingForWindow', message: expect.stringContaining(opens) })
})

test.each<[string, Removal, Given]>([
  ['inside a window', aRemoval('i-1'), { windows: open }],
  ['without windows', aRemoval('i-1'), { windows: [] }],
  ['when it has begun', aRemoval('i-1', { state: 'Draining', drain: { step: 'Draining', isolatedAt } }), {}],
  ['when it has begun and another took the node', aRemoval('i-1', { drain: { step: 'Waiting', isolatedAt } }), {}],
  ['when it has begun and its status was lost', aRemoval('i-1'), { nodes: { byName: marked('u1', true) } }],
  ['when it has begun beside another’s label, and its status was lost', aRemoval('i-1'), { nodes: { byName: marked('u1') } }],
])('a drain goes on %s', async (_, one, given) => {
  const { done, inSync } = await drained([one], given)
  expect(done).toEqual(['node-i-1'])
  expect(inSync).toMatchObject({ reason: 'RemovingNodes' })
})

test('while one drain is finished, the others wait', async () => {
  const { done, after, inSync } = await drained([aRemoval('i-1', { state: 'Draining', drain: { step: 'Draining', isolatedAt } }), aRemoval('i-2')])
  expect(done).toEqual(['node-i-1'])
  expect(after?.map(({ state }) => state)).toEqual(['Draining', 'Accepted'])
  expect(inSync).toMatchObject({ reason: 'RemovingNodes', message: expect.stringContaining(opens) })
})

test('an instance that never joined runs nothing that could be drained, and waits for no window', async () => {
  const { after } = await drained([{ instanceId: 'i-1', state: 'Accepted', message: '', since: '2026-11-21T05:00:00Z' }])
  expect(after).toMatchObject([{ state: 'Removing' }])
})

test.each([
  ['when the window opens', '2026-11-22T23:59:50Z', 10_000],
  ['at the pace of rest until then', '2026-11-21T06:00:00Z', 30_000],
])('a pass comes %s', async (_, now, ms) => {
  const { pass } = await drained([aRemoval('i-1')], { now: new Date(now) })
  expect(pass.agenda.sooner({ kind: 'requeueAfter', ms: 60_000 })).toEqual({ kind: 'requeueAfter', ms })
})

test('a time zone that nobody knows lets nothing begin, and names who can help', async () => {
  const { pass } = await drained([])
  const [one] = [aRemoval('i-1')]
  const broken = { ...pass, target: { ...pass.target, timeZone: 'Europe/Atlantis' }, draft: { ...pass.draft, status: { removals: [one] } } }
  await drainRemovals(broken)
  expect(broken.draft.status.removals).toMatchObject([{ state: 'Accepted', message: expect.stringContaining('spec.timeZone (Europe/Atlantis)') }])
})

test('B5: what has not arrived is withdrawn at any time', async () => {
  const short = aScalingGroup({ desiredCapacity: 4, instances })
  const pass = aPass({
    group: aGroup(),
    scalingGroup: short,
    windows: closed,
    spec: { scaling: { minSize: 0, maxSize: 10, desiredSize: 2, sizeOwner: 'Spec', allowLarge: false } },
    scalingGroups: { describe: async () => [short] },
  })
  expect(await withdraw(pass)).toEqual({ kind: 'checkpoint' })
  expect(pass.draft.status.withdrawal).toMatchObject({ target: 2 })
})

test.each<[string, Given, { readonly asked: boolean; readonly reason: string }]>([
  ['is not begun outside a window: its nodes keep taking pods', { windows: closed }, { asked: false, reason: 'RemovingNodes' }],
  ['begins inside one', { windows: open }, { asked: true, reason: 'RemovingNodes' }],
  ['goes on when it has begun', { windows: closed, status: { deletion: { taintedAt: isolatedAt } } }, { asked: true, reason: 'RemovingNodes' }],
  ['without a drain is not begun outside a window', { windows: closed, spec: { scaleDown: undrained } }, { asked: false, reason: 'WaitingForWindow' }],
  [
    'without a drain is not begun outside a window while nobody knows how many there are',
    { windows: closed, spec: { scaleDown: undrained }, scalingGroup: undefined, nodes: {} },
    { asked: false, reason: 'WaitingForWindow' },
  ],
])('B8: the deletion of a group with nodes %s', async (_, given, { asked, reason }) => {
  const pass = aPass({
    object: { deletionTimestamp: '2026-11-21T05:00:00Z' },
    group: aGroup(),
    scalingGroup,
    nodes: { inGroup: () => ['node-i-1', 'node-i-2'].map(marked('nobody')) },
    ...given,
  })
  await emptyGroup(pass)
  expect(pass.draft.status.operation?.kind === 'UpdateConfig').toBe(asked)
  expect(pass.draft.conditions.compose(new Date(), 1)).toContainEqual(expect.objectContaining({ type: 'Reconciling', reason }))
})

test.each<[string, Given]>([
  ['that EKS could not make', { group: aGroup({ state: 'CreateFailed' }), scalingGroup: undefined }],
  ['that has no Auto Scaling group', { group: aGroup({ autoScalingGroups: [] }), scalingGroup: undefined }],
  ['whose Auto Scaling group is empty', { group: aGroup(), scalingGroup: aScalingGroup({ desiredCapacity: 0 }) }],
])('B8: the deletion of a group %s waits for no window', async (_, given) => {
  expect(await emptyGroup(aPass({ windows: closed, spec: { scaleDown: undrained }, ...given }))).toBeUndefined()
})

test('B8: an update that was asked for before a deletion holds it up no longer than EKS is at work', async () => {
  const operation = { kind: 'UpdateVersion', paramsHash: 'h', token: 't', attempt: 1, startedAt: isolatedAt } as const
  let status: Given['status'] = { operation }
  const deleting = async (state: 'Active' | 'Updating') => {
    const byInstance = (id: string): Node => marked('nobody')(`node-${id}`)
    const nodes = { byInstance, byName: marked('nobody'), inGroup: () => instances.map(({ instanceId }) => byInstance(instanceId)) }
    const object = { deletionTimestamp: '2026-11-21T05:00:00Z' }
    const pass = aPass({ object, group: aGroup({ state }), scalingGroup, windows: closed, nodes, status })
    await emptyGroup(pass)
    status = pass.draft.status
    return pass.draft.conditions.compose(new Date(), 1).find(({ type }) => type === 'Reconciling')?.reason
  }
  expect([await deleting('Updating'), status.operation]).toEqual(['Updating', operation])
  await deleting('Active')
  expect(status.removals).toMatchObject([{ state: 'Accepted' }, { state: 'Accepted' }])
  expect(status.history).toMatchObject([{ operation: 'UpdateVersion', outcome: 'Superseded' }])
  expect([await deleting('Active'), status.operation]).toEqual(['WaitingForWindow', undefined])
})
