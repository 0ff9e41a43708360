import { describe, expect } from 'vitest'
import { finalizer } from '../../../src/runtime/finalizer.ts'
import { anEksNodeGroup, subnets } from '../../support/builders.ts'
import { test } from '../../support/world.ts'

const { signal } = new AbortController()

describe.concurrent('the life of a group', () => {
  test('B2: it is made with 0 nodes, then gets its numbers, then is Ready', async ({ place }) => {
    const group = await place.have({ scaling: { minSize: 1, maxSize: 4 } })
    const { status, metadata } = await group.ready()
    expect(status).toMatchObject({
      state: 'Active',
      scaling: { minSize: 1, maxSize: 4, desiredSize: 1, desiredSizeOwner: 'Orders' },
      nodes: { running: 1, joined: 1, ready: 1, summary: '1/1' },
      history: [
        { operation: 'Create', outcome: 'Succeeded' },
        { operation: 'UpdateScaling', from: '0/0/4', to: '1/1/4', outcome: 'Succeeded' },
      ],
    })
    expect(metadata.finalizers).toContain(finalizer)
    const { managedFields } = metadata as { readonly managedFields?: readonly object[] }
    expect(managedFields).toContainEqual(expect.objectContaining({ manager: 'tidegate-finalizer', operation: 'Apply' }))
    expect(managedFields).toContainEqual(expect.objectContaining({ manager: 'tidegate-eksnodegroups', operation: 'Apply', subresource: 'status' }))
    const writes = await place.cloud.calls(place.inEks(), { access: 'write' })
    expect(writes.map(({ action, input }) => [action, input['scalingConfig']])).toEqual([
      ['CreateNodegroup', { minSize: 0, maxSize: 4, desiredSize: 0 }],
      ['UpdateNodegroupConfig', { minSize: 1, desiredSize: 1 }],
    ])
    const [node, ...others] = await place.nodesOf(place.inEks())
    expect(others).toEqual([])
    expect(node?.status?.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }))
    expect((await place.cloud.needGroup(place.inEks())).tags).toMatchObject({
      'tidegate.io/owner': metadata.uid,
      'tidegate.io/object': `${place.namespace}/workers`,
    })
  })

  test('kubectl scale moves it, and the same file applied again does not move it back', async ({ place }) => {
    const spec = { nodeGroupName: place.inEks(), subnetIds: [...subnets], scaling: { minSize: 0, maxSize: 6 } }
    const group = await place.have(spec)
    const filled = await group.until(({ spec: { scaling } }) => expect(scaling?.desiredSize).toBe(0))
    const { managedFields } = filled.metadata as { readonly managedFields?: readonly { readonly manager: string }[] }
    const git = managedFields?.find(({ manager }) => manager === 'git')
    expect(JSON.stringify(git)).toContain('f:maxSize')
    expect(JSON.stringify(git)).not.toContain('f:desiredSize')
    await group.condition('NodesReady', { status: 'True', reason: 'ScaledToZero' })

    await place.kubectl('scale', 'eksnodegroup/workers', '-n', place.namespace, '--replicas=3')
    const grown = await group.until(({ status }) => expect(status).toMatchObject({ nodes: { summary: '3/3' } }))
    expect(grown.status).toMatchObject({ scaling: { minSize: 0, maxSize: 6, desiredSize: 3 }, zones: [{ running: 1 }, { running: 1 }, { running: 1 }] })
    const { scaling } = await place.cloud.needGroup(place.inEks())
    expect(scaling).toMatchObject({ desiredSize: 3 })

    await group.apply(anEksNodeGroup({ ...spec, scaling: { minSize: 0, maxSize: 7 } }))
    const again = await group.until(({ status }) => expect(status?.scaling?.maxSize).toBe(7))
    expect(again.spec.scaling?.desiredSize).toBe(3)
    const updates = (await place.cloud.calls(place.inEks(), { action: 'UpdateNodegroupConfig' })).map(({ input }) => input['scalingConfig'])
    expect(updates).toEqual([{ desiredSize: 3 }, { maxSize: 7 }])
  })

  test('under sizeOwner Spec the number in the file rules, also against somebody in the console', async ({ place }) => {
    const group = await place.have({ scaling: { minSize: 0, maxSize: 5, desiredSize: 1, sizeOwner: 'Spec' } })
    await group.until(({ status }) => expect(status).toMatchObject({ nodes: { summary: '1/1' } }))
    await group.apply(anEksNodeGroup({ nodeGroupName: place.inEks(), scaling: { minSize: 0, maxSize: 5, desiredSize: 2, sizeOwner: 'Spec' } }))
    await group.until(({ status }) => expect(status).toMatchObject({ scaling: { desiredSizeOwner: 'Spec' }, nodes: { summary: '2/2' } }))
    await group.ready()
    await place.cloud.console.nodeGroups.updateScaling('demo', place.inEks(), { desiredSize: 0 }, { token: 'lowered-by-hand', signal })
    const healed = await group.until(({ status }) => {
      expect(status?.history?.filter(({ operation }) => operation === 'UpdateScaling')).toHaveLength(3)
      expect(status).toMatchObject({ nodes: { summary: '2/2' } })
    })
    expect(healed.status?.scaling?.desiredSize).toBe(2)
  })

  test('B3: under sizeOwner External no number is ever sent but to lift it to the minimum', async ({ place }) => {
    const group = await place.have({ scaling: { minSize: 1, maxSize: 5, sizeOwner: 'External' } })
    const { spec } = await group.until(({ status }) => expect(status).toMatchObject({ nodes: { summary: '1/1' } }))
    expect(spec.scaling?.desiredSize).toBeUndefined()
    await group.ready()
    await place.cloud.console.nodeGroups.updateScaling('demo', place.inEks(), { desiredSize: 3 }, { token: 'autoscaler', signal })
    const { status } = await group.until((object) => expect(object.status).toMatchObject({ nodes: { summary: '3/3' } }))
    expect(status?.scaling).toMatchObject({ desiredSize: 3, desiredSizeOwner: 'External' })
    await group.apply(anEksNodeGroup({ nodeGroupName: place.inEks(), scaling: { minSize: 1, maxSize: 4, sizeOwner: 'External' } }))
    await group.until((object) => expect(object.status?.scaling?.maxSize).toBe(4))
    const updates = (await place.cloud.calls(place.inEks(), { action: 'UpdateNodegroupConfig' })).map(({ input }) => input['scalingConfig'])
    expect(updates).toEqual([{ minSize: 1, desiredSize: 1 }, { desiredSize: 3 }, { maxSize: 4 }])
  })

  test('while it is suspended nothing is changed in AWS', async ({ place }) => {
    const group = await place.have({ suspend: true, scaling: { minSize: 1, maxSize: 3 } })
    await group.condition('Paused', { status: 'True', reason: 'Suspended', says: ['spec.suspend'] })
    expect(await place.cloud.calls(place.inEks(), { access: 'write' })).toEqual([])
    await group.apply(anEksNodeGroup({ nodeGroupName: place.inEks(), scaling: { minSize: 1, maxSize: 3 } }))
    const { status } = await group.ready()
    expect(status?.conditions?.map(({ type }) => type)).not.toContain('Paused')
  })

  test('what somebody deletes in the console is made again', async ({ place }) => {
    const group = await place.have({ scaling: { minSize: 1, maxSize: 3 } })
    const before = (await group.ready()).status?.arn
    await place.cloud.console.nodeGroups.delete('demo', place.inEks(), { signal })
    const { status } = await group.until((object) => {
      expect(object.status?.arn).toBeDefined()
      expect(object.status?.arn).not.toBe(before)
      expect(object.status).toMatchObject({ nodes: { summary: '1/1' } })
    })
    expect(status?.history?.map(({ operation }) => operation)).toEqual(['Create', 'UpdateScaling', 'Create', 'UpdateScaling'])
    expect(await place.cloud.groups()).toContainEqual(expect.objectContaining({ name: place.inEks(), status: 'ACTIVE' }))
  })
})
