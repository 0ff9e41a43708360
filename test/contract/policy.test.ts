import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AutoScalingClient, DescribeAutoScalingGroupsCommand, SetDesiredCapacityCommand } from '@aws-sdk/client-auto-scaling'
import { DescribeAvailabilityZonesCommand, DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2'
import { CreateNodegroupCommand, DeleteNodegroupCommand, DescribeNodegroupCommand, EKSClient, ListClustersCommand } from '@aws-sdk/client-eks'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { type IamPolicy, iamPolicy } from '../../src/aws/iam-policy.ts'
import { nodeRole, type SimulatedAws, startSimulatedAws, subnets } from './simulated-aws.ts'

/** For the role that the scenario has, in the accounts of these tests. */
const rendered = iamPolicy({ passRoleArns: ['arn:aws:iam::*:role/demo-node'] })

let aws: SimulatedAws
beforeAll(async () => {
  aws = await startSimulatedAws()
})
afterAll(async () => {
  await aws.simulator.close()
})

const workers = { clusterName: 'demo', nodegroupName: 'workers' }

function creation(account: string, role = nodeRole(account)): CreateNodegroupCommand {
  const scalingConfig = { minSize: 0, maxSize: 5, desiredSize: 0 }
  return new CreateNodegroupCommand({ ...workers, subnets, nodeRole: role, scalingConfig, tags: { 'tidegate.io/owner': 'x' } })
}

function without(action: string): IamPolicy {
  return {
    ...rendered,
    Statement: rendered.Statement.map(({ Action, ...rest }) => ({ ...rest, Action: Action.filter((one) => one !== action) })).filter(
      ({ Action }) => Action.length > 0,
    ),
  }
}

describe('an account with the policy that the operator is given', () => {
  const account = '950000000001'

  it('may do what the operator does', async () => {
    await aws.post('policy', { account, policy: rendered })
    const eks = new EKSClient(aws.clientConfig(account))
    await eks.send(creation(account))
    await aws.advance(60)
    await eks.send(new DescribeNodegroupCommand(workers))
    await new AutoScalingClient(aws.clientConfig(account)).send(new DescribeAutoScalingGroupsCommand({}))
    await new EC2Client(aws.clientConfig(account)).send(new DescribeSubnetsCommand({}))
    await eks.send(new DeleteNodegroupCommand(workers))
    expect(await new STSClient(aws.clientConfig(account)).send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: account })
  })

  it('may not do more, and hears it in the words of each service', async () => {
    await aws.post('policy', { account, policy: without('autoscaling:SetDesiredCapacity') })
    await expect(new EKSClient(aws.clientConfig(account)).send(new ListClustersCommand({}))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('is not authorized to perform: eks:ListClusters') as string,
      $metadata: { httpStatusCode: 403 },
    })
    await expect(new EC2Client(aws.clientConfig(account)).send(new DescribeAvailabilityZonesCommand({}))).rejects.toMatchObject({
      name: 'UnauthorizedOperation',
    })
    const command = new SetDesiredCapacityCommand({ AutoScalingGroupName: 'a', DesiredCapacity: 1 })
    await expect(new AutoScalingClient(aws.clientConfig(account)).send(command)).rejects.toMatchObject({ name: 'AccessDenied' })
  })

  it.each(['iam:PassRole', 'iam:GetRole', 'iam:ListAttachedRolePolicies', 'ec2:DescribeSubnets', 'eks:TagResource', 'eks:CreateNodegroup'])(
    'cannot create a group without %s',
    async (action) => {
      await aws.post('policy', { account: '950000000002', policy: without(action) })
      await expect(new EKSClient(aws.clientConfig('950000000002')).send(creation('950000000002'))).rejects.toThrow(`is not authorized to perform: ${action}`)
    },
  )
})

test('A7: config/iam/policy.json passes a node role of the path /tidegate/, and none of anywhere else', async () => {
  const account = '950000000004'
  const policy = JSON.parse(await readFile(join(import.meta.dirname, '../../config/iam/policy.json'), 'utf8')) as object
  await aws.post('policy', { account, policy })
  const CreateRole = { order: 'CreateRole', account, policies: ['AmazonEKSWorkerNodePolicy', 'AmazonEKS_CNI_Policy'] }
  await aws.post('orders', { ...CreateRole, name: 'nodes', path: '/tidegate/' })
  await aws.advance(60)
  const eks = new EKSClient(aws.clientConfig(account))
  await expect(eks.send(creation(account))).rejects.toThrow(`is not authorized to perform: iam:PassRole on resource: ${nodeRole(account)}`)
  await eks.send(creation(account, `arn:aws:iam::${account}:role/tidegate/nodes`))
})

test('A7: a policy that is narrowed to a region, an account and a cluster lets the operator do there what it does, and nothing elsewhere', async () => {
  const account = '950000000005'
  const narrow = { region: 'us-west-2', accountId: account, cluster: 'demo', passRoleArns: [nodeRole(account)] }
  await aws.post('policy', { account, policy: iamPolicy(narrow) })
  const eks = new EKSClient(aws.clientConfig(account))
  const autoScaling = new AutoScalingClient(aws.clientConfig(account))
  await eks.send(creation(account))
  await aws.advance(60)
  const { nodegroup } = await eks.send(new DescribeNodegroupCommand(workers))
  const size = { AutoScalingGroupName: nodegroup?.resources?.autoScalingGroups?.[0]?.name, DesiredCapacity: 1 }
  await autoScaling.send(new SetDesiredCapacityCommand(size))
  for (const other of [{ region: 'eu-west-1' }, { accountId: '950000000006' }, { cluster: 'other' }]) {
    await aws.post('policy', { account, policy: iamPolicy({ ...narrow, ...other }) })
    await expect(eks.send(new DescribeNodegroupCommand(workers))).rejects.toThrow('is not authorized to perform: eks:DescribeNodegroup')
    await expect(autoScaling.send(new SetDesiredCapacityCommand(size))).rejects.toMatchObject({ name: 'AccessDenied' })
  }
})

describe('/_simulator/policy', () => {
  it('refuses a document that it cannot evaluate', async () => {
    const policy = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: '*', Resource: '*', Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }],
    }
    await expect(aws.post('policy', { account: '950000000003', policy })).rejects.toThrow(/400/)
  })
})
