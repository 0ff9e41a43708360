import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  SetDesiredCapacityCommand,
  SetInstanceProtectionCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import {
  DescribeAvailabilityZonesCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  DescribeLaunchTemplatesCommand,
  DescribeSubnetsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2'
import { CreateNodegroupCommand, DescribeNodegroupCommand, EKSClient } from '@aws-sdk/client-eks'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { nodeRole, type SimulatedAws, startSimulatedAws, subnets } from './simulated-aws.ts'

let aws: SimulatedAws
let nextAccount = 600_000_000_000
let account: string
let eks: EKSClient
let scaling: AutoScalingClient
let ec2: EC2Client

beforeAll(async () => {
  aws = await startSimulatedAws()
})
afterAll(async () => {
  await aws.simulator.close()
})
beforeEach(() => {
  nextAccount += 1
  account = String(nextAccount)
  eks = new EKSClient(aws.clientConfig(account))
  scaling = new AutoScalingClient(aws.clientConfig(account))
  ec2 = new EC2Client(aws.clientConfig(account))
})

/** A node group of `desired` nodes that is ACTIVE; answers the name of its Auto Scaling group. */
async function activeGroup(desired: number, name = 'workers'): Promise<string> {
  await eks.send(
    new CreateNodegroupCommand({
      clusterName: 'demo',
      nodegroupName: name,
      subnets,
      nodeRole: nodeRole(account),
      instanceTypes: ['m6i.4xlarge'],
      scalingConfig: { minSize: 0, maxSize: 10, desiredSize: desired },
    }),
  )
  await aws.advance(120)
  const { nodegroup } = await eks.send(new DescribeNodegroupCommand({ clusterName: 'demo', nodegroupName: name }))
  expect(nodegroup?.status).toBe('ACTIVE')
  return nodegroup?.resources?.autoScalingGroups?.[0]?.name ?? ''
}

async function groupNow(name: string) {
  const { AutoScalingGroups } = await scaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }))
  return AutoScalingGroups?.[0]
}

async function shownDesired(): Promise<number | undefined> {
  const { nodegroup } = await eks.send(new DescribeNodegroupCommand({ clusterName: 'demo', nodegroupName: 'workers' }))
  return nodegroup?.scalingConfig?.desiredSize
}

async function freeAddresses(): Promise<number> {
  const { Subnets } = await ec2.send(new DescribeSubnetsCommand({ SubnetIds: [subnets[0] ?? ''] }))
  return Subnets?.[0]?.AvailableIpAddressCount ?? 0
}

describe('Auto Scaling through its own SDK', () => {
  it('shows the group of a node group with instances spread over the zones', async () => {
    const name = await activeGroup(3)
    const group = await groupNow(name)
    expect(group).toMatchObject({ MinSize: 0, MaxSize: 10, DesiredCapacity: 3, VPCZoneIdentifier: subnets.join(',') })
    expect(group?.CreatedTime).toBeInstanceOf(Date)
    expect(group?.Instances?.map(({ AvailabilityZone }) => AvailabilityZone)).toEqual(['us-west-2a', 'us-west-2b', 'us-west-2c'])
    expect(group?.Instances?.every(({ LifecycleState, ProtectedFromScaleIn }) => LifecycleState === 'InService' && ProtectedFromScaleIn === false)).toBe(true)
    expect(group?.Tags?.find(({ Key }) => Key === 'eks:nodegroup-name')?.Value).toBe('workers')
  })

  it('finds groups by tag, in pages, and refuses a filter that it does not know', async () => {
    await activeGroup(0, 'a')
    await activeGroup(0, 'b')
    const Filters = [{ Name: 'tag:eks:cluster-name', Values: ['demo'] }]
    const first = await scaling.send(new DescribeAutoScalingGroupsCommand({ Filters, MaxRecords: 1 }))
    const second = await scaling.send(new DescribeAutoScalingGroupsCommand({ Filters, MaxRecords: 1, NextToken: first.NextToken }))
    expect([...(first.AutoScalingGroups ?? []), ...(second.AutoScalingGroups ?? [])]).toHaveLength(2)
    expect((await scaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [] }))).AutoScalingGroups).toHaveLength(2)
    expect(second.NextToken).toBeUndefined()
    expect(
      (await scaling.send(new DescribeAutoScalingGroupsCommand({ Filters: [{ Name: 'tag:eks:cluster-name', Values: ['x'] }] }))).AutoScalingGroups,
    ).toEqual([])
    await expect(scaling.send(new DescribeAutoScalingGroupsCommand({ Filters: [{ Name: 'colour', Values: ['x'] }] }))).rejects.toMatchObject({
      name: 'ValidationError',
    })
  })

  it('keeps trying what it has no capacity for, says so in activities and in the health of the node group, and recovers', async () => {
    const name = await activeGroup(0)
    await aws.post('faults', { account, effect: 'NoCapacity', match: { instanceType: 'm6i.4xlarge' } })
    await scaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: name, DesiredCapacity: 1 }))
    const { Activities } = await scaling.send(new DescribeScalingActivitiesCommand({ AutoScalingGroupName: name }))
    expect(Activities?.map(({ StatusCode }) => StatusCode)).toEqual(['Failed', 'Failed', 'Failed'])
    expect(Activities?.[0]?.StatusMessage).toContain(
      'We currently do not have sufficient m6i.4xlarge capacity in the Availability Zone you requested (us-west-2c)',
    )
    const degraded = await eks.send(new DescribeNodegroupCommand({ clusterName: 'demo', nodegroupName: 'workers' }))
    expect(degraded.nodegroup?.status).toBe('DEGRADED')
    expect(degraded.nodegroup?.health?.issues?.[0]?.code).toBe('AsgInstanceLaunchFailures')
    await aws.advance(600)
    expect((await groupNow(name))?.Instances).toEqual([])
    await fetch(`${aws.simulator.url}/_simulator/faults?account=${account}`, { method: 'DELETE' })
    await aws.advance(120)
    expect((await groupNow(name))?.Instances).toHaveLength(1)
    expect((await eks.send(new DescribeNodegroupCommand({ clusterName: 'demo', nodegroupName: 'workers' }))).nodegroup?.status).toBe('ACTIVE')
  })

  it('shows a change made here in EKS only after a minute', async () => {
    const name = await activeGroup(1)
    await scaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: name, DesiredCapacity: 2 }))
    expect(await shownDesired()).toBe(1)
    await aws.advance(59)
    expect(await shownDesired()).toBe(1)
    await aws.advance(1)
    expect(await shownDesired()).toBe(2)
  })

  it('takes named instances, counting down each time it is asked, and never below the minimum', async () => {
    const name = await activeGroup(3)
    const victim = (await groupNow(name))?.Instances?.[1]?.InstanceId ?? ''
    const terminate = new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: victim, ShouldDecrementDesiredCapacity: true })
    const { Activity } = await scaling.send(terminate)
    expect(Activity?.Description).toBe(`Terminating EC2 instance: ${victim}`)
    const leaving = await groupNow(name)
    expect(leaving?.DesiredCapacity).toBe(2)
    expect(leaving?.Instances?.find(({ InstanceId }) => InstanceId === victim)?.LifecycleState).toBe('Terminating:Wait')
    await scaling.send(terminate)
    expect((await groupNow(name))?.DesiredCapacity).toBe(1)
    await aws.advance(120)
    expect((await groupNow(name))?.Instances).toHaveLength(1)
    const last = (await groupNow(name))?.Instances?.[0]?.InstanceId
    await scaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: name, DesiredCapacity: 0 }))
    await expect(
      scaling.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: last, ShouldDecrementDesiredCapacity: true })),
    ).rejects.toMatchObject({
      name: 'ValidationError',
      message: expect.stringContaining('desiredSize equals minSize (0)') as string,
    })
  })

  it('spares protected instances at scale-in, and launches nothing while Launch is suspended', async () => {
    const name = await activeGroup(2)
    const all = (await groupNow(name))?.Instances?.map(({ InstanceId }) => InstanceId ?? '') ?? []
    await scaling.send(new SetInstanceProtectionCommand({ AutoScalingGroupName: name, InstanceIds: [all[0] ?? ''], ProtectedFromScaleIn: true }))
    await scaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: name, DesiredCapacity: 0 }))
    await aws.advance(120)
    expect((await groupNow(name))?.Instances?.map(({ InstanceId }) => InstanceId)).toEqual([all[0]])
    await scaling.send(new SuspendProcessesCommand({ AutoScalingGroupName: name, ScalingProcesses: ['Launch'] }))
    await scaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: name, DesiredCapacity: 2 }))
    await aws.advance(120)
    const group = await groupNow(name)
    expect(group?.Instances).toHaveLength(1)
    expect(group?.SuspendedProcesses?.[0]?.ProcessName).toBe('Launch')
  })
})

describe('EC2 through its own SDK', () => {
  it('counts the free addresses of a subnet down and up again', async () => {
    const before = await freeAddresses()
    const name = await activeGroup(1)
    expect(await freeAddresses()).toBe(before - 1)
    await scaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: name, DesiredCapacity: 0 }))
    await aws.advance(120)
    expect(await freeAddresses()).toBe(before)
  })

  it('filters instances and subnets, and knows an unknown id', async () => {
    await activeGroup(3)
    const { Reservations } = await ec2.send(
      new DescribeInstancesCommand({
        Filters: [
          { Name: 'tag:eks:nodegroup-name', Values: ['work*'] },
          { Name: 'availability-zone', Values: ['us-west-2b'] },
        ],
      }),
    )
    const instance = Reservations?.[0]?.Instances?.[0]
    expect(Reservations).toHaveLength(1)
    expect(instance).toMatchObject({ InstanceType: 'm6i.4xlarge', State: { Name: 'running', Code: 16 }, Placement: { AvailabilityZone: 'us-west-2b' } })
    expect(instance?.LaunchTime).toBeInstanceOf(Date)
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({ Filters: [{ Name: 'availability-zone', Values: ['us-west-2c'] }] }))
    expect(Subnets?.map(({ SubnetId }) => SubnetId)).toEqual([subnets[2]])
    await expect(ec2.send(new DescribeSubnetsCommand({ SubnetIds: ['subnet-00000000'] }))).rejects.toMatchObject({
      name: 'InvalidSubnetID.NotFound',
      message: "The subnet ID 'subnet-00000000' does not exist",
      $metadata: { httpStatusCode: 400 },
    })
  })

  it('describes instance types with their devices, zones, and no launch template', async () => {
    const { InstanceTypes } = await ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes: ['p5en.48xlarge'] }))
    expect(InstanceTypes?.[0]).toMatchObject({
      VCpuInfo: { DefaultVCpus: 192 },
      MemoryInfo: { SizeInMiB: 2_097_152 },
      GpuInfo: { Gpus: [{ Name: 'H200', Count: 8 }] },
      NetworkInfo: { MaximumNetworkCards: 16, EfaSupported: true, EfaInfo: { MaximumEfaInterfaces: 16 } },
    })
    expect((await ec2.send(new DescribeAvailabilityZonesCommand({}))).AvailabilityZones?.map(({ ZoneName }) => ZoneName)).toEqual([
      'us-west-2a',
      'us-west-2b',
      'us-west-2c',
    ])
    expect((await ec2.send(new DescribeLaunchTemplatesCommand({}))).LaunchTemplates).toEqual([])
  })
})
