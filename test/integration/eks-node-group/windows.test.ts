import { expect } from 'vitest'
import type { EksNodeGroup } from '../../../src/crds/eks-node-group.ts'
import { marksOf } from '../../../src/drain/mark.ts'
import type { Node } from '../../../src/kube/objects.ts'
import { aTargetCluster } from '../../support/builders.ts'
import { dayMs, weekdayOf } from '../../support/days.ts'
import { instanceOf, order, orderUid } from '../../support/order.ts'
import type { Call } from '../../support/simulator.ts'
import type { Subject } from '../../support/subject.ts'
import { Workload } from '../../support/workload.ts'
import { type Place, test as base } from '../../support/world.ts'
import { scaleTo, withNodes } from './sized.ts'

const minuteMs = 60_000

/** Opens, from a day on, the windows of the target of all tests here, which so run one after the other. */
const test = base.extend<{ readonly windows: { open(at: number): Promise<string>; remove(): Promise<void> } }>({
  windows: async ({ place }, use) => {
    const target = place.target('demo')
    const remove = async (): Promise<void> => void (await target.apply(aTargetCluster()))
    await use({
      open: async (at) => {
        const [start, end] = [new Date(at), new Date(at + 3_600_000)].map((time) => time.toISOString().slice(11, 16))
        const day = weekdayOf(new Date(at))
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

/** Everything of ours on the group's nodes. */
async function marks(place: Place): Promise<readonly unknown[]> {
  return (await place.nodesOf(place.inEks())).flatMap((node) => marksOf(node))
}

/** Calls that end something, or take it out of service, oldest first. */
async function ends(place: Place, nodes: readonly Node[]): Promise<readonly string[]> {
  const ids = new Set(nodes.map(instanceOf))
  const isOurs = ({ input }: Call): boolean => input['nodegroupName'] === place.inEks() || ids.has(String(input['InstanceId']))
  const calls = (await place.cloud.allCalls()).filter((call) => call.access === 'write' && isOurs(call))
  return calls.flatMap(({ action, input }) => (input['taints'] !== undefined ? [`${action} taints`] : /Terminate|Delete/.test(action) ? [action] : []))
}

test('an order’s node waits for the window, untouched, and says until when; with no windows it goes', async ({ place, windows }) => {
  const { group, nodes } = await withNodes(place, { sizeOwner: 'Orders', desiredSize: 2 })
  const [victim] = nodes
  const team = new Workload(place.client, place.namespace)
  await team.run('web', victim)
  const opens = await windows.open(await farFrom(group))
  await order(place, group, { desiredSize: 1, removals: [victim] })
  const entry = { orderUID: orderUid, state: 'Accepted', message: expect.stringContaining(opens) }
  await group.until(({ status }) => expect(status?.removals).toMatchObject([entry]))
  await group.condition('InSync', { status: 'False', reason: 'WaitingForWindow', says: [victim.metadata.name, opens] })
  await group.condition('Ready', { status: 'False', reason: 'WaitingForWindow' })
  expect([await marks(place), await team.isThere('web'), await ends(place, nodes)]).toEqual([[], true, []])
  await windows.remove()
  await group.until(({ status }) => expect(status?.removals).toMatchObject([{ orderUID: orderUid, state: 'Gone' }]))
})

test('the drain begins when the window opens, without anybody’s doing; one that has begun is finished after it closed', async ({ place, windows }) => {
  const { group, nodes } = await withNodes(place, { sizeOwner: 'Spec', desiredSize: 2 })
  const lift = await new Workload(place.client, place.namespace).guardAll(nodes)
  const far = await farFrom(group)
  await windows.open(far)
  await scaleTo(place, 1)
  await group.condition('InSync', { reason: 'WaitingForWindow' })
  const since = (await group.read()).status?.removals?.[0]?.since ?? ''
  await windows.open(Math.ceil((Date.parse(since) + 30_000) / minuteMs) * minuteMs)
  await group.condition('InSync', { status: 'False', reason: 'DrainBlocked', says: ['guarded'] })
  await windows.open(far)
  await lift()
  await group.ready()
  expect(await place.nodesOf(place.inEks())).toHaveLength(1)
  expect(await ends(place, nodes)).toEqual(['TerminateInstanceInAutoScalingGroup'])
})

test('a number that is raised again before the window opens gives the node back', async ({ place, windows }) => {
  const { group, nodes } = await withNodes(place, { sizeOwner: 'Spec', desiredSize: 1 })
  await windows.open(await farFrom(group))
  await scaleTo(place, 0)
  await group.condition('InSync', { reason: 'WaitingForWindow' })
  await scaleTo(place, 1)
  const { status } = await group.ready()
  expect([status?.removals, await ends(place, nodes)]).toEqual([undefined, []])
})

test.for(['Evict', 'None'] as const)('the deletion of a group with nodes begins in a window (drain: %s)', async (drain, { place, windows }) => {
  const { group, nodes } = await withNodes(place, { sizeOwner: 'Spec', desiredSize: 1 }, { scaleDown: { drain } })
  const opens = await windows.open(await farFrom(group))
  await group.deleteConfirmed()
  await group.condition('Reconciling', { status: 'True', reason: 'WaitingForWindow', says: [opens] })
  expect([await marks(place), await ends(place, nodes)]).toEqual([[], []])
  await windows.remove()
  await group.gone()
  const evicted = ['UpdateNodegroupConfig taints', 'TerminateInstanceInAutoScalingGroup', 'DeleteNodegroup']
  expect(await ends(place, nodes)).toEqual(drain === 'None' ? ['DeleteNodegroup'] : evicted)
})
