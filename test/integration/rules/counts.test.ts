import { describe, expect } from 'vitest'
import { marksOf } from '../../../src/drain/mark.ts'
import { anEksNodeGroup } from '../../support/builders.ts'
import { eventually } from '../../support/eventually.ts'
import { order, orderUid } from '../../support/order.ts'
import { Workload } from '../../support/workload.ts'
import { type Place, test } from '../../support/world.ts'
import { scaleTo, withNodes } from '../eks-node-group/sized.ts'

const { signal } = new AbortController()

async function numbersSent(place: Place): Promise<readonly unknown[]> {
  return (await place.cloud.calls(place.inEks(), { action: 'UpdateNodegroupConfig' })).map(({ input }) => input['scalingConfig'])
}

const service = 'ecs.amazonaws.com'

/** Another service operates the Auto Scaling group from now on; what comes back ends that. */
async function lock(place: Place): Promise<() => Promise<void>> {
  const happening = { order: 'LockScalingGroup', cluster: 'demo', nodegroup: place.inEks() }
  await place.cloud.happen({ ...happening, operator: service })
  return async () => await place.cloud.happen({ ...happening, operator: null })
}

/** All that was asked of EKS and of Auto Scaling to change in the group, refused or not. */
async function changes(place: Place): Promise<readonly string[]> {
  const filter = { access: 'write' } as const
  return [...(await place.cloud.calls(place.inEks(), filter)), ...(await place.cloud.scalingCalls(place.inEks(), filter))].map(
    ({ action, sequence }) => `${sequence} ${action}`,
  )
}

/** Waits until the group was looked at so many times afresh: all passes but the last have ended then. */
async function passes(place: Place, count: number): Promise<void> {
  const group = place.group(place.namespace, 'workers')
  for (let index = 0; index <= count; index += 1) {
    const seen = (await place.cloud.calls(place.inEks(), { action: 'DescribeNodegroup' })).length
    await group.annotate({ refresh: String(index) })
    await eventually(async () => expect((await place.cloud.calls(place.inEks(), { action: 'DescribeNodegroup' })).length).toBeGreaterThan(seen))
  }
}

describe.concurrent('the Auto Scaling group is the authority', () => {
  test('B1: a group that another service operates is not touched, says by whom, and goes on once it is released', async ({ place }) => {
    const { group, nodes } = await withNodes(place, { sizeOwner: 'Spec', desiredSize: 2 })
    const release = await lock(place)
    const before = await changes(place)
    const says = [service, 'release it there']
    for (const desiredSize of [3, 1]) {
      await scaleTo(place, desiredSize)
      const { metadata } = await group.read()
      await group.until(({ status }) => expect(status?.observedGeneration).toBe(metadata.generation))
      await group.condition('Stalled', { status: 'True', reason: 'GroupLockedByOperator', says })
    }
    await passes(place, 2)
    expect((await group.read()).status?.removals).toBeUndefined()
    expect((await place.nodesOf(place.inEks())).map(({ metadata: { uid }, spec: { taints = [] } }) => [uid, taints])).toEqual(
      nodes.map(({ metadata: { uid } }) => [uid, []]),
    )
    expect(await changes(place)).toEqual(before)
    await release()
    await group.annotate({ retry: 'released' })
    await group.until(({ status }) => expect(status?.nodes?.summary).toBe('1/1'))
    await group.ready()
  })

  test('B1: once another service operates the group no pod is evicted any more, and P10: an order that is taken back gets its node back', async ({ place }) => {
    const { group, nodes } = await withNodes(place, { sizeOwner: 'Orders', desiredSize: 2 })
    const [node] = nodes
    const team = new Workload(place.client, place.namespace)
    const lift = await team.runGuarded('guarded', node)
    await order(place, group, { desiredSize: 1, removals: [node] })
    await group.condition('Reconciling', { reason: 'DrainBlocked' })
    const release = await lock(place)
    await group.until(({ status }) => expect(status?.removals).toMatchObject([{ state: 'Draining', message: expect.stringContaining(`waits for ${service}`) }]))
    await group.condition('Stalled', { reason: 'GroupLockedByOperator' })
    const before = await changes(place)
    await lift()
    await team.run('late', node) // nobody was refused its eviction yet
    await passes(place, 2)
    expect([await team.isThere('guarded'), await team.isThere('late')]).toEqual([true, true])
    await order(place, group, { desiredSize: 2, removals: [] })
    await group.until(({ status }) => expect(status?.removals).toBeUndefined())
    const after = (await place.nodesOf(place.inEks())).find(({ metadata }) => metadata.uid === node.metadata.uid)
    expect(after === undefined ? ['gone'] : marksOf(after)).toEqual([])
    expect(await place.events(group, 'NodeGivenBack')).toEqual([expect.stringContaining(node.metadata.name)])
    expect((await group.read()).status?.history?.at(-1)).toMatchObject({ from: node.metadata.name, outcome: 'GivenBack', orderUID: orderUid })
    expect([await team.isThere('guarded'), await team.isThere('late')]).toEqual([true, true])
    expect(await changes(place)).toEqual(before)
    await release()
    await group.ready()
  })
})

test.concurrent('A4: nothing is replaced whole: settings that the spec does not speak of, and tags of others, stay beside a change of ours', async ({
  place,
}) => {
  const group = await place.have({ tags: { cost: '1' } })
  const { status } = await group.ready()
  const { nodeGroups } = place.cloud.console
  const foreign = {
    labels: { set: { 'example.com/by': 'hand' }, remove: [] },
    taints: { set: [{ key: 'example.com/hold', effect: 'NoExecute' }], remove: [] },
  } as const
  await nodeGroups.updateConfig('demo', place.inEks(), foreign, { token: place.inEks(), signal })
  await nodeGroups.tag(status?.arn ?? '', { 'example.com/by': 'hand' }, { signal })
  await group.until(async () => expect((await nodeGroups.describe('demo', place.inEks(), { signal }))?.state).toBe('Active'))
  await group.apply(anEksNodeGroup({ nodeGroupName: place.inEks(), update: { maxUnavailable: 2 }, tags: { cost: '2' } }))
  await group.until(async () => {
    const seen = await nodeGroups.describe('demo', place.inEks(), { signal })
    expect(seen).toMatchObject({ update: { maxUnavailable: 2 }, labels: { 'example.com/by': 'hand' }, tags: { cost: '2', 'example.com/by': 'hand' } })
    expect(seen?.taints).toEqual([{ key: 'example.com/hold', effect: 'NoExecute' }])
  })
  await group.ready()
})

// By itself: it stops the clock of the cloud.
test('B1: its numbers are shown and decided on while DescribeNodegroup still tells older ones; bounds that these do not fit wait', async ({ place }) => {
  const group = await place.have({ scaling: { minSize: 0, maxSize: 5, sizeOwner: 'External' } })
  await group.ready()
  await place.cloud.clock({ pause: true }) // EKS goes on telling what it knew
  try {
    await place.cloud.happen({ order: 'SetCapacity', cluster: 'demo', nodegroup: place.inEks(), desiredSize: 3 })
    await group.until(({ status }) => expect(status?.scaling).toMatchObject({ desiredSize: 3, minSize: 0, maxSize: 5 }))
    expect((await place.cloud.console.nodeGroups.describe('demo', place.inEks(), { signal }))?.scaling.desiredSize).toBe(0)
    await group.apply(anEksNodeGroup({ nodeGroupName: place.inEks(), scaling: { minSize: 2, sizeOwner: 'External' } }))
    const says = ['setting minSize 2 waits until EKS has noticed', 'it still tells minSize 0, desiredSize 0, maxSize'] // from 0 it would ask for 2 nodes
    await group.condition('Reconciling', { status: 'True', reason: 'Scaling', says })
    expect(await numbersSent(place)).toEqual([]) // EKS would refuse it
  } finally {
    await place.cloud.clock({ resume: true })
  }
  await group.until(({ status }) => expect(status).toMatchObject({ nodes: { summary: '3/3' }, scaling: { minSize: 2, desiredSize: 3 } }))
  await group.ready()
  expect(await numbersSent(place)).toEqual([{ minSize: 2 }])
})
