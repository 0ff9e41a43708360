import {
  CreateNodegroupCommand,
  type CreateNodegroupCommandInput,
  DeleteNodegroupCommand,
  DescribeClusterCommand,
  DescribeNodegroupCommand,
  DescribeUpdateCommand,
  EKSClient,
  ListNodegroupsCommand,
  ListTagsForResourceCommand,
  ListUpdatesCommand,
  ResourceInUseException,
  ResourceNotFoundException,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateNodegroupConfigCommand,
} from '@aws-sdk/client-eks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nodeRole, type SimulatedAws, startSimulatedAws, subnets } from './simulated-aws.ts'

let aws: SimulatedAws
let nextAccount = 500_000_000_000

beforeAll(async () => {
  aws = await startSimulatedAws()
})
afterAll(async () => {
  await aws.simulator.close()
})

/** A client of an account that no other test has. */
function eksOfNewAccount(): { readonly eks: EKSClient; readonly account: string } {
  nextAccount += 1
  const account = String(nextAccount)
  return { eks: new EKSClient(aws.clientConfig(account)), account }
}

function creation(account: string, input: Partial<CreateNodegroupCommandInput> = {}): CreateNodegroupCommand {
  return new CreateNodegroupCommand({
    clusterName: 'demo',
    nodegroupName: 'workers',
    subnets,
    nodeRole: nodeRole(account),
    scalingConfig: { minSize: 0, maxSize: 5, desiredSize: 0 },
    instanceTypes: ['m6i.4xlarge'],
    ...input,
  })
}

const workers = { clusterName: 'demo', nodegroupName: 'workers' }

describe('EKS through its own SDK', () => {
  it('describes the cluster of the scenario as ACTIVE', async () => {
    const { eks, account } = eksOfNewAccount()
    const { cluster } = await eks.send(new DescribeClusterCommand({ name: 'demo' }))
    expect(cluster).toMatchObject({ name: 'demo', status: 'ACTIVE', version: '1.36', arn: `arn:aws:eks:us-west-2:${account}:cluster/demo` })
    expect(cluster?.createdAt).toBeInstanceOf(Date)
  })

  it('takes a node group from CREATING over ACTIVE and UPDATING to gone', async () => {
    const { eks, account } = eksOfNewAccount()
    const created = await eks.send(creation(account, { labels: { pool: 'workers' }, taints: [{ key: 'dedicated', value: 'training', effect: 'NO_SCHEDULE' }] }))
    expect(created.nodegroup).toMatchObject({
      status: 'CREATING',
      scalingConfig: { minSize: 0, maxSize: 5, desiredSize: 0 },
      amiType: 'AL2023_x86_64_STANDARD',
    })
    await aws.advance(120)
    const active = await eks.send(new DescribeNodegroupCommand(workers))
    expect(active.nodegroup).toMatchObject({ status: 'ACTIVE', labels: { pool: 'workers' }, health: { issues: [] } })
    expect(active.nodegroup?.resources?.autoScalingGroups?.[0]?.name).toMatch(/^eks-workers-/)

    const { update } = await eks.send(new UpdateNodegroupConfigCommand({ ...workers, scalingConfig: { desiredSize: 3 } }))
    expect(update).toMatchObject({ status: 'InProgress', type: 'ConfigUpdate', params: [{ type: 'DesiredSize', value: '3' }] })
    expect((await eks.send(new DescribeNodegroupCommand(workers))).nodegroup?.status).toBe('UPDATING')
    await aws.advance(120)
    expect((await eks.send(new DescribeUpdateCommand({ name: 'demo', nodegroupName: 'workers', updateId: update?.id }))).update?.status).toBe('Successful')
    expect((await eks.send(new ListUpdatesCommand({ name: 'demo', nodegroupName: 'workers' }))).updateIds).toEqual([update?.id])

    expect((await eks.send(new DeleteNodegroupCommand(workers))).nodegroup?.status).toBe('DELETING')
    await aws.advance(300)
    await expect(eks.send(new DescribeNodegroupCommand(workers))).rejects.toThrow(ResourceNotFoundException)
  })

  it('answers with the classes and fields of the SDK errors', async () => {
    const { eks, account } = eksOfNewAccount()
    await expect(eks.send(new DescribeNodegroupCommand(workers))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'No node group found for name: workers.',
      nodegroupName: 'workers',
      $metadata: { httpStatusCode: 404, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string },
    })
    await eks.send(creation(account))
    await expect(eks.send(creation(account, { clientRequestToken: 'another' }))).rejects.toBeInstanceOf(ResourceInUseException)
  })

  it('lists groups in pages and keeps tags', async () => {
    const { eks, account } = eksOfNewAccount()
    for (const name of ['a', 'b', 'c']) await eks.send(creation(account, { nodegroupName: name, tags: { team: 'x' } }))
    const first = await eks.send(new ListNodegroupsCommand({ clusterName: 'demo', maxResults: 2 }))
    expect(first.nodegroups).toEqual(['a', 'b'])
    const second = await eks.send(new ListNodegroupsCommand({ clusterName: 'demo', maxResults: 2, nextToken: first.nextToken }))
    expect(second).toMatchObject({ nodegroups: ['c'] })
    expect(second.nextToken).toBeUndefined()
    const resourceArn = (await eks.send(new DescribeNodegroupCommand({ clusterName: 'demo', nodegroupName: 'a' }))).nodegroup?.nodegroupArn
    await eks.send(new TagResourceCommand({ resourceArn, tags: { owner: 'y' } }))
    await eks.send(new UntagResourceCommand({ resourceArn, tagKeys: ['team'] }))
    expect((await eks.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual({ owner: 'y' })
  })
})
