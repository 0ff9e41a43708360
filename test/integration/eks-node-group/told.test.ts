import { describe, expect } from 'vitest'
import { aTargetCluster } from '../../support/builders.ts'
import { order, orderUid } from '../../support/order.ts'
import { test } from '../../support/world.ts'
import { withNodes } from './sized.ts'

describe.concurrent('what is told', () => {
  test('cost follows the prices of the TargetCluster and the instances that run; without a price it is unknown', async ({ place }) => {
    const target = place.target('demo')
    const group = await place.have({ instanceTypes: ['m6i.large'], scaling: { minSize: 2, maxSize: 3 } })
    const { status } = await group.ready()
    expect(status?.cost).toEqual({ basis: 'Unknown' })

    await target.apply(aTargetCluster({ prices: [{ instanceType: 'm6i.large', hourly: '0.096', currency: 'USD' }] }))
    const priced = await group.until((object) => expect(object.status?.cost).toMatchObject({ basis: 'Override', hourly: '0.192', currency: 'USD' }))
    expect(priced.status?.cost?.pricedAt).toBeDefined()

    await place.kubectl('scale', 'eksnodegroup/workers', '-n', place.namespace, '--replicas=3')
    await group.until((object) => expect(object.status?.cost).toMatchObject({ hourly: '0.288' }))

    await target.apply(aTargetCluster())
    await group.until((object) => expect(object.status?.cost).toEqual({ basis: 'Unknown' }))
  })

  test('the history says under which field manager a number was asked for', async ({ place }) => {
    const group = await place.have({ scaling: { minSize: 0, maxSize: 3 } })
    await group.ready()
    await place.kubectl('scale', 'eksnodegroup/workers', '-n', place.namespace, '--replicas=2')
    const { status } = await group.until((object) => expect(object.status?.history?.at(-1)).toMatchObject({ operation: 'UpdateScaling', outcome: 'Succeeded' }))
    expect(status?.history?.at(-1)).toMatchObject({ from: '0/0/3', to: '0/2/3', fieldManager: 'kubectl' })
    await group.ready()
    await place.kubectl('scale', 'eksnodegroup/workers', '-n', place.namespace, '--replicas=1')
    const removed = { operation: 'RemoveNode', outcome: 'Succeeded', fieldManager: 'kubectl' }
    await group.until((object) => expect(object.status?.history).toContainEqual(expect.objectContaining(removed)))
  })

  test('the history says for which order a node went', async ({ place }) => {
    const { group, nodes } = await withNodes(place, { sizeOwner: 'Orders', desiredSize: 1 })
    await order(place, group, { desiredSize: 0, removals: nodes })
    const removed = { operation: 'RemoveNode', from: nodes[0].metadata.name, outcome: 'Succeeded' }
    await group.until(({ status }) => expect(status?.history).toContainEqual({ time: expect.any(String), ...removed, orderUID: orderUid }))
    await order(place, group, { desiredSize: 0, removals: [] })
  })
})
