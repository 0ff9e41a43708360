import { describe, expect } from 'vitest'
import { marksOf } from '../../../src/drain/mark.ts'
import type { Node } from '../../../src/kube/objects.ts'
import { resources } from '../../../src/kube/resource.ts'
import { anEksNodeGroup, subnets } from '../../support/builders.ts'
import { eventually } from '../../support/eventually.ts'
import { instanceOf, order } from '../../support/order.ts'
import { openProxiedStage } from '../../support/proxied-stage.ts'
import { release } from '../../support/release.ts'
import { silenceWatches } from '../../support/silent-watch.ts'
import { Workload } from '../../support/workload.ts'
import { type Place, type Stage, test } from '../../support/world.ts'
import { expectHealed, scale, uidsOf } from './healed.ts'
import { withNodes } from './sized.ts'

const { signal } = new AbortController()

/** The terminations by name that were asked for so far, of these nodes. */
async function terminations({ cloud }: Pick<Stage, 'cloud'>, nodes: readonly Node[]): Promise<readonly string[]> {
  const ids = new Set(nodes.map(instanceOf))
  const calls = (await cloud.allCalls()).filter(({ action }) => action === 'TerminateInstanceInAutoScalingGroup')
  return calls.map(({ input }) => String(input['InstanceId'])).filter((id) => ids.has(id))
}

async function setCordon({ client }: Place, { metadata: { name } }: Node, unschedulable: boolean): Promise<void> {
  await client.jsonPatch(resources.nodes, { name }, [{ op: 'add', path: '/spec/unschedulable', value: unschedulable }], { fieldManager: 'person', signal })
}

function zoneOf({ metadata }: Node): string {
  return metadata.labels?.['topology.kubernetes.io/zone'] ?? ''
}

describe.concurrent('between a look and what is done about it', () => {
  test("terminate's answer lost: the count goes down by one", async ({ place }) => {
    const { group, nodes } = await withNodes(place, { desiredSize: 3 })
    const [a, b, idle] = nodes
    const team = new Workload(place.client, place.namespace)
    await team.run('a', a)
    await team.run('b', b)
    const match = { InstanceId: instanceOf(idle) }
    await place.cloud.fault({ effect: 'DropResponse', times: 1, service: 'autoscaling', action: 'TerminateInstanceInAutoScalingGroup', match })
    await scale(place, 2)
    await expectHealed(place, group, 2)
    expect(await terminations(place, nodes)).toEqual([instanceOf(idle)])
    expect(await uidsOf(place)).toEqual([a.metadata.uid, b.metadata.uid].toSorted())
    expect([await team.isThere('a'), await team.isThere('b')]).toEqual([true, true])
  })

  test('a number is raised while AWS does not end the empty node yet: the node stays, as the only one that was asked for', async ({ place }) => {
    const { group, nodes } = await withNodes(place, { desiredSize: 2 })
    const [busy, idle] = nodes
    await new Workload(place.client, place.namespace).run('a', busy)
    const action = 'TerminateInstanceInAutoScalingGroup'
    const error = { effect: 'Error', code: 'ScalingActivityInProgress', message: 'a scaling activity is in progress' } as const
    const lift = await place.cloud.fault({ service: 'autoscaling', action, match: { InstanceId: instanceOf(idle) }, ...error })
    await scale(place, 1)
    await group.until(({ status }) => expect(status?.removals).toMatchObject([{ state: 'Removing', message: expect.stringContaining('in progress') }]))
    await scale(place, 2)
    await expectHealed(place, group, 2)
    const asked = await terminations(place, nodes)
    await lift()
    await expectHealed(place, group, 2)
    expect(await uidsOf(place)).toEqual(nodes.map(({ metadata }) => metadata.uid).toSorted())
    expect(new Set(asked)).toEqual(new Set([instanceOf(idle)]))
    expect(await terminations(place, nodes)).toEqual(asked)
  })

  test('a foreign cordon before and after ours: each stays what its owner made it', async ({ place }) => {
    const { group, nodes } = await withNodes(place, { desiredSize: 3 })
    const team = new Workload(place.client, place.namespace)
    const lift = await team.guardAll(nodes)
    const [before, after, lifted] = nodes
    await setCordon(place, before, true)
    await setCordon(place, lifted, true)
    await order(place, group, { desiredSize: 0, removals: nodes })
    await group.condition('Reconciling', { reason: 'DrainBlocked' })
    await eventually(async () => expect((await place.nodesOf(place.inEks())).flatMap(marksOf)).toHaveLength(3))
    await setCordon(place, after, true)
    await setCordon(place, lifted, false)
    await order(place, group, { desiredSize: 3, removals: [] })
    await expectHealed(place, group, 3)
    const now = await place.nodesOf(place.inEks())
    expect(nodes.map(({ metadata }) => now.find((node) => node.metadata.uid === metadata.uid)?.spec.unschedulable === true)).toEqual([true, true, false])
    expect(await terminations(place, nodes)).toEqual([])
    await lift()
  })

  test("the victim's Node object is deleted and re-registers meanwhile: what runs there is drained, not killed", async ({ place }) => {
    const { group, nodes } = await withNodes(place, { desiredSize: 2 })
    const [busy, victim] = nodes
    const team = new Workload(place.client, place.namespace)
    await team.run('a', busy)
    await team.run('b', busy)
    const lift = await team.runGuarded('guarded', victim)
    await scale(place, 1)
    await group.condition('Reconciling', { reason: 'DrainBlocked', says: ['guarded'] })
    await place.client.delete(resources.nodes, { name: victim.metadata.name }, { signal })
    await eventually(async () => {
      const again = (await place.nodesOf(place.inEks())).find(({ metadata }) => metadata.name === victim.metadata.name)
      expect(again?.metadata.uid ?? victim.metadata.uid).not.toBe(victim.metadata.uid)
      expect(marksOf(again as Node)).toHaveLength(1)
    })
    await group.condition('Reconciling', { reason: 'DrainBlocked', says: ['guarded'] })
    expect(await terminations(place, nodes)).toEqual([])
    expect(await team.isThere('guarded')).toBe(true)
    await lift()
    // It is evicted. kwok, which plays the kubelet, passes over what happens to a pod while it has no Lease of the Node, and may never end it.
    await eventually(async () => expect(await team.isThere('guarded')).toBe(false))
    await place.kubectl('delete', 'pod', 'guarded', '-n', place.namespace, '--force', '--grace-period=0', '--ignore-not-found', '--wait=false')
    await expectHealed(place, group, 1)
    expect(await terminations(place, nodes)).toEqual([instanceOf(victim)])
    expect(await uidsOf(place)).toEqual([busy.metadata.uid])
    expect([await team.isThere('a'), await team.isThere('b')]).toEqual([true, true])
  })

  test('group deleted in the console while a node leaves: it is made again, with its number', async ({ place }) => {
    const { group, nodes } = await withNodes(place, { desiredSize: 2 })
    const [, victim] = nodes
    const team = new Workload(place.client, place.namespace)
    const lift = await team.runGuarded('guarded', victim)
    await order(place, group, { desiredSize: 1, removals: [victim] })
    await group.condition('Reconciling', { reason: 'DrainBlocked' })
    const { arn } = await place.cloud.needGroup(place.inEks())
    await place.cloud.happen({ order: 'DeleteNodegroup', cluster: 'demo', nodegroup: place.inEks() })
    await lift()
    await group.until(({ status }) => expect(status?.removals).toMatchObject([{ nodeUID: victim.metadata.uid, state: 'Gone' }]))
    await order(place, group, { desiredSize: 1, removals: [] })
    await expectHealed(place, group, 1)
    expect((await place.cloud.needGroup(place.inEks())).arn).not.toBe(arn)
  })

  test('a pod lands on the victim behind a frozen pod watch: the node is not ended with it', async ({ onTestFinished }) => {
    const { stage, proxy } = await openProxiedStage('frozen-watch', { namespace: 'frozen', onTestFinished })
    const group = stage.group('frozen', 'workers')
    await group.apply(anEksNodeGroup({ nodeGroupName: 'frozen', scaling: { desiredSize: 1 } }))
    await group.ready()
    const nodes = (await stage.nodesOf('frozen')) as [Node]
    const [victim] = nodes
    const team = new Workload(stage.client, 'frozen')
    const liftFirst = await team.runGuarded('first', victim)
    await stage.kubectl('scale', 'eksnodegroup/workers', '-n', 'frozen', '--replicas=0')
    await group.condition('Reconciling', { reason: 'DrainBlocked', says: ['first'] })

    const heal = await silenceWatches(proxy, 'pods')
    const liftSecond = await team.runGuarded('second', victim)
    await liftFirst()
    await group.condition('Reconciling', { reason: 'DrainBlocked', says: ['second'] })
    expect(await team.isThere('second')).toBe(true)
    expect(await terminations(stage, nodes)).toEqual([])

    await liftSecond()
    heal()
    await group.ready()
    expect(await stage.nodesOf('frozen')).toEqual([])
    await release(stage.client, 'frozen')
  })
})

// By itself: it moves the clock of the cloud.
test('lopsided named exit over zones: AWS neither launches nor ends anything to even them out', async ({ place }) => {
  const { group, nodes } = await withNodes(place, { desiredSize: 4 }, { subnetIds: [subnets[0], subnets[1]] })
  const leaving = nodes.filter((node) => zoneOf(node) === zoneOf(nodes[0]))
  const staying = nodes.filter((node) => !leaving.includes(node))
  expect([leaving.length, staying.length]).toEqual([2, 2])
  const team = new Workload(place.client, place.namespace)
  for (const [index, node] of staying.entries()) await team.run(`stay-${index}`, node)
  await order(place, group, { desiredSize: 2, removals: leaving })
  await group.until(({ status }) => expect(status?.removals?.map(({ state }) => state)).toEqual(['Gone', 'Gone']))
  await place.cloud.clock({ advanceSeconds: 900 })
  await order(place, group, { desiredSize: 2, removals: [] })
  await expectHealed(place, group, 2)
  expect(await uidsOf(place)).toEqual(staying.map(({ metadata }) => metadata.uid).toSorted())
  expect([await team.isThere('stay-0'), await team.isThere('stay-1')]).toEqual([true, true])
  const { scaling } = await place.cloud.needGroup(place.inEks())
  const suspended = async (): Promise<readonly string[]> =>
    (await place.cloud.console.scalingGroups.describe([scaling?.name ?? ''], { signal })).flatMap(({ suspendedProcesses }) => suspendedProcesses)
  expect(await suspended()).toEqual(['AZRebalance'])
  await scale(place, 4)
  await eventually(async () => expect(await suspended()).toEqual([]))
  await expectHealed(place, group, 4)
  expect(await uidsOf(place)).toEqual(expect.arrayContaining(staying.map(({ metadata }) => metadata.uid)))
})
