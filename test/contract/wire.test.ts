import { DescribeAutoScalingGroupsCommand, AutoScalingClient } from '@aws-sdk/client-auto-scaling'
import { DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2'
import { CreateNodegroupCommand, DescribeClusterCommand, EKSClient, ListAddonsCommand, ListNodegroupsCommand } from '@aws-sdk/client-eks'
import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nodeRole, type SimulatedAws, startSimulatedAws, subnets } from './simulated-aws.ts'

let aws: SimulatedAws
let nextAccount = 800_000_000_000
beforeAll(async () => {
  aws = await startSimulatedAws()
})
afterAll(async () => {
  await aws.simulator.close()
})

function newAccount(): string {
  nextAccount += 1
  return String(nextAccount)
}

function signedFor(service: string, account = newAccount()): Readonly<Record<string, string>> {
  return { authorization: `AWS4-HMAC-SHA256 Credential=${account}/20261121/us-west-2/${service}/aws4_request, SignedHeaders=host, Signature=0` }
}

function creation(account: string, extra: object = {}): CreateNodegroupCommand {
  const scalingConfig = { minSize: 0, maxSize: 5, desiredSize: 0 }
  return new CreateNodegroupCommand({ clusterName: 'demo', nodegroupName: 'workers', subnets, nodeRole: nodeRole(account), scalingConfig, ...extra })
}

describe('what the simulator does not know', () => {
  it.each([
    {
      what: 'an EKS route',
      send: async () => new EKSClient(aws.clientConfig()).send(new ListAddonsCommand({ clusterName: 'demo' })),
      name: 'UnknownOperationException',
    },
    { what: 'an EC2 action', send: async () => new EC2Client(aws.clientConfig()).send(new DescribeVpcsCommand({})), name: 'InvalidAction' },
    { what: 'an IAM action', send: async () => new IAMClient(aws.clientConfig()).send(new ListRolesCommand({})), name: 'InvalidAction' },
    {
      what: 'a member of a form',
      send: async () =>
        new AutoScalingClient(aws.clientConfig()).send(
          new DescribeAutoScalingGroupsCommand({ Filters: [{ Name: 'tag-key', Values: ['a'] }], MaxRecords: 500 }),
        ),
      name: 'ValidationError',
    },
  ])('answers $what in the shape of the service, so that the SDK reads it as $name', async ({ send, name }) => {
    await expect(send()).rejects.toMatchObject({ name, $metadata: { requestId: expect.stringMatching(/./) as string } })
  })

  it('refuses a member that it does not model', async () => {
    const account = newAccount()
    const eks = new EKSClient(aws.clientConfig(account))
    await expect(eks.send(creation(account, { remoteAccess: { ec2SshKey: 'k' } }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'remoteAccess: the simulator does not model this member',
    })
  })

  it.each([
    { what: 'no signature', headers: {}, status: 403, type: 'MissingAuthenticationToken' },
    { what: 'a broken scope', headers: { authorization: 'AWS4-HMAC-SHA256 Credential=a/b, Signature=0' }, status: 400, type: 'IncompleteSignature' },
    { what: 'a service that is not there', headers: signedFor('sqs'), status: 400, type: 'UnknownOperationException' },
  ])('answers $what with $type', async ({ headers, status, type }) => {
    const response = await fetch(`${aws.simulator.url}/clusters`, { headers })
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ __type: type })
  })

  it('refuses a body that is too large, and one that is not JSON', async () => {
    const headers = signedFor('eks')
    const url = `${aws.simulator.url}/clusters/demo/node-groups`
    expect((await fetch(url, { method: 'POST', headers, body: 'x'.repeat(2 * 1024 * 1024) })).status).toBe(413)
    const response = await fetch(url, { method: 'POST', headers, body: '{' })
    expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([400, 'SerializationException'])
  })
})

describe('faults', () => {
  it('throttles as often as it was told, and never another account', async () => {
    const account = newAccount()
    const eks = new EKSClient(aws.clientConfig(account))
    await aws.post('faults', { service: 'eks', action: 'DescribeCluster', account, effect: 'Throttle', times: 1 })
    await new EKSClient(aws.clientConfig(newAccount())).send(new DescribeClusterCommand({ name: 'demo' }))
    await expect(eks.send(new DescribeClusterCommand({ name: 'demo' }))).rejects.toMatchObject({
      name: 'ThrottlingException',
      $metadata: { httpStatusCode: 429 },
    })
    await eks.send(new DescribeClusterCommand({ name: 'demo' }))
  })

  it('answers an ordered error with its code and status, only where the request fits', async () => {
    const account = newAccount()
    const eks = new EKSClient(aws.clientConfig(account))
    await aws.post('faults', { account, match: { nodegroupName: 'other' }, effect: 'Error', code: 'ServerException', status: 500, message: 'broken' })
    await eks.send(creation(account))
    await expect(eks.send(creation(account, { nodegroupName: 'other' }))).rejects.toMatchObject({
      name: 'ServerException',
      message: 'broken',
      $metadata: { httpStatusCode: 500 },
    })
  })

  it('carries a call out and cuts the connection; the same token then finds the first answer', async () => {
    const account = newAccount()
    const eks = new EKSClient(aws.clientConfig(account))
    await aws.post('faults', { service: 'eks', action: 'CreateNodegroup', account, effect: 'DropResponse', times: 1 })
    await expect(eks.send(creation(account, { clientRequestToken: 'one' }))).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect((await eks.send(new ListNodegroupsCommand({ clusterName: 'demo' }))).nodegroups).toEqual(['workers'])
    const again = await eks.send(creation(account, { clientRequestToken: 'one' }))
    expect(again.nodegroup?.status).toBe('CREATING')
    await expect(eks.send(creation(account, { clientRequestToken: 'one', labels: { a: 'b' } }))).rejects.toMatchObject({ name: 'InvalidParameterException' })
    await expect(eks.send(creation(account, { clientRequestToken: 'two' }))).rejects.toMatchObject({ name: 'ResourceInUseException' })
  })

  it('refuses an order that nobody can carry out, with the rule', async () => {
    await expect(aws.post('faults', { effect: 'Explode' })).rejects.toThrow(/400 .*effect/)
  })
})

describe('the record of calls', () => {
  it('counts reads and writes per account and action, errors included, and forgets with the account', async () => {
    const account = newAccount()
    const eks = new EKSClient(aws.clientConfig(account))
    await eks.send(new DescribeClusterCommand({ name: 'demo' }))
    await eks.send(creation(account))
    await expect(eks.send(creation(account, { clientRequestToken: 'x' }))).rejects.toThrow('NodeGroup already exists')
    expect(await aws.get(`calls?account=${account}`)).toMatchObject({
      counts: { read: 1, write: 2, actions: { 'eks:DescribeCluster': 1, 'eks:CreateNodegroup': 2 } },
      calls: [
        { action: 'DescribeCluster' },
        { action: 'CreateNodegroup', status: 200 },
        { action: 'CreateNodegroup', status: 409, error: 'ResourceInUseException' },
      ],
    })
    await aws.post('reset', { account })
    expect(await aws.get(`calls?account=${account}`)).toMatchObject({ counts: { read: 0, write: 0 } })
    expect((await eks.send(new ListNodegroupsCommand({ clusterName: 'demo' }))).nodegroups).toEqual([])
  })
})

describe('the address', () => {
  it('says in one line that a port is taken', async () => {
    const port = Number(new URL(aws.simulator.url).port)
    await expect(startSimulatedAws({ port })).rejects.toThrow(`port ${port} on 127.0.0.1 is taken: give another one with --port`)
  })
})
