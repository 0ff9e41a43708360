import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling'
import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2'
import {
  CreateNodegroupCommand,
  DescribeClusterCommand,
  DescribeNodegroupCommand,
  EKSClient,
  ListNodegroupsCommand,
  paginateListNodegroups,
} from '@aws-sdk/client-eks'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { demoScenario } from '../../src/simulator/scenario/demo.ts'
import { parseScenario } from '../../src/simulator/scenario/scenario.ts'
import { nodeRole, type SimulatedAws, startSimulatedAws, subnets } from './simulated-aws.ts'

let aws: SimulatedAws
beforeAll(async () => {
  aws = await startSimulatedAws({
    scenario: parseScenario({
      ...demoScenario,
      delays: { nodegroupVisibleSeconds: 3 },
      quotas: { nodegroupsPerCluster: 7, shortPages: true },
      // so slow that a test never sees a second token
      rates: { 'eks:DescribeCluster': { perSecond: 0.001, burst: 2 }, autoscaling: { perSecond: 0.001, burst: 1 }, ec2: { perSecond: 0.001, burst: 1 } },
    }),
  })
})
afterAll(async () => {
  await aws.simulator.close()
})

function creation(account: string, nodegroupName: string): CreateNodegroupCommand {
  const scalingConfig = { minSize: 0, maxSize: 5, desiredSize: 0 }
  return new CreateNodegroupCommand({ clusterName: 'demo', nodegroupName, subnets, nodeRole: nodeRole(account), scalingConfig })
}

it('throttles an account in the words of each service, and no other account', async () => {
  const config = aws.clientConfig('630000000001')
  const eks = new EKSClient(config)
  const ask = async (client = eks): Promise<unknown> => await client.send(new DescribeClusterCommand({ name: 'demo' }))
  await ask()
  await ask()
  await expect(ask()).rejects.toMatchObject({ name: 'ThrottlingException', $metadata: { httpStatusCode: 429 } })
  await ask(new EKSClient(aws.clientConfig('630000000002')))
  await eks.send(new ListNodegroupsCommand({ clusterName: 'demo' }))
  const scaling = new AutoScalingClient(config)
  await scaling.send(new DescribeAutoScalingGroupsCommand({}))
  await expect(scaling.send(new DescribeAutoScalingGroupsCommand({}))).rejects.toMatchObject({ name: 'Throttling', $metadata: { httpStatusCode: 400 } })
  const ec2 = new EC2Client(config)
  await ec2.send(new DescribeSubnetsCommand({}))
  await expect(ec2.send(new DescribeSubnetsCommand({}))).rejects.toMatchObject({ name: 'RequestLimitExceeded', $metadata: { httpStatusCode: 503 } })
})

it('gives pages shorter than asked for, and everything in the end, up to the quota', async () => {
  const account = '630000000003'
  const eks = new EKSClient(aws.clientConfig(account))
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
  for (const name of names) await eks.send(creation(account, name))
  await expect(eks.send(creation(account, 'h'))).rejects.toMatchObject({ name: 'ResourceLimitExceededException' })
  await aws.advance(3)
  const pages: (readonly string[])[] = []
  for await (const page of paginateListNodegroups({ client: eks, pageSize: 5 }, { clusterName: 'demo' })) pages.push(page.nodegroups ?? [])
  expect(pages.flat()).toEqual(names)
  expect(Math.min(...pages.slice(0, -1).map(({ length }) => length))).toBeLessThan(5)
})

it('does not show a new node group at once, and keeps its name taken', async () => {
  const account = '630000000004'
  const eks = new EKSClient(aws.clientConfig(account))
  await eks.send(creation(account, 'young'))
  const describe = async (): Promise<unknown> => await eks.send(new DescribeNodegroupCommand({ clusterName: 'demo', nodegroupName: 'young' }))
  await expect(describe()).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  await expect(eks.send(creation(account, 'young'))).rejects.toMatchObject({ name: 'ResourceInUseException' })
  await aws.advance(3)
  expect(await describe()).toMatchObject({ nodegroup: { status: 'CREATING' } })
})
