import { afterEach, describe, expect, it } from 'vitest'
import type { Aws } from '../../../src/aws/ports.ts'
import { startWireServer, testAws, type WireAnswer, type WireRequest, type WireServer } from './support.ts'

let server: WireServer
let aws: Aws
const { signal } = new AbortController()

afterEach(async () => {
  await aws.close()
  await server.close()
})

async function start(answer: (request: WireRequest, count: number) => WireAnswer): Promise<void> {
  server = await startWireServer(answer)
  aws = testAws(server.url).aws
}

const forms = () => server.requests.map(({ body }) => Object.fromEntries(new URLSearchParams(body)))
const group = (
  name: string,
) => `<member><AutoScalingGroupName>${name}</AutoScalingGroupName><MinSize>0</MinSize><MaxSize>3</MaxSize><DesiredCapacity>2</DesiredCapacity>
  <AvailabilityZones><member>us-west-2a</member></AvailabilityZones>
  <Instances><member><InstanceId>i-1</InstanceId><AvailabilityZone>us-west-2a</AvailabilityZone><LifecycleState>InService</LifecycleState><ProtectedFromScaleIn>true</ProtectedFromScaleIn></member></Instances>
  <SuspendedProcesses><member><ProcessName>AZRebalance</ProcessName></member></SuspendedProcesses>
  <Tags><member><Key>eks:cluster-name</Key><Value>demo</Value></member></Tags></member>`
const groups = (members: string, next = ''): WireAnswer => ({
  body: `<DescribeAutoScalingGroupsResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/"><DescribeAutoScalingGroupsResult><AutoScalingGroups>${members}</AutoScalingGroups>${next}</DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>`,
})
const sweep = async () => await aws.scalingGroups.ofCluster('demo', { signal, maxAgeMs: 30_000 })
const queryError = (status: number, code: string, message: string): WireAnswer => ({
  status,
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>942555e2-ecea-410a-af02-39fa33aefa90</RequestId></ErrorResponse>`,
})
describe('scaling groups on the wire', () => {
  it('of a cluster come by one sweep for all that ask, over short and empty pages', async () => {
    await start(
      (_, count) => [groups(group('a'), '<NextToken>1</NextToken>'), groups('', '<NextToken>2</NextToken>'), groups(group('b'))][count - 1] ?? 'break',
    )
    const [one, other] = await Promise.all([sweep(), sweep()])
    expect(one.map(({ name }) => name)).toEqual(['a', 'b'])
    expect(other).toEqual(one)
    expect(await sweep()).toEqual(one)
    expect(one[0]).toEqual({
      name: 'a',
      minSize: 0,
      maxSize: 3,
      desiredCapacity: 2,
      instances: [{ instanceId: 'i-1', zone: 'us-west-2a', lifecycleState: 'InService', protectedFromScaleIn: true }],
      suspendedProcesses: ['AZRebalance'],
      zones: ['us-west-2a'],
      tags: { 'eks:cluster-name': 'demo' },
    })
    expect(forms()).toMatchObject([
      { 'Filters.member.1.Name': 'tag:eks:cluster-name', 'Filters.member.1.Values.member.1': 'demo', MaxRecords: '100' },
      { NextToken: '1' },
      { NextToken: '2' },
    ])
  })

  it('by name are asked for a hundred at a time, and no names ask nothing', async () => {
    await start(() => groups(''))
    expect(await aws.scalingGroups.describe([], { signal })).toEqual([])
    await aws.scalingGroups.describe(
      Array.from({ length: 101 }, (_, index) => `g${index}`),
      { signal },
    )
    expect(forms().map((form) => Object.keys(form).filter((key) => key.startsWith('AutoScalingGroupNames')).length)).toEqual([100, 1])
  })

  it('activities say why instances do not come', async () => {
    const text = 'Could not launch On-Demand Instances. InsufficientInstanceCapacity - We currently do not have sufficient m7i.large capacity.'
    await start(() => ({
      body: `<DescribeScalingActivitiesResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/"><DescribeScalingActivitiesResult><Activities><member><StatusCode>Failed</StatusCode><StatusMessage>${text}</StatusMessage><Description>Launching a new EC2 instance.  Status Reason: none</Description><StartTime>2026-11-21T06:00:00Z</StartTime></member><member><StatusCode>Successful</StatusCode><Description>Terminating EC2 instance: i-1</Description></member></Activities></DescribeScalingActivitiesResult></DescribeScalingActivitiesResponse>`,
    }))
    expect(await aws.scalingGroups.activities('a', { signal })).toEqual([
      {
        statusCode: 'Failed',
        statusMessage: text,
        isLaunch: true,
        startTime: '2026-11-21T06:00:00.000Z',
        failure: { kind: 'NoCapacity', reason: 'InsufficientCapacity' },
      },
      { statusCode: 'Successful', statusMessage: '', isLaunch: false, startTime: '' },
    ])
  })

  it('a missing group is NotFound, though AWS says only ValidationError', async () => {
    await start(() => queryError(400, 'ValidationError', 'Group a not found'))
    await expect(aws.scalingGroups.activities('a', { signal })).rejects.toMatchObject({ kind: 'NotFound', reason: 'AutoScalingGroupNotFound' })
  })
})

describe('STS on the wire', () => {
  it('the identity is what STS says', async () => {
    await start(() => ({
      body: '<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account><Arn>arn:aws:iam::111122223333:user/x</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>',
    }))
    expect(await aws.identity.get({ signal })).toEqual({ accountId: '111122223333', arn: 'arn:aws:iam::111122223333:user/x' })
  })
})
