import { expect } from 'vitest'
import { autoscalerWrites } from '../../support/autoscaler.ts'
import { anEksNodeGroup } from '../../support/builders.ts'
import { instanceOf } from '../../support/order.ts'
import { test } from '../../support/world.ts'

test('B3: beside a Cluster Autoscaler the number of the spec is told to have two owners, and is not fought for', async ({ place }) => {
  const group = await place.have({ scaling: { sizeOwner: 'Spec', desiredSize: 1 } })
  await group.ready()
  const scalingGroup = (await place.cloud.needGroup(place.inEks())).scaling?.name ?? ''
  await autoscalerWrites(place.client, ['another-group', scalingGroup])
  await group.condition('InSync', { status: 'False', reason: 'TwoOwnersOfCount', says: [scalingGroup, 'sizeOwner to External'] })
  await group.condition('Ready', { status: 'False', reason: 'TwoOwnersOfCount' })

  // it scales out and in; nothing of that is undone
  await place.cloud.happen({ order: 'SetCapacity', cluster: 'demo', nodegroup: place.inEks(), desiredSize: 3 })
  const grown = await group.until(({ status }) => expect(status).toMatchObject({ nodes: { summary: '3/3' }, scaling: { desiredSizeOwner: 'External' } }))
  expect(grown.status?.removals).toBeUndefined()
  const instances = (await place.nodesOf(place.inEks())).map(instanceOf)
  expect(instances).toHaveLength(3)
  await place.kubectl('scale', 'eksnodegroup/workers', '-n', place.namespace, '--replicas=2')
  const { status } = await group.until((object) => expect(object.status?.observedGeneration).toBe(object.metadata.generation))
  expect(status?.removals).toBeUndefined()
  const before = (await place.cloud.calls(place.inEks(), { access: 'write' })).length
  expect((await place.cloud.needGroup(place.inEks())).scaling).toMatchObject({ desiredSize: 3 })

  // a way out: the autoscaler alone decides
  await group.apply(anEksNodeGroup({ nodeGroupName: place.inEks(), scaling: { sizeOwner: 'External' } }))
  await group.condition('InSync', { status: 'True', reason: 'NoDrift' })
  await group.ready()
  expect(await place.cloud.calls(place.inEks(), { access: 'write' })).toHaveLength(before)
  const names = new Set([scalingGroup, ...instances])
  const ofScaling = (await place.cloud.allCalls()).filter(({ service, access }) => service === 'autoscaling' && access === 'write')
  expect(ofScaling.filter(({ input }) => names.has(String(input['AutoScalingGroupName'] ?? input['InstanceId'])))).toEqual([])
})

test('B3: under sizeOwner External the number is sent only where it lies outside new bounds', async ({ place }) => {
  const group = await place.have({ scaling: { minSize: 0, maxSize: 4, sizeOwner: 'External' } })
  await group.ready()
  await place.cloud.happen({ order: 'SetCapacity', cluster: 'demo', nodegroup: place.inEks(), desiredSize: 2 })
  await group.until(({ status }) => expect(status).toMatchObject({ nodes: { summary: '2/2' } }))
  await group.apply(anEksNodeGroup({ nodeGroupName: place.inEks(), scaling: { minSize: 1, maxSize: 3, sizeOwner: 'External' } }))
  await group.until(({ status }) => expect(status?.scaling).toMatchObject({ minSize: 1, maxSize: 3, desiredSize: 2 }))
  await group.apply(anEksNodeGroup({ nodeGroupName: place.inEks(), scaling: { minSize: 3, maxSize: 4, sizeOwner: 'External' } }))
  await group.until(({ status }) => expect(status).toMatchObject({ scaling: { minSize: 3, maxSize: 4, desiredSize: 3 }, nodes: { summary: '3/3' } }))
  const sent = (await place.cloud.calls(place.inEks(), { action: 'UpdateNodegroupConfig' })).map(({ input }) => input['scalingConfig'])
  expect(sent).toEqual([
    { minSize: 1, maxSize: 3 },
    { minSize: 3, maxSize: 4, desiredSize: 3 },
  ])
})
