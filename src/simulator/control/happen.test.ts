import { describe, expect, it } from 'vitest'
import { creationFault } from '../eks/rules.ts'
import { createNodegroup } from '../eks/create-nodegroup.ts'
import { shownNumbers } from '../eks/lookup.ts'
import { testGroup } from '../test-group.ts'
import { testRegion } from '../test-region.ts'
import { happen } from './happen.ts'

const group = { cluster: 'demo', nodegroup: 'workers' }
const input = {
  clusterName: 'demo',
  nodegroupName: 'workers',
  subnets: ['subnet-0a1b2c3d4e5f60001'],
  nodeRole: 'arn:aws:iam::111122223333:role/demo-node',
  scalingConfig: { minSize: 0, maxSize: 3, desiredSize: 0 },
}

describe('happen', () => {
  it('breaks and mends a node', () => {
    const { world, members } = testGroup(1)
    const [instance] = members()
    const instanceId = instance?.id ?? ''
    happen(world, { order: 'BreakNode', instanceId })
    expect(instance?.trouble).toMatchObject({ condition: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' })
    happen(world, { order: 'MendNode', instanceId })
    expect(instance?.trouble).toMatchObject({ condition: 'Ready', status: 'True' })
    happen(world, { order: 'BreakNode', instanceId, status: 'False' })
    expect(instance?.trouble).toMatchObject({ condition: 'Ready', status: 'False', reason: 'KubeletNotReady' })
    happen(world, { order: 'BreakNode', instanceId, condition: 'AcceleratedHardwareReady', reason: 'NvidiaXID79Error' })
    expect(instance?.trouble).toMatchObject({ condition: 'AcceleratedHardwareReady', status: 'False', reason: 'NvidiaXID79Error' })
  })

  it('ends an instance in the console, which the group replaces', () => {
    const { world, members, advance } = testGroup(1)
    const id = members()[0]?.id ?? ''
    happen(world, { order: 'TerminateInstance', instanceId: id })
    advance(120)
    expect(members().map((instance) => instance.id)).not.toContain(id)
    expect(members()).toHaveLength(1)
  })

  it('interrupts a Spot instance after two minutes of drain, and no other', () => {
    const spot = testGroup(1, { input: { capacityType: 'SPOT' }, attached: true })
    const [instance] = spot.members()
    happen(spot.world, { order: 'InterruptSpot', instanceId: instance?.id ?? '' })
    spot.advance(119)
    expect([instance?.drain?.by, instance?.state]).toEqual(['SpotInterruption', 'running'])
    spot.advance(1)
    expect(instance?.state).toBe('shutting-down')
    const { world, members } = testGroup(1)
    expect(() => {
      happen(world, { order: 'InterruptSpot', instanceId: members()[0]?.id ?? '' })
    }).toThrow('is not a Spot instance')
  })

  it('changes the numbers at Auto Scaling, which EKS shows a minute later', () => {
    const { world, region, nodegroup, group: scaling, advance } = testGroup(1)
    happen(world, { order: 'SetCapacity', ...group, desiredSize: 3 })
    expect([scaling.desiredSize, shownNumbers(region, nodegroup).desiredSize]).toEqual([3, 1])
    advance(60)
    expect(shownNumbers(region, nodegroup).desiredSize).toBe(3)
  })

  it('deletes a node group in the console', () => {
    const { world, cluster, advance } = testGroup(1)
    happen(world, { order: 'DeleteNodegroup', ...group })
    advance(300)
    expect(cluster.nodegroups.size).toBe(0)
  })

  it('deletes the Auto Scaling group behind EKS, which is DEGRADED for good and can still be deleted', () => {
    const { world, region, cluster, nodegroup, advance } = testGroup(2)
    happen(world, { order: 'DeleteScalingGroup', ...group })
    advance(3600)
    expect([nodegroup.status, nodegroup.healthIssues.map(({ code }) => code), region.scalingGroups.size]).toEqual(['DEGRADED', ['AutoScalingGroupNotFound'], 0])
    expect([...region.instances.values()].filter(({ state }) => state !== 'terminated')).toEqual([])
    happen(world, { order: 'DeleteNodegroup', ...group })
    advance(60)
    expect(cluster.nodegroups.size).toBe(0)
  })

  it('makes a role that EKS can use a little later', () => {
    const { world, region, cluster, advance } = testRegion()
    happen(world, { order: 'CreateRole', name: 'young' })
    const young = { ...input, nodeRole: 'arn:aws:iam::111122223333:role/young' }
    expect(creationFault(region, cluster, young)?.message).toContain('were not found in the trust relationships')
    advance(10)
    expect(creationFault(region, cluster, young)).toBeUndefined()
  })

  it.each([
    { what: 'the role', order: { order: 'DeleteRole', name: 'demo-node' } as const, code: 'IamNodeRoleNotFound' },
    { what: 'a subnet', order: { order: 'DeleteSubnet', subnetId: 'subnet-0a1b2c3d4e5f60001' } as const, code: 'Ec2SubnetNotFound' },
  ])('fails a creation when $what goes meanwhile, for good', ({ order, code }) => {
    const { world, region, cluster, advance } = testRegion()
    const nodegroup = createNodegroup(region, cluster, input)
    happen(world, order)
    advance(3600)
    expect([nodegroup.status, nodegroup.healthIssues.map((issue) => issue.code)]).toEqual(['CREATE_FAILED', [code]])
  })

  it('changes a cluster', () => {
    const { world, cluster } = testRegion()
    happen(world, { order: 'SetCluster', cluster: 'demo', version: '1.37', status: 'UPDATING' })
    expect([cluster.version, cluster.status]).toEqual(['1.37', 'UPDATING'])
  })

  it('deletes a cluster only when it has no node groups left, as EKS does', () => {
    const { world } = testGroup(0)
    expect(() => {
      happen(world, { order: 'DeleteCluster', cluster: 'demo' })
    }).toThrow('has node groups attached')
    const { world: empty, region } = testRegion()
    happen(empty, { order: 'DeleteCluster', cluster: 'demo' })
    expect(region.clusters.has('demo')).toBe(false)
  })

  it('says what is not there', () => {
    const { world } = testRegion()
    expect(() => {
      happen(world, { order: 'TerminateInstance', instanceId: 'i-00000000000000000' })
    }).toThrow('there is no instance i-00000000000000000')
  })
})
