import { expect, test } from 'vitest'
import type { EksNodeGroupStatus } from '../../../crds/eks-node-group.ts'
import { taintOf } from '../../../drain/mark.ts'
import { KubeError } from '../../../kube/kube-error.ts'
import type { Node } from '../../../kube/objects.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { aRemoval, aWish } from '../removals/test-world.ts'
import { chooseRemovals } from './choose-removals.ts'

const ids = ['i-1', 'i-2', 'i-3'] as const
const nodeOf = (id: string, uid = 'u1'): Node => ({
  metadata: { name: `node-${id}`, uid: `uid-${id}`, resourceVersion: '1' },
  spec: { providerID: `aws:///us-west-2a/${id}`, taints: [taintOf({ kind: 'leaving', uid })] },
})

/** Three nodes with our mark, or that of `marks`, in a group that wants all three. `refused`: what a release of this one fails with. */
async function released(
  removals: EksNodeGroupStatus['removals'],
  refused?: { readonly name: string; readonly cause: Error },
  scaling: Partial<NonNullable<NonNullable<Parameters<typeof aPass>[0]>['spec']>['scaling']> = {},
  marks: Readonly<Record<string, string>> = {},
  states: Readonly<Record<string, string>> = {},
) {
  const node = (id: string): Node => nodeOf(id, marks[id] ?? 'u1')
  const done: string[] = []
  const instances = ids.map((instanceId) => ({ instanceId, zone: 'a', lifecycleState: states[instanceId] ?? 'InService', protectedFromScaleIn: false }))
  const pass = aPass({
    group: aGroup(),
    scalingGroup: aScalingGroup({ desiredCapacity: 3, instances }),
    spec: { scaling: { minSize: 1, maxSize: 10, desiredSize: 3, sizeOwner: 'Orders', allowLarge: false, ...scaling } },
    status: removals === undefined ? {} : { removals },
    nodes: {
      inGroup: () => ids.map(node),
      byInstance: (id) => node(id),
      byName: (name) => (name === 'node-i-9' ? undefined : node(name.slice('node-'.length))),
    },
    drain: {
      release: async ({ name }) => {
        if (name === refused?.name) throw refused.cause
        done.push(name)
        return { kind: 'gone' }
      },
    },
  })
  const outcome = await chooseRemovals(pass).catch((reason: unknown) => reason)
  return { done: done.toSorted(), outcome, after: pass.draft.status.removals, history: pass.draft.status.history }
}

test('P2: a mark that no status knows of any more comes off', async () => {
  expect(await released(undefined)).toMatchObject({ done: ['node-i-1', 'node-i-2', 'node-i-3'], outcome: undefined, after: undefined })
})

test('P1: a mark that no status knows of any more stays where AWS ends the machine', async () => {
  expect(await released(undefined, undefined, {}, {}, { 'i-2': 'Terminating:Wait' })).toMatchObject({ done: ['node-i-1', 'node-i-3'] })
})

test('a node that the API server refuses to change is named and tried again, and the others are given back', async () => {
  const draining = ids.map((id) => aRemoval(id, { state: 'Draining', drain: { step: 'Draining' } }))
  const cause = new KubeError(403, 'Forbidden', 'admission webhook "nodes.example" denied the request')
  const { done, outcome, after } = await released(draining, { name: 'node-i-2', cause })
  expect(done).toEqual(['node-i-1', 'node-i-3'])
  expect(outcome).toBeUndefined()
  expect(after).toMatchObject([{ instanceId: 'i-2', state: 'Refused', message: expect.stringContaining('nodes.example') }])
  expect((await released(after)).done).toContain('node-i-2')
})

test('P7: a node that has gone is told when the list is without it, not at every pass that fails before', async () => {
  const gone = aRemoval('i-9', { state: 'Removing' })
  const draining = aRemoval('i-1', { state: 'Draining', drain: { step: 'Draining' } })
  const cause = new KubeError(503, 'ServiceUnavailable', 'no etcd')
  const failing = await released([gone, draining], { name: 'node-i-1', cause })
  expect(failing).toMatchObject({ outcome: cause, history: undefined, after: [gone, draining] })
  const { history, after } = await released([gone, draining])
  expect(history).toMatchObject([{ operation: 'RemoveNode', from: 'node-i-9', outcome: 'Succeeded' }])
  expect(after).toBeUndefined()
})

test('a node that the minimum keeps is released until that succeeds, and what stands on it is remembered so long', async () => {
  const cause = new KubeError(403, 'Forbidden', 'admission webhook "nodes.example" denied the request')
  const scaling = { minSize: 3, desiredSize: 2, removals: [aWish('i-2')] }
  const drain = { step: 'Draining', isolatedAt: '2026-11-21T05:00:00Z' } as const
  const draining = [aRemoval('i-2', { orderUID: 'order', state: 'Draining', drain })]
  const first = await released(draining, { name: 'node-i-2', cause }, scaling)
  expect(first.after).toMatchObject([{ instanceId: 'i-2', state: 'Refused', message: expect.stringContaining('nodes.example'), drain }])
  const again = await released(first.after, { name: 'node-i-2', cause }, scaling)
  expect(again.after).toMatchObject([{ state: 'Refused', drain }])
  const second = await released(again.after, undefined, scaling)
  expect(second.done).toContain('node-i-2')
  expect(second.after).toMatchObject([{ state: 'Refused', message: expect.stringContaining('BelowMinimum') }])
  expect(second.after?.[0]?.drain).toBeUndefined()
  expect((await released(second.after, undefined, scaling)).done).not.toContain('node-i-2')
})

test('P2: one that was marked for an order by a pass that lost its status is released where the order is refused then', async () => {
  const scaling = { minSize: 3, desiredSize: 2, removals: [aWish('i-2')] }
  const accepted = [aRemoval('i-2', { orderUID: 'order', state: 'Accepted' })]
  const { done, after } = await released(accepted, undefined, scaling, { 'i-2': 'order' })
  expect(done).toContain('node-i-2')
  expect(after).toMatchObject([{ state: 'Refused', message: expect.stringContaining('BelowMinimum') }])
  expect((await released(accepted, undefined, scaling, { 'i-2': 'another' })).done).not.toContain('node-i-2')
})

test('a node of our own choice that is to stay is remembered with what stands on it, until it is released', async () => {
  const cause = new KubeError(422, 'Invalid', 'denied')
  const drain = { step: 'Draining', isolatedAt: '2026-11-21T05:00:00Z' } as const
  const { after } = await released([aRemoval('i-2', { state: 'Draining', drain })], { name: 'node-i-2', cause })
  const again = await released(after, { name: 'node-i-2', cause })
  expect(again.after).toMatchObject([{ state: 'Refused', drain }])
  expect(await released(again.after)).toMatchObject({ done: expect.arrayContaining(['node-i-2']), after: undefined })
})

test('an API server that does not answer ends the pass, and no entry is forgotten', async () => {
  const draining = ids.map((id) => aRemoval(id, { state: 'Draining' }))
  const { outcome, after } = await released(draining, { name: 'node-i-2', cause: new KubeError(0, 'NoAnswer', 'reset') })
  expect(outcome).toBeInstanceOf(KubeError)
  expect(after).toEqual(draining)
})

test('one that went away before AWS was asked for it is waited for from then on', async () => {
  const pass = aPass({
    group: aGroup(),
    scalingGroup: aScalingGroup(),
    status: { removals: [aRemoval('i-1', { state: 'Removing', since: '2026-11-21T05:00:00Z', call: { token: 'once', at: '2026-11-21T05:00:00Z' } })] },
    nodes: { byName: (name) => nodeOf(name.slice('node-'.length)) },
  })
  pass.once.make()
  await chooseRemovals(pass)
  expect(pass.draft.status.removals).toMatchObject([{ state: 'Removing', outSince: '2026-11-21T06:00:00Z' }])
})

test.each([
  ['that is managed', {}],
  ['that is being deleted', { deletionTimestamp: '2026-11-21T06:00:00Z' }],
])('P2: the mark of an earlier life of the object comes off the nodes of a group %s, also where they leave', async (_, object) => {
  const done: string[] = []
  const former: Node = { ...nodeOf('i-1'), spec: { ...nodeOf('i-1').spec, taints: ['u0', 'u9'].map((uid) => taintOf({ kind: 'leaving', uid })) } }
  const pass = aPass({
    object,
    group: aGroup(),
    scalingGroup: aScalingGroup({ instances: [{ instanceId: 'i-1', zone: 'a', lifecycleState: 'Terminating', protectedFromScaleIn: false }] }),
    status: {
      ownership: { origin: 'Created', since: '2026-11-21T06:00:00Z', formerUIDs: ['u0'] },
      removals: [aRemoval('i-1', { state: 'Removing', nodeUID: 'uid-i-1', nodeName: 'node-i-1' })],
    },
    nodes: { inGroup: () => [former], byInstance: () => former, byName: () => former },
    drain: {
      release: async ({ name }, { uid }) => {
        done.push(`${name} of ${uid}`)
        return { kind: 'gone' }
      },
    },
  })
  await chooseRemovals(pass)
  expect(done).toEqual(['node-i-1 of u0'])
})
