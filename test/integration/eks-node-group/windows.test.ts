import { expect } from 'vitest'
import type { EksNodeGroup } from '../../../src/crds/eks-node-group.ts'
import { marksOf } from '../../../src/drain/mark.ts'
import type { Node } from '../../../src/kube/objects.ts'
import { type GroupSpec, aTargetCluster, anEksNodeGroup } from '../../support/builders.ts'
import type { Call } from '../../support/simulator.ts'
import type { Subject } from '../../support/subject.ts'
import { Workload } from '../../support/workload.ts'
import { type Place, test as base } from '../../support/world.ts'

const { signal } = new AbortController()
const minuteMs = 60_000
const dayMs = 86_400_000

/** Opens, from a day on, the windows of the target of all tests here, which so run one after the other. */
const test = base.extend<{ readonly windows: { open(at: number): Promise<string>; remove(): Promise<void> } }>({
  windows: async ({ place }, use) => {
    const target = place.target('demo')
    const remove = async (): Promise<void> => void (await target.apply(aTargetCluster()))
    await use({
      open: async (at) => {
        const [start, end] = [new Date(at), new Date(at + 3_600_000)].map((time) => time.toISOString().slice(11, 16))
        const day = new Date(at).toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' })
        await target.apply(aTargetCluster({ windows: [{ days: [day], start, end }] } as never))
        return `${new Date(at).toISOString().slice(0, 16)}:00Z`
      },
      remove,
    })
    await remove()
  },
})

/** Three days after the group was made. */
async function farFrom(group: Subject<EksNodeGroup>): Promise<number> {
  const made = Date.parse((await group.read()).metadata.creationTimestamp ?? '')
  return Math.floor(made / dayMs) * dayMs + 3 * dayMs + 120 * minuteMs
}

async function ready(place: Place, size: number, spec: GroupSpec = {}): Promise<readonly [Subject<EksNodeGroup>, readonly Node[]]> {
  const group = await place.have({ ...spec, scaling: { sizeOwner: 'Spec', desiredSize: size, ...spec.scaling } })
  await group.ready()
  return [group, await place.nodesOf(place.inEks())]
}

async function scaleTo(place: Place, desiredSize: number): Promise<void> {
  await place.group(place.namespace, 'workers').apply(anEksNodeGroup({ nodeGroupName: place.inEks(), scaling: { sizeOwner: 'Spec', desiredSize } }))
}

/** Everything of ours on the group's nodes. */
async function marks(place: Place): Promise<readonly unknown[]> {
  return (await place.nodesOf(place.inEks())).flatMap((node) => marksOf(node))
}

/** Calls that end something, or take it out of service, oldest first. */
async function ends(place: Place, nodes: readonly Node[]): Promise<readonly string[]> {
  const ids = new Set(nodes.map(({ spec }) => spec.providerID?.split('/').at(-1)))
  const isOurs = ({ input }: Call): boolean => input['nodegroupName'] === place.inEks() || ids.has(String(input['InstanceId']))
  const calls = (await place.cloud.allCalls()).filter((call) => call.access === 'write' && isOurs(call))
  return calls.flatMap(({ action, input }) => (input['taints'] !== undefined ? [`${action} taints`] : /Terminate|Delete/.test(action) ? [action] : []))
}

test('an order’s node waits for the window, untouched, and says until when; with no windows it goes', async ({ place, windows }) => {
  const [group, nodes] = await ready(place, 2, { scaling: { sizeOwner: 'Orders' } })
  const [victim] = nodes as [Node]
  const team = new Workload(place.client, place.namespace)
  await team.run('web', victim)
  const opens = await windows.open(await farFrom(group))
  const { metadata } = await group.read()
  const orderUID = '6d0c7a1e-0000-4000-8000-000000000001'
  const removal = { nodeUID: victim.metadata.uid, nodeName: victim.metadata.name, providerID: victim.spec.providerID, orderUID }
  const head = { apiVersion: 'tidegate.io/v1alpha1', kind: 'EksNodeGroup', metadata: { ...group.key, uid: metadata.uid } }
  const body = { ...head, spec: { scaling: { desiredSize: 1, removals: [removal] } } }
  await place.asOperator.apply(group.resource, group.key, body, { fieldManager: 'tidegate-orders', force: true, signal })
  const entry = { orderUID, state: 'Accepted', message: expect.stringContaining(opens) }
  await group.until(({ status }) => expect(status?.removals).toMatchObject([entry]))
  await group.condition('InSync', { status: 'False', reason: 'WaitingForWindow', says: [victim.metadata.name, opens] })
  await group.condition('Ready', { status: 'False', reason: 'WaitingForWindow' })
  expect([await marks(place), await team.isThere('web'), await ends(place, nodes)]).toEqual([[], true, []])
  await windows.remove()
  await group.until(({ status }) => expect(status?.removals).toMatchObject([{ orderUID, state: 'Gone' }]))
})

test('the drain begins when the window opens, without anybody’s doing; one that has begun is finished after it closed', async ({ place, windows }) => {
  const [group, nodes] = await ready(place, 2)
  const team = new Workload(place.client, place.namespace)
  for (const [index, node] of nodes.entries()) await team.run(`guarded-${index}`, node)
  const lifts = [await team.guard('guarded-0'), await team.guard('guarded-1')]
  const far = await farFrom(group)
  await windows.open(far)
  await scaleTo(place, 1)
  await group.condition('InSync', { reason: 'WaitingForWindow' })
  const since = (await group.read()).status?.removals?.[0]?.since ?? ''
  await windows.open(Math.ceil((Date.parse(since) + 30_000) / minuteMs) * minuteMs)
  await group.condition('InSync', { status: 'False', reason: 'DrainBlocked', says: ['guarded'] })
  await windows.open(far)
  for (const lift of lifts) await lift()
  await group.ready()
  expect(await place.nodesOf(place.inEks())).toHaveLength(1)
  expect(await ends(place, nodes)).toEqual(['TerminateInstanceInAutoScalingGroup'])
})

test('a number that is raised again before the window opens gives the node back', async ({ place, windows }) => {
  const [group, nodes] = await ready(place, 1)
  await windows.open(await farFrom(group))
  await scaleTo(place, 0)
  await group.condition('InSync', { reason: 'WaitingForWindow' })
  await scaleTo(place, 1)
  const { status } = await group.ready()
  expect([status?.removals, await ends(place, nodes)]).toEqual([undefined, []])
})

test.for(['Evict', 'None'] as const)('the deletion of a group with nodes begins in a window (drain: %s)', async (drain, { place, windows }) => {
  const [group, nodes] = await ready(place, 1, { scaleDown: { drain } })
  const opens = await windows.open(await farFrom(group))
  await group.deleteConfirmed()
  await group.condition('Reconciling', { status: 'True', reason: 'WaitingForWindow', says: [opens] })
  expect([await marks(place), await ends(place, nodes)]).toEqual([[], []])
  await windows.remove()
  await group.gone()
  const evicted = ['UpdateNodegroupConfig taints', 'TerminateInstanceInAutoScalingGroup', 'DeleteNodegroup']
  expect(await ends(place, nodes)).toEqual(drain === 'None' ? ['DeleteNodegroup'] : evicted)
})
