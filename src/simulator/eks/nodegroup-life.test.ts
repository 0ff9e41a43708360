import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { instancesOf } from '../autoscaling/members.ts'
import { readScenario } from '../scenario/scenario.ts'
import type { Nodegroup } from '../state.ts'
import { testRegion } from '../test-region.ts'
import { createNodegroup } from './create-nodegroup.ts'
import { scalingGroupOf } from './lookup.ts'
import { startDeletion } from './nodegroup-life.ts'
import type { CreateNodegroupInput } from './schemas.ts'
import { updateNodegroupConfig } from './update-nodegroup.ts'

const input: CreateNodegroupInput = {
  clusterName: 'demo',
  nodegroupName: 'workers',
  subnets: ['subnet-0a1b2c3d4e5f60001', 'subnet-0a1b2c3d4e5f60002', 'subnet-0a1b2c3d4e5f60003'],
  nodeRole: 'arn:aws:iam::111122223333:role/demo-node',
  instanceTypes: ['m6i.4xlarge'],
}

const sizes = (desiredSize: number): CreateNodegroupInput => ({ ...input, scalingConfig: { minSize: 0, maxSize: 9, desiredSize } })
const update = (change: object) => ({ clusterName: 'demo', nodegroupName: 'workers', ...change })

function codes(nodegroup: Nodegroup): readonly string[] {
  return nodegroup.healthIssues.map(({ code }) => code)
}

describe('a node group', () => {
  it('is CREATING until its nodes have joined, and ACTIVE then', () => {
    const { region, cluster, advance } = testRegion()
    const nodegroup = createNodegroup(region, cluster, sizes(2))
    const history = [nodegroup.status]
    advance(59)
    history.push(nodegroup.status)
    advance(1)
    history.push(nodegroup.status)
    expect(history).toEqual(['CREATING', 'CREATING', 'ACTIVE'])
  })

  it('becomes CREATE_FAILED when nothing could be launched, and stays so when capacity comes back', () => {
    const { region, cluster, faults, advance } = testRegion()
    const fault = faults.add({ effect: 'NoCapacity' })
    const nodegroup = createNodegroup(region, cluster, sizes(1))
    advance(901)
    expect([nodegroup.status, codes(nodegroup)]).toEqual(['CREATE_FAILED', ['AsgInstanceLaunchFailures']])
    faults.clear({ id: fault.id })
    advance(600)
    expect(nodegroup.status).toBe('CREATE_FAILED')
  })

  it('is DEGRADED by a failed launch also after the number went back, until a launch succeeds', () => {
    const { region, cluster, faults, advance } = testRegion()
    const nodegroup = createNodegroup(region, cluster, sizes(0))
    advance(60)
    const fault = faults.add({ effect: 'NoCapacity' })
    updateNodegroupConfig(region, cluster, nodegroup, update({ scalingConfig: { desiredSize: 1 } }))
    advance(20)
    expect([nodegroup.status, codes(nodegroup)]).toEqual(['DEGRADED', ['AsgInstanceLaunchFailures']])
    updateNodegroupConfig(region, cluster, nodegroup, update({ scalingConfig: { desiredSize: 0 } }))
    faults.clear({ id: fault.id })
    advance(3600)
    expect(nodegroup.status).toBe('DEGRADED')
    updateNodegroupConfig(region, cluster, nodegroup, update({ scalingConfig: { desiredSize: 1 } }))
    advance(60)
    expect([nodegroup.status, codes(nodegroup)]).toEqual(['ACTIVE', []])
  })

  it('says that a subnet has no address left', async () => {
    const { region, cluster, advance } = testRegion(await readScenario(join(import.meta.dirname, '../scenarios/short-of-addresses.yaml')))
    const nodegroup = createNodegroup(region, cluster, {
      ...sizes(0),
      subnets: ['subnet-0b000000000000001'],
      nodeRole: 'arn:aws:iam::444455556666:role/eks/nodes',
    })
    advance(60)
    updateNodegroupConfig(region, cluster, nodegroup, update({ scalingConfig: { desiredSize: 4 } }))
    advance(60)
    const group = scalingGroupOf(region, nodegroup)
    expect([nodegroup.status, codes(nodegroup), group?.instanceIds.size]).toEqual(['DEGRADED', ['InsufficientFreeAddresses'], 3])
    expect(group?.activities.at(-1)?.statusMessage).toContain("not enough free addresses in subnet 'subnet-0b000000000000001'")
  })

  it('takes one update at a time', () => {
    const { region, cluster, advance } = testRegion()
    const nodegroup = createNodegroup(region, cluster, sizes(0))
    const change = update({ labels: { addOrUpdateLabels: { a: 'b' } } })
    const busy = expect.objectContaining({
      code: 'ResourceInUseException',
      status: 409,
      message: 'Nodegroup cannot be updated as it is currently not in Active State',
    }) as Error
    expect(() => updateNodegroupConfig(region, cluster, nodegroup, change)).toThrow(busy)
    advance(60)
    updateNodegroupConfig(region, cluster, nodegroup, change)
    expect(() => updateNodegroupConfig(region, cluster, nodegroup, change)).toThrow(busy)
    advance(15)
    updateNodegroupConfig(region, cluster, nodegroup, change)
  })

  it('changes labels and taints as asked; a taint is known by key and effect', () => {
    const { region, cluster, advance } = testRegion()
    const taints = [
      { key: 'a', value: '1', effect: 'NO_SCHEDULE' as const },
      { key: 'a', value: '1', effect: 'NO_EXECUTE' as const },
    ]
    const nodegroup = createNodegroup(region, cluster, { ...sizes(0), labels: { x: '1', y: '1' }, taints })
    advance(60)
    updateNodegroupConfig(
      region,
      cluster,
      nodegroup,
      update({
        labels: { addOrUpdateLabels: { z: '2' }, removeLabels: ['x'] },
        taints: { addOrUpdateTaints: [{ key: 'a', value: '2', effect: 'NO_SCHEDULE' }], removeTaints: [{ key: 'b', effect: 'NO_SCHEDULE' }] },
      }),
    )
    expect(nodegroup.labels).toEqual({ y: '1', z: '2' })
    expect(nodegroup.taints).toEqual([taints[1], { key: 'a', value: '2', effect: 'NO_SCHEDULE' }])
  })

  it('replaces a number by a percentage, and never takes both', () => {
    const { region, cluster, advance } = testRegion()
    const nodegroup = createNodegroup(region, cluster, { ...sizes(0), nodeRepairConfig: { enabled: true, maxParallelNodesRepairedCount: 2 } })
    advance(60)
    const both = { maxUnavailable: 1, maxUnavailablePercentage: 10 }
    expect(() => updateNodegroupConfig(region, cluster, nodegroup, update({ updateConfig: both }))).toThrow('cannot be set together')
    const shares = { updateConfig: { maxUnavailablePercentage: 10, updateStrategy: 'MINIMAL' }, nodeRepairConfig: { maxParallelNodesRepairedPercentage: 5 } }
    updateNodegroupConfig(region, cluster, nodegroup, update(shares))
    expect(nodegroup.updateConfig).toEqual({ maxUnavailablePercentage: 10, updateStrategy: 'MINIMAL' })
    expect(nodegroup.nodeRepairConfig).toEqual({ enabled: true, maxParallelNodesRepairedPercentage: 5 })
  })

  it('runs the terminate hook when its number is lowered, in the zone that has most', () => {
    const { region, cluster, advance } = testRegion(undefined, () => true)
    const nodegroup = createNodegroup(region, cluster, sizes(4))
    advance(120)
    updateNodegroupConfig(region, cluster, nodegroup, update({ scalingConfig: { desiredSize: 3 } }))
    const group = scalingGroupOf(region, nodegroup)
    if (group === undefined) throw new Error('no scaling group')
    const [leaving, ...others] = instancesOf(region, group).filter(({ lifecycle }) => lifecycle === 'Terminating:Wait')
    expect([leaving?.zone, leaving?.drain?.state, others]).toEqual(['us-west-2a', 'Evicting', []])
    advance(960)
    expect(instancesOf(region, group)).toHaveLength(3)
  })

  it('goes with its instances and its scaling group, also with protected ones, and gives their addresses back', () => {
    const { region, cluster, advance } = testRegion()
    const nodegroup = createNodegroup(region, cluster, sizes(3))
    advance(120)
    const group = scalingGroupOf(region, nodegroup)
    if (group === undefined) throw new Error('no scaling group')
    for (const instance of instancesOf(region, group)) instance.protectedFromScaleIn = true
    startDeletion(region, nodegroup)
    expect(cluster.nodegroups.has('workers')).toBe(true)
    advance(120)
    expect([cluster.nodegroups.size, region.scalingGroups.size]).toEqual([0, 0])
    expect([...region.subnets.values()].map(({ freeAddresses }) => freeAddresses)).toEqual([8187, 8187, 8187])
  })

  it('of a reset account has no future', () => {
    const { world, region, cluster, advance } = testRegion()
    const nodegroup = createNodegroup(region, cluster, sizes(1))
    world.reset(region.account.id)
    advance(600)
    expect([nodegroup.status, world.region(region.account.id, region.name).clusters.get('demo')?.nodegroups.size]).toEqual(['CREATING', 0])
  })
})
