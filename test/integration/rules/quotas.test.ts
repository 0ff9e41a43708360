import { describe, expect } from 'vitest'
import { systemClock } from '../../../src/lib/clock.ts'
import { anEksNodeGroup, nodeRole, subnets } from '../../support/builders.ts'
import { eventually } from '../../support/eventually.ts'
import { type Place, operatorSpeed, test } from '../../support/world.ts'

const { signal } = new AbortController()

/** One minute of the operator's time: what is tried again by itself is tried by then. */
const minuteMs = 60_000 / operatorSpeed

/** The shared reads of counts so far. */
async function sharedReads({ cloud }: Place): Promise<number> {
  return (await cloud.allCalls()).filter(({ action, input }) => action === 'DescribeAutoScalingGroups' && input['Filters'] !== undefined).length
}

describe.concurrent('quotas of nodes', () => {
  test('B10: more than 100 nodes need allowLarge, at apply and by kubectl scale', async ({ place }) => {
    const large = { minSize: 0, maxSize: 500, sizeOwner: 'Spec', desiredSize: 101 } as const
    await expect(place.have({ scaling: large })).rejects.toThrow(/allowLarge/)
    const group = await place.have({ scaling: { minSize: 0, maxSize: 500 } })
    await group.until(({ spec }) => expect(spec.scaling?.desiredSize).toBe(0))
    await expect(place.kubectl('scale', 'eksnodegroup/workers', '-n', place.namespace, '--replicas=101')).rejects.toThrow(/allowLarge/)
    await group.ready()
  })

  test('B10: a quota of the account that keeps instances away is not called a shortage', async ({ place }) => {
    const message = 'You have requested more vCPU capacity than your current vCPU limit of 32 allows for the instance bucket.'
    const lift = await place.cloud.fault({ effect: 'NoCapacity', match: { instanceType: 'm6i.4xlarge' }, message })
    const group = await place.have({ instanceTypes: ['m6i.4xlarge'], scaling: { minSize: 1, maxSize: 2 } })
    await group.condition('NodesReady', { status: 'False', reason: 'QuotaReached', says: ['ask AWS for a higher one', 'vCPU limit of 32'] })
    await group.condition('Reconciling', { status: 'True', reason: 'QuotaReached' })
    await lift()
    await group.ready()
  })
})

// One after the other: one counts the reads that all groups share, the other fills the cluster.
describe('quotas that EKS says', () => {
  test('B10: more nodes than the quota of a group are refused by EKS: said once, with the remedy, and not asked again all the while', async ({ place }) => {
    const scaling = { minSize: 0, maxSize: 500, sizeOwner: 'Spec', allowLarge: true } as const
    const group = await place.have({ scaling: { ...scaling, desiredSize: 0 } })
    await group.ready()
    // The first shared read of counts that shows the new group is a change, and a change is worth another try; a pass may have asked for one of the two.
    const before = await sharedReads(place)
    await eventually(async () => expect(await sharedReads(place)).toBeGreaterThan(before + 1))
    await group.apply(anEksNodeGroup({ nodeGroupName: place.inEks(), scaling: { ...scaling, desiredSize: 451 } }))
    await group.condition('Stalled', { status: 'True', reason: 'QuotaReached', says: ['limit of 450'] })
    await systemClock.sleep(minuteMs)
    expect(await place.cloud.calls(place.inEks(), { action: 'UpdateNodegroupConfig' })).toHaveLength(1)
    await group.apply(anEksNodeGroup({ nodeGroupName: place.inEks(), scaling: { ...scaling, desiredSize: 1 } }))
    await group.until(({ status }) => expect(status?.nodes?.summary).toBe('1/1'))
  })

  test('B10: the group beyond the quota of a cluster waits with the reason, and is made once there is room', async ({ place }) => {
    const { nodeGroups } = place.cloud.console
    const creation = { subnetIds: [subnets[0]], nodeRoleArn: nodeRole, scaling: { minSize: 0, maxSize: 1, desiredSize: 0 }, tags: {} }
    const others = Array.from({ length: 30 - (await place.cloud.groups()).length }, (_, n) => place.inEks(`other-${n}`))
    await Promise.all(others.map(async (name) => await nodeGroups.create('demo', { ...creation, name }, { token: name, signal })))
    const group = await place.have()
    await group.condition('Stalled', { status: 'True', reason: 'QuotaReached', says: ['limit on the number of nodegroups'] })
    await group.condition('Ready', { status: 'False', reason: 'QuotaReached' })
    await systemClock.sleep(minuteMs)
    expect(await place.cloud.calls(place.inEks(), { action: 'CreateNodegroup' })).toHaveLength(1)
    await group.until(async () => expect((await place.cloud.groups()).filter(({ status }) => status === 'CREATING')).toEqual([]))
    await Promise.all(others.map(async (name) => await nodeGroups.delete('demo', name, { signal })))
    await group.until(async () => expect((await place.cloud.groups()).filter(({ name }) => others.includes(name))).toEqual([]))
    await group.annotate({ retry: 'there is room' })
    await group.ready()
  })
})
