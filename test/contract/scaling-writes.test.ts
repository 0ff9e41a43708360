import {
  AutoScalingClient,
  CreateOrUpdateTagsCommand,
  DeleteTagsCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeTagsCommand,
  EnterStandbyCommand,
  ExitStandbyCommand,
  ResourceContentionFault,
  ScalingActivityInProgressFault,
  SetInstanceProtectionCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { DescribeInstancesCommand, EC2Client, TerminateInstancesCommand } from '@aws-sdk/client-ec2'
import { CreateNodegroupCommand, EKSClient } from '@aws-sdk/client-eks'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { nodeRole, type SimulatedAws, startSimulatedAws, subnets } from './simulated-aws.ts'

let aws: SimulatedAws
let account = 610_000_000_000
let scaling: AutoScalingClient
let name: string

beforeAll(async () => {
  aws = await startSimulatedAws()
})
afterAll(async () => {
  await aws.simulator.close()
})
/** Every test has an account with one group of three nodes. */
beforeEach(async () => {
  account += 1
  scaling = new AutoScalingClient(aws.clientConfig(String(account)))
  await new EKSClient(aws.clientConfig(String(account))).send(
    new CreateNodegroupCommand({
      clusterName: 'demo',
      nodegroupName: 'workers',
      subnets,
      nodeRole: nodeRole(String(account)),
      scalingConfig: { minSize: 0, maxSize: 10, desiredSize: 3 },
    }),
  )
  await aws.advance(120)
  name = (await groupNow())?.AutoScalingGroupName ?? ''
})

async function groupNow() {
  return (await scaling.send(new DescribeAutoScalingGroupsCommand({}))).AutoScalingGroups?.[0]
}

async function ids(): Promise<readonly string[]> {
  return (await groupNow())?.Instances?.map(({ InstanceId }) => InstanceId ?? '') ?? []
}

const order = async (body: object): Promise<void> => {
  await aws.post('orders', { account: String(account), cluster: 'demo', nodegroup: 'workers', ...body })
}

function tagging(keys: readonly string[]): CreateOrUpdateTagsCommand {
  return new CreateOrUpdateTagsCommand({ Tags: keys.map((Key) => ({ ResourceId: name, ResourceType: 'auto-scaling-group', Key, Value: 'v' })) })
}

function protect(InstanceIds: string[]): SetInstanceProtectionCommand {
  return new SetInstanceProtectionCommand({ AutoScalingGroupName: name, InstanceIds, ProtectedFromScaleIn: true })
}

describe('tags of a group', () => {
  it('are set, found, changed and taken away', async () => {
    const ResourceType = 'auto-scaling-group'
    const tag = { ResourceId: name, ResourceType, Key: 'tidegate.io/suspended' }
    await scaling.send(new CreateOrUpdateTagsCommand({ Tags: [{ ...tag, Value: 'AZRebalance', PropagateAtLaunch: false }] }))
    const Filters = [{ Name: 'key', Values: [tag.Key] }]
    expect((await scaling.send(new DescribeTagsCommand({ Filters }))).Tags).toEqual([{ ...tag, Value: 'AZRebalance', PropagateAtLaunch: false }])
    expect((await groupNow())?.Tags).toContainEqual({ ...tag, Value: 'AZRebalance', PropagateAtLaunch: false })
    await scaling.send(new DeleteTagsCommand({ Tags: [{ ...tag, Value: 'another' }] }))
    expect((await scaling.send(new DescribeTagsCommand({ Filters }))).Tags).toHaveLength(1)
    await scaling.send(new DeleteTagsCommand({ Tags: [tag] }))
    expect((await scaling.send(new DescribeTagsCommand({ Filters }))).Tags).toEqual([])
  })

  it('reach new instances only when they are to', async () => {
    const tag = { ResourceId: name, ResourceType: 'auto-scaling-group', Value: 'x' }
    await scaling.send(
      new CreateOrUpdateTagsCommand({
        Tags: [
          { ...tag, Key: 'far', PropagateAtLaunch: true },
          { ...tag, Key: 'near', PropagateAtLaunch: false },
        ],
      }),
    )
    await scaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: name, DesiredCapacity: 4 }))
    const { Reservations } = await new EC2Client(aws.clientConfig(String(account))).send(
      new DescribeInstancesCommand({ Filters: [{ Name: 'tag-key', Values: ['far', 'near'] }] }),
    )
    expect(Reservations?.map(({ Instances }) => Instances?.[0]?.Tags?.filter(({ Key }) => Key === 'far' || Key === 'near').length)).toEqual([1])
  })

  it('are refused with the prefix of AWS and beyond fifty', async () => {
    await expect(scaling.send(tagging(['aws:x']))).rejects.toMatchObject({ name: 'ValidationError' })
    await expect(scaling.send(tagging(Array.from({ length: 60 }, (_, index) => `k${index}`)))).rejects.toThrow('at most 50 tags')
  })
})

describe('instances of a group', () => {
  it('can be protected fifty at a time while they are in service', async () => {
    const [victim = ''] = await ids()
    await expect(scaling.send(protect(Array.from({ length: 51 }, () => victim)))).rejects.toMatchObject({ name: 'ValidationError' })
    await scaling.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: victim, ShouldDecrementDesiredCapacity: true }))
    await expect(scaling.send(protect([victim]))).rejects.toThrow(`The instance ${victim} is not in InService or EnteringStandby or Standby.`)
  })

  it('go into standby and come back, and the number follows', async () => {
    const [one = ''] = await ids()
    const which = { AutoScalingGroupName: name, InstanceIds: [one] }
    const { Activities } = await scaling.send(new EnterStandbyCommand({ ...which, ShouldDecrementDesiredCapacity: true }))
    expect(Activities?.[0]?.Description).toBe(`Moving EC2 instance to Standby: ${one}`)
    const away = await groupNow()
    expect([away?.DesiredCapacity, away?.Instances?.find(({ InstanceId }) => InstanceId === one)?.LifecycleState]).toEqual([2, 'Standby'])
    await scaling.send(new ExitStandbyCommand(which))
    expect([(await groupNow())?.DesiredCapacity, (await ids()).length]).toEqual([3, 3])
  })

  it.each([
    ['the number as it is: no other one goes', false, 2],
    ['a lower number: counted down a second time, another one goes', true, 1],
  ])('can be terminated out of standby with %s', async (_, ShouldDecrementDesiredCapacity, left) => {
    const [one = ''] = await ids()
    await scaling.send(new EnterStandbyCommand({ AutoScalingGroupName: name, InstanceIds: [one], ShouldDecrementDesiredCapacity: true }))
    await scaling.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: one, ShouldDecrementDesiredCapacity }))
    await aws.advance(1200)
    expect([(await groupNow())?.DesiredCapacity, (await ids()).length]).toEqual([left, left])
  })

  it('are replaced when somebody terminates them at EC2', async () => {
    const [one = ''] = await ids()
    const { TerminatingInstances } = await new EC2Client(aws.clientConfig(String(account))).send(new TerminateInstancesCommand({ InstanceIds: [one] }))
    expect(TerminatingInstances).toMatchObject([{ InstanceId: one, CurrentState: { Name: 'shutting-down' }, PreviousState: { Name: 'running' } }])
    expect((await groupNow())?.Instances?.find(({ InstanceId }) => InstanceId === one)).toMatchObject({
      LifecycleState: 'InService',
      HealthStatus: 'Unhealthy',
    })
    await aws.advance(120)
    expect([(await ids()).length, (await ids()).includes(one)]).toEqual([3, false])
  })

  it('that are gone cannot be terminated again', async () => {
    const [one = ''] = await ids()
    const command = new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: one, ShouldDecrementDesiredCapacity: true })
    await scaling.send(command)
    await aws.advance(120)
    await expect(scaling.send(command)).rejects.toThrow(`No managed instance found for instance ID: ${one}`)
    expect((await groupNow())?.DesiredCapacity).toBe(2)
  })
})

describe('refusals', () => {
  it.each([
    { code: 'ScalingActivityInProgress', kind: ScalingActivityInProgressFault, status: 400 },
    { code: 'ResourceContention', kind: ResourceContentionFault, status: 500 },
  ])('$code comes by a fault, as the class of the SDK', async ({ code, kind, status }) => {
    const [one = ''] = await ids()
    await aws.post('faults', { account: String(account), action: 'TerminateInstanceInAutoScalingGroup', effect: 'Error', code, times: 1 })
    const command = new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: one, ShouldDecrementDesiredCapacity: true })
    const refusal: unknown = await scaling.send(command).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(kind)
    expect(refusal).toMatchObject({ $metadata: { httpStatusCode: status } })
    expect((await groupNow())?.DesiredCapacity).toBe(3)
    await scaling.send(command)
  })

  it('a group with an operator is changed by nobody else', async () => {
    await order({ order: 'LockScalingGroup', operator: 'eks.amazonaws.com' })
    expect((await groupNow())?.Operator).toEqual({ Principal: 'eks.amazonaws.com' })
    const command = new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: name, MinSize: 1 })
    await expect(scaling.send(command)).rejects.toMatchObject({ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } })
    await order({ order: 'LockScalingGroup', operator: null })
    await scaling.send(command)
  })

  it('an order that names what is not there gets 404, and one that cannot be read 400', async () => {
    await expect(order({ order: 'SetCapacity', nodegroup: 'other', desiredSize: 1 })).rejects.toThrow(/404 .*No node group found/)
    await expect(aws.post('orders', { order: 'Explode' })).rejects.toThrow(/400/)
  })
})
