import { GetRoleCommand, IAMClient, ListAttachedRolePoliciesCommand, NoSuchEntityException } from '@aws-sdk/client-iam'
import { AssumeRoleCommand, type AssumeRoleCommandOutput, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createBudgets } from '../../src/aws/budgets.ts'
import { createAws } from '../../src/aws/ports.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { createLogger } from '../../src/observability/logger.ts'
import { createMetrics } from '../../src/observability/metrics.ts'
import { type SimulatedAws, startSimulatedAws } from './simulated-aws.ts'

let aws: SimulatedAws
beforeAll(async () => {
  aws = await startSimulatedAws()
})
afterAll(async () => {
  await aws.simulator.close()
})

describe('IAM through its own SDK', () => {
  it('shows the roles of the scenario in each account, with policies', async () => {
    const iam = new IAMClient(aws.clientConfig('700000000001'))
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'demo-node' }))
    expect(Role).toMatchObject({ Arn: 'arn:aws:iam::700000000001:role/demo-node', Path: '/' })
    expect(Role?.CreateDate).toBeInstanceOf(Date)
    expect(JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ''))).toMatchObject({ Version: '2012-10-17' })
    const { AttachedPolicies } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName: 'demo-node' }))
    expect(AttachedPolicies?.map(({ PolicyName }) => PolicyName)).toContain('AmazonEKSWorkerNodePolicy')
    await expect(iam.send(new GetRoleCommand({ RoleName: 'nobody' }))).rejects.toBeInstanceOf(NoSuchEntityException)
  })
})

describe('STS through its own SDK', () => {
  it('takes a key of 12 digits for the account, and any other for the account of the scenario', async () => {
    expect(await new STSClient(aws.clientConfig('700000000002')).send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: '700000000002' })
    expect(await new STSClient(aws.clientConfig('AKIAIOSFODNN7EXAMPLE')).send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: '111122223333' })
  })

  it('gives sessions that belong to the account of the role, to those whom the role trusts', async () => {
    const sts = new STSClient(aws.clientConfig('700000000003'))
    const RoleArn = 'arn:aws:iam::700000000004:role/tidegate/target'
    const assume = async (input: { readonly RoleArn?: string; readonly ExternalId?: string }): Promise<AssumeRoleCommandOutput> =>
      await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'tidegate', ...input }))
    await aws.post('orders', {
      order: 'CreateRole',
      account: '700000000004',
      name: 'target',
      path: '/tidegate/',
      trustedAccounts: ['700000000003'],
      externalId: 'tidegate-42',
    })
    const refused = { name: 'AccessDenied', message: expect.stringContaining(`is not authorized to perform: sts:AssumeRole on resource:`) }
    await expect(assume({})).rejects.toMatchObject(refused)
    await expect(assume({ ExternalId: 'somebody-else' })).rejects.toMatchObject(refused)
    await expect(assume({ RoleArn: 'arn:aws:iam::700000000004:role/target', ExternalId: 'tidegate-42' })).rejects.toMatchObject(refused)
    const stranger = new STSClient(aws.clientConfig('700000000005'))
    const command = new AssumeRoleCommand({ RoleArn, RoleSessionName: 'x-y', ExternalId: 'tidegate-42' })
    await expect(stranger.send(command)).rejects.toMatchObject(refused)

    const { Credentials } = await assume({ ExternalId: 'tidegate-42' })
    expect(Credentials?.Expiration).toBeInstanceOf(Date)
    const credentials = keysOf(Credentials)
    expect(await new STSClient({ ...aws.clientConfig(), credentials }).send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: '700000000004',
      Arn: 'arn:aws:sts::700000000004:assumed-role/target/tidegate',
    })
  })
})

describe('a token for an EKS cluster', () => {
  it('is a presigned GetCallerIdentity that STS answers for that cluster and no other', async () => {
    const url = await token('demo')
    expect([url.pathname, url.searchParams.get('Action'), url.searchParams.get('X-Amz-Expires'), url.searchParams.get('X-Amz-SignedHeaders')]).toEqual([
      '/',
      'GetCallerIdentity',
      '60',
      'host;x-k8s-aws-id',
    ])
    expect(url.searchParams.get('X-Amz-Credential')).toMatch(/\/us-west-2\/sts\/aws4_request$/)
    expect(await redeem(url, { 'x-k8s-aws-id': 'demo' })).toContain('arn:aws:sts::700000000006:assumed-role/for-demo/tidegate')
    expect(await redeem(url, { 'x-k8s-aws-id': 'other' })).toContain('SignatureDoesNotMatch')
    expect(await redeem(url, {})).toContain('SignatureDoesNotMatch')
  })

  it('cannot be changed, or given another date', async () => {
    const url = await token('other')
    const headers = { 'x-k8s-aws-id': 'other' }
    const changed = (name: string, value: string): URL => {
      const copy = new URL(url)
      copy.searchParams.set(name, value)
      return copy
    }
    expect(await redeem(changed('X-Amz-Expires', '61'), headers)).toContain('SignatureDoesNotMatch')
    expect(await redeem(changed('X-Amz-Security-Token', 'another'), headers)).toContain('InvalidClientTokenId')
    const date = url.searchParams.get('X-Amz-Date') ?? ''
    expect(await redeem(changed('X-Amz-Date', `${date.slice(0, 8)}T000000Z`), headers)).toMatch(/SignatureDoesNotMatch|Signature expired/)
    expect(await redeem(changed('X-Amz-Date', '20200101T000000Z'), headers)).toContain('IncompleteSignature')
    expect(await redeem(changed('X-Amz-SignedHeaders', 'x-k8s-aws-id'), headers)).toContain('IncompleteSignature')
  })
})

function keysOf(given: AssumeRoleCommandOutput['Credentials']): {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
} {
  return { accessKeyId: given?.AccessKeyId ?? '', secretAccessKey: given?.SecretAccessKey ?? '', sessionToken: given?.SessionToken ?? '' }
}

/** Our own port with the keys of a session, of which the simulator knows the secret. */
async function token(cluster: string): Promise<URL> {
  await aws.post('orders', { order: 'CreateRole', account: '700000000006', name: `for-${cluster}`, trustedAccounts: ['700000000006'] })
  const sts = new STSClient(aws.clientConfig('700000000006'))
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: `arn:aws:iam::700000000006:role/for-${cluster}`, RoleSessionName: 'tidegate' }))
  const shared = { clock: systemClock, metrics: createMetrics(), log: createLogger({ level: 'silent' }) }
  const port = createAws({
    ...shared,
    region: 'us-west-2',
    endpoint: aws.simulator.url,
    credentials: async () => await Promise.resolve(keysOf(Credentials)),
    budgets: createBudgets(shared),
    beforeWrite: async () => await Promise.resolve(undefined),
  })
  const text = await port.clusterTokens.tokenFor(cluster)
  await port.close()
  expect(text).toMatch(/^k8s-aws-v1\.[A-Za-z0-9_-]+$/)
  return new URL(Buffer.from(text.slice('k8s-aws-v1.'.length), 'base64url').toString())
}
async function redeem(url: URL, headers: Readonly<Record<string, string>>): Promise<string> {
  return await (await fetch(url, { headers })).text()
}
