import { GetRoleCommand, IAMClient, ListAttachedRolePoliciesCommand, NoSuchEntityException } from '@aws-sdk/client-iam'
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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

  it('gives sessions that belong to the account of the role', async () => {
    const sts = new STSClient(aws.clientConfig('700000000003'))
    const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::700000000004:role/tidegate', RoleSessionName: 'tidegate' }))
    expect(Credentials?.Expiration).toBeInstanceOf(Date)
    const credentials = {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    }
    expect(await new STSClient({ ...aws.clientConfig(), credentials }).send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: '700000000004',
      Arn: 'arn:aws:sts::700000000004:assumed-role/tidegate/tidegate',
    })
  })
})
