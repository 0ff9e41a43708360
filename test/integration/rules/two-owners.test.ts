import { describe, expect } from 'vitest'
import type { Node } from '../../../src/kube/objects.ts'
import { autoscalerWrites } from '../../support/autoscaler.ts'
import { anEksNodeGroup } from '../../support/builders.ts'
import { eventually } from '../../support/eventually.ts'
import { instanceOf } from '../../support/order.ts'
import type { Call } from '../../support/simulator.ts'
import { Workload } from '../../support/workload.ts'
import { test } from '../../support/world.ts'

/** The call that ends the instance of a node, and takes it off the number. */
function ended(node: Node): readonly unknown[] {
  return ['TerminateInstanceInAutoScalingGroup', { InstanceId: instanceOf(node), ShouldDecrementDesiredCapacity: true }]
}

describe.concurrent('who owns the number', () => {
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

  test.for(['Spec', 'External'] as const)(
    'B3: under sizeOwner %s the nodes above a lowered maximum leave by name, and then the maximum is sent',
    async (sizeOwner, { place }) => {
      const name = place.inEks()
      const scaling = { sizeOwner, ...(sizeOwner === 'Spec' ? { desiredSize: 3 } : {}) }
      const group = await place.have({ scaling: { ...scaling, maxSize: 3 } })
      await group.ready()
      if (sizeOwner === 'External') await place.cloud.happen({ order: 'SetCapacity', cluster: 'demo', nodegroup: name, desiredSize: 3 })
      await group.until(({ status }) => expect(status?.nodes?.summary).toBe('3/3'))
      const [busy, guarded, idle] = (await place.nodesOf(name)) as [Node, Node, Node]
      const team = new Workload(place.client, place.namespace)
      await team.run('one', busy)
      await team.run('two', busy)
      const lift = await team.runGuarded('guarded', guarded)
      const instances = [busy, guarded, idle].map(instanceOf)
      const writes = async (): Promise<readonly Call[]> => {
        const { cloud } = place
        const calls = [...(await cloud.calls(name, { access: 'write' })), ...(await cloud.scalingCalls(name, { access: 'write', instances }))]
        return calls.toSorted((a, b) => a.sequence - b.sequence)
      }
      const before = (await writes()).length

      await group.apply(anEksNodeGroup({ nodeGroupName: name, scaling: { ...scaling, maxSize: 1 } }))
      await group.condition('WithinLimits', { status: 'False', reason: 'AboveMaximum' })
      await group.condition('Reconciling', { status: 'True', reason: 'DrainBlocked', says: [guarded.metadata.name, 'guarded', 'PodDisruptionBudget'] })
      await group.until(({ status }) => expect(status).toMatchObject({ nodes: { summary: '2/2' }, scaling: { desiredSize: 2, maxSize: 3 } }))
      await lift()
      await group.until(({ status }) => expect(status).toMatchObject({ nodes: { summary: '1/1' }, scaling: { desiredSize: 1, maxSize: 1 } }))

      // Kubernetes removes the Node of a machine that has ended a little later.
      await eventually(async () => expect((await place.nodesOf(name)).map(({ metadata: { uid } }) => uid)).toEqual([busy.metadata.uid]))
      const done = (await writes()).slice(before).map(({ action, input }) => [action, input['scalingConfig'] ?? input])
      expect(done).toEqual([ended(idle), ended(guarded), ['UpdateNodegroupConfig', { maxSize: 1 }]])
      // Only the number of the spec still contradicts its maximum.
      await group.condition('WithinLimits', sizeOwner === 'Spec' ? { status: 'False', reason: 'AboveMaximum' } : { status: 'True', reason: 'InsideLimits' })
    },
  )
})
