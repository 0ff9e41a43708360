import { expect, test } from 'vitest'
import type { EksNodeGroup, EksNodeGroupStatus } from '../../../crds/eks-node-group.ts'
import type { KubeObject, Node } from '../../../kube/objects.ts'
import { KubeError } from '../../../kube/kube-error.ts'
import { chooseRemovals } from '../acts/choose-removals.ts'
import { drainRemovals } from '../acts/drain-removals.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import type { aSpec } from '../test-spec.ts'
import type { Removal } from './removal.ts'
import { aRemoval, aWish } from './test-world.ts'

const isolatedAt = '2026-11-21T05:00:00Z'
const draining = aRemoval('i-1', { state: 'Draining', drain: { step: 'Draining', isolatedAt } })
const removing = aRemoval('i-1', { state: 'Removing', call: { token: 'sent', at: isolatedAt } })
const node = (id: string): Node => ({ metadata: { name: `node-${id}`, uid: `uid-${id}`, resourceVersion: '1' }, spec: {} })

interface Given {
  readonly status: EksNodeGroupStatus
  /** Default: two are wanted of the three that are there. */
  readonly scaling?: Partial<ReturnType<typeof aSpec>['scaling']>
  readonly object?: Partial<EksNodeGroup['metadata']>
  /** Who set the number last. */
  readonly manager?: string
  readonly there?: readonly string[]
  readonly releaseFails?: boolean
}

/** One pass by the acts that choose, give back and drain, where each drain fails; tells the Events. */
async function after({ status, scaling = {}, object = {}, manager = 'kubectl', there = ['i-1', 'i-2', 'i-3'], releaseFails = false }: Given) {
  const told: string[] = []
  const instances = there.map((instanceId) => ({ instanceId, zone: 'a', lifecycleState: 'InService', protectedFromScaleIn: false }))
  const find = (id: string): Node | undefined => (there.includes(id) ? node(id) : undefined)
  const pass = aPass({
    object: { ...object, managedFields: [{ manager }] } as Partial<KubeObject['metadata']>,
    group: aGroup(),
    scalingGroup: aScalingGroup({ desiredCapacity: there.length, instances }),
    spec: { scaling: { minSize: 1, maxSize: 10, desiredSize: 2, sizeOwner: 'Orders', allowLarge: false, ...scaling } },
    status,
    nodes: { byInstance: find, byName: (name) => find(name.slice('node-'.length)) },
    drain: {
      drainNode: async ({ state }) => ({
        state: { ...state, step: 'Failed' },
        progress: { left: 1, blocked: [], message: 'pod team/web is left' },
        next: { kind: 'failed' },
      }),
      release: async () => {
        if (releaseFails) throw new KubeError(403, 'Forbidden', 'denied')
        return { kind: 'gone' }
      },
    },
    event: ({ type, reason, note }) => void told.push(`${type} ${reason}: ${note}`),
  })
  if ((await chooseRemovals(pass)) === undefined) await drainRemovals(pass)
  return { status: pass.draft.status, told }
}

test.each<[string, Partial<Given>, string | undefined]>([
  ['who lowered the number', {}, 'kubectl'],
  ['nobody, where the maximum was lowered', { scaling: { desiredSize: 5, maxSize: 2 } }, undefined],
  ['nobody, where the group is deleted', { object: { deletionTimestamp: isolatedAt } }, undefined],
])('P10: a node of our own choice names %s', async (_, given, fieldManager) => {
  const { status } = await after({ status: {}, ...given })
  expect(status.removals?.[0]?.state).toBe('Accepted')
  expect(status.removals?.[0]?.fieldManager).toBe(fieldManager)
})

test.each<[string, Partial<Removal>, object]>([
  ['who lowered the number when it was chosen', { fieldManager: 'kubectl' }, { fieldManager: 'kubectl' }],
  ['the order that named it', { orderUID: 'order' }, { orderUID: 'order' }],
])('P10: the history of a node that is gone names %s', async (_, more, asker) => {
  const { status, told } = await after({ status: { removals: [{ ...removing, ...more }] }, there: ['i-2', 'i-3'], manager: 'git' })
  expect(status.history).toEqual([{ time: '2026-11-21T06:00:00Z', operation: 'RemoveNode', from: 'node-i-1', outcome: 'Succeeded', ...asker }])
  expect(told).toEqual(['Normal NodeRemoved: node-i-1 is gone'])
})

test('who lowered the number stands with a node as long as it leaves, whoever writes it afterwards', async () => {
  const first = await after({ status: {} })
  const { status } = await after({ status: first.status, manager: 'git' })
  expect(status.removals).toMatchObject([{ fieldManager: 'kubectl' }])
})

test('a drain that failed is told once', async () => {
  const wishes = { scaling: { removals: [aWish('i-1')] } }
  const first = await after({ ...wishes, status: { removals: [{ ...draining, orderUID: 'order' }] } })
  const outcome = { operation: 'RemoveNode', from: 'node-i-1', outcome: 'DrainFailed', orderUID: 'order' }
  expect(first.told).toEqual(['Warning DrainFailed: node-i-1 stays, since its drain failed: pod team/web is left'])
  expect(first.status.history).toMatchObject([outcome])
  const second = await after({ ...wishes, status: first.status })
  expect(second.told).toEqual([])
  expect(second.status.history).toHaveLength(1)
  const third = await after({ status: second.status, scaling: { desiredSize: 3 } })
  expect(third).toMatchObject({ told: [], status: { history: [outcome] } })
})

const givenBack = 'Normal NodeGivenBack: node-i-1 stays: our mark is off it'

test('a node that is given back is told once, when its mark has come off', async () => {
  const scaling = { desiredSize: 3 }
  const stuck = await after({ scaling, status: { removals: [{ ...draining, fieldManager: 'kubectl' }] }, releaseFails: true })
  expect(stuck.told).toEqual([])
  const { told, status } = await after({ scaling, status: stuck.status })
  expect(told).toEqual([givenBack])
  expect(status.history).toMatchObject([{ operation: 'RemoveNode', from: 'node-i-1', outcome: 'GivenBack', fieldManager: 'kubectl' }])
  expect((await after({ scaling, status })).told).toEqual([])
})

test('a node that the minimum keeps is told once too', async () => {
  const given = { scaling: { minSize: 3, desiredSize: 3, removals: [aWish('i-1')] } }
  const { told, status } = await after({ ...given, status: { removals: [{ ...draining, orderUID: 'order' }] } })
  expect(told).toEqual([givenBack])
  expect((await after({ ...given, status })).told).toEqual([])
})

test('nothing is told of a node that was never begun', async () => {
  const { told, status } = await after({ scaling: { desiredSize: 3 }, status: { removals: [aRemoval('i-1')] } })
  expect({ told, status }).toEqual({ told: [], status: {} })
})
