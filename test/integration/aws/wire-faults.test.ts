import { afterEach, describe, expect, it } from 'vitest'
import { isAwsError } from '../../../src/aws/aws-error.ts'
import { createBudgets } from '../../../src/aws/budgets.ts'
import type { Aws } from '../../../src/aws/ports.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { createMetrics } from '../../../src/observability/metrics.ts'
import { startWireServer, testAws, type WireAnswer, type WireRequest, type WireServer } from './support.ts'

let server: WireServer
let aws: Aws
const { signal } = new AbortController()

const listed = async () => await aws.nodeGroups.list('demo', { signal })

afterEach(async () => {
  await aws.close()
  await server.close()
})

async function start(answer: (request: WireRequest, count: number) => WireAnswer, options: Parameters<typeof testAws>[1] = {}) {
  server = await startWireServer(answer)
  const made = testAws(server.url, options)
  aws = made.aws
  return made
}

const eksError = (status: number, code: string, message: string): WireAnswer => ({ status, headers: { 'x-amzn-errortype': code }, body: { message } })
const update = { update: { id: 'u-1', status: 'InProgress' } }
const creation = {
  name: 'workers',
  subnetIds: ['subnet-1'],
  nodeRoleArn: 'arn:aws:iam::111122223333:role/n',
  scaling: { minSize: 0, maxSize: 3, desiredSize: 0 },
  tags: {},
}

describe('the AWS client on a bad wire', () => {
  it('gives up on a server that never answers, in bounded time, as Unavailable', async () => {
    await start(() => 'silence', { requestTimeoutMs: 1_000, maxAttempts: 2 })
    const since = systemClock.monotonicMs()
    const error = await aws.nodeGroups.describe('demo', 'workers', { signal }).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ kind: 'Unavailable', reason: 'AwsTimedOut', action: 'eks:DescribeNodegroup' })
    expect(systemClock.monotonicMs() - since).toBeLessThan(10_000)
    expect(server.requests).toHaveLength(2)
  })

  it('sends a write again with the same token when its answer was lost', async () => {
    await start((_, count) => (count === 1 ? 'break' : { body: update }))
    expect(await aws.nodeGroups.updateScaling('demo', 'workers', { minSize: 2 }, { signal, token: 't-1' })).toBe('u-1')
    expect(server.requests.map(({ body }) => JSON.parse(body))).toEqual([
      { clientRequestToken: 't-1', scalingConfig: { minSize: 2 } },
      { clientRequestToken: 't-1', scalingConfig: { minSize: 2 } },
    ])
  })

  it.each<readonly [string, () => Promise<unknown>]>([
    ['B1: a number', async () => await aws.nodeGroups.updateScaling('demo', 'workers', { desiredSize: 2 }, { signal, token: 't-1' })],
    ['B1: a maximum', async () => await aws.nodeGroups.updateScaling('demo', 'workers', { maxSize: 2 }, { signal, token: 't-1' })],
    ['B5: a number for Auto Scaling', async () => await aws.scalingGroups.setDesiredCapacity('a', 2, { signal })],
  ])('%s is not sent again by the SDK, since somebody may have raised what is there meanwhile', async (_, send) => {
    await start(() => eksError(429, 'ThrottlingException', 'Rate exceeded'))
    await expect(send()).rejects.toMatchObject({ kind: 'Throttled' })
    expect(server.requests).toHaveLength(1)
  })

  it.each<readonly [string, WireAnswer, Parameters<typeof testAws>[1]]>([
    ['the connection broke', 'break', {}],
    ['no answer came in time', 'silence', { requestTimeoutMs: 1_000 }],
    ['the service had a fault', { status: 500, body: '<ErrorResponse><Error><Code>InternalFailure</Code></Error></ErrorResponse>' }, {}],
    ['AWS throttled it', { status: 400, body: '<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>' }, {}],
  ])('B4: a termination is sent exactly once when %s, and other writes of the service are sent again', async (_, answer, options) => {
    await start(() => answer, { maxAttempts: 3, ...options })
    const kind = expect.stringMatching(/^(?:Unavailable|Throttled)$/) as string
    await expect(aws.scalingGroups.terminate('i-1', { group: 'a', decrement: true, signal })).rejects.toMatchObject({ kind })
    expect(server.requests).toHaveLength(1)
    await expect(aws.scalingGroups.suspend('a', ['AZRebalance'], { signal })).rejects.toMatchObject({ kind })
    await expect(aws.scalingGroups.terminate('i-2', { group: 'a', decrement: true, signal })).rejects.toMatchObject({ kind })
    const sent = server.requests.map(({ body }) => new URLSearchParams(body).get('Action'))
    expect(sent).toEqual([
      'TerminateInstanceInAutoScalingGroup',
      'SuspendProcesses',
      'SuspendProcesses',
      'SuspendProcesses',
      'TerminateInstanceInAutoScalingGroup',
    ])
  })

  it('B4: a termination leaves right after its last look, also when AWS has just throttled others', async () => {
    const throttled: WireAnswer = { status: 400, body: '<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>' }
    const ended = '<TerminateInstanceInAutoScalingGroupResponse><TerminateInstanceInAutoScalingGroupResult/></TerminateInstanceInAutoScalingGroupResponse>'
    await start((_, count) => (count <= 2 ? throttled : { body: ended }))
    const { scalingGroups } = aws
    const end = async (id: string): Promise<void> => await scalingGroups.terminate(id, { group: 'a', decrement: true, signal })
    for (const id of ['i-1', 'i-2']) await expect(end(id)).rejects.toMatchObject({ kind: 'Throttled' })
    const since = systemClock.monotonicMs()
    await Promise.all(Array.from({ length: 40 }, async (_, index) => await end(`i-${index + 3}`)))
    // held back by the SDK's own idea of the rate they take 6 s and more
    expect(systemClock.monotonicMs() - since).toBeLessThan(5_000)
  })

  it('closes connections that nobody uses, before the other end does and the next call meets that; one that waits for its answer stays', async () => {
    await start((_, count) => (count === 3 ? 'silence' : { body: { nodegroups: [] } }), { idleConnectionMs: 5_000, requestTimeoutMs: 8_000, maxAttempts: 1 })
    await Promise.all([listed(), listed()])
    expect(await server.connections()).toBe(2)
    await expect.poll(async () => await server.connections(), { timeout: 30_000 }).toBe(0)
    const since = systemClock.monotonicMs()
    await expect(listed()).rejects.toMatchObject({ reason: 'AwsTimedOut' })
    expect(systemClock.monotonicMs() - since).toBeGreaterThan(6_000)
    await expect(listed()).resolves.toEqual([])
  })

  it('says Unavailable when every answer is lost', async () => {
    await start(() => 'break', { maxAttempts: 2 })
    await expect(listed()).rejects.toMatchObject({ kind: 'Unavailable', reason: 'AwsUnreachable' })
  })

  it('says Unavailable when nobody listens', async () => {
    await start(() => 'silence', { maxAttempts: 1 })
    await server.close()
    await expect(aws.clusters.describe('demo', { signal })).rejects.toMatchObject({ kind: 'Unavailable', reason: 'AwsUnreachable' })
  })

  it.each([
    ['a page of a proxy', 200],
    ['an error page of a proxy', 502],
  ])('says that AWS did not answer when %s came', async (_, status) => {
    await start(() => ({ status, headers: { 'content-type': 'text/html' }, body: '<html>Sign in</html>' }), { maxAttempts: 1 })
    const error = await aws.clusters.describe('demo', { signal }).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ kind: 'Unavailable', reason: 'AnswerNotUnderstood' })
    expect(String(error)).not.toContain('hidden field')
  })

  it('says Throttled when AWS throttles all tries, and counts the retries', async () => {
    const { metrics } = await start(() => eksError(429, 'ThrottlingException', 'Rate exceeded'), { maxAttempts: 2 })
    await expect(aws.clusters.describe('demo', { signal })).rejects.toMatchObject({ kind: 'Throttled', reason: 'Throttled' })
    const text = await metrics.registry.metrics()
    expect(text).toContain('tidegate_aws_requests_total{service="eks",action="DescribeCluster",outcome="Throttled"} 1')
    expect(text).toContain('tidegate_aws_retries_total{service="eks",action="DescribeCluster"} 1')
    expect(server.requests).toHaveLength(2)
  })

  it('ends at once on an abort while a server is silent, with the reason of the signal', async () => {
    await start(() => 'silence')
    const stop = new AbortController()
    const reason = new Error('the lease was lost')
    const asking = aws.nodeGroups.describe('demo', 'workers', { signal: stop.signal }).catch((caught: unknown) => caught)
    await expect.poll(() => server.requests.length, { timeout: 10_000 }).toBe(1)
    const since = systemClock.monotonicMs()
    stop.abort(reason)
    expect(await asking).toBe(reason)
    expect(systemClock.monotonicMs() - since).toBeLessThan(5_000)
  })

  it('ends at once on an abort while the SDK waits as long as Retry-After says', async () => {
    await start(() => ({ status: 429, headers: { 'x-amzn-errortype': 'ThrottlingException', 'retry-after': '30' }, body: { message: 'Rate exceeded' } }))
    const stop = new AbortController()
    const asking = aws.clusters.describe('demo', { signal: stop.signal }).catch((caught: unknown) => caught)
    await expect.poll(() => server.requests.length, { timeout: 10_000 }).toBe(1)
    stop.abort(new Error('stopping'))
    expect(await asking).toMatchObject({ message: 'stopping' })
  })

  it('tells beforeWrite of writes alone, and of their outcome', async () => {
    const seen: unknown[] = []
    const beforeWrite: NonNullable<Parameters<typeof testAws>[1]>['beforeWrite'] = async (write) => {
      seen.push(write)
      return await Promise.resolve(async ({ ok }) => {
        seen.push(ok)
        return await Promise.resolve()
      })
    }
    await start(({ method }) => (method === 'POST' ? eksError(400, 'ResourceLimitExceededException', 'Too many') : { body: { nodegroups: [] } }), {
      beforeWrite,
    })
    await listed()
    await expect(aws.nodeGroups.create('demo', creation, { signal, token: 't' })).rejects.toMatchObject({ kind: 'QuotaExceeded', reason: 'QuotaReached' })
    expect(seen).toEqual([{ system: 'aws', action: 'eks:CreateNodegroup', target: 'demo/workers' }, false])
  })

  it('sends nothing when beforeWrite refuses', async () => {
    const refusal = new Error('not the leader')
    await start(() => ({ body: {} }), { beforeWrite: async () => await Promise.reject(refusal) })
    await expect(aws.nodeGroups.delete('demo', 'workers', { signal })).rejects.toBe(refusal)
    expect(server.requests).toEqual([])
  })

  it('an abort in the queue of the budget takes nothing from it', async () => {
    const metrics = createMetrics()
    const budgets = createBudgets({ clock: systemClock, metrics, rates: { eks: { perSecond: 5, burst: 1 } } })
    await start(() => ({ body: { nodegroups: [] } }), { budgets, metrics })
    await listed()
    const stop = new AbortController()
    const waiting = Array.from({ length: 100 }, async () => await aws.nodeGroups.list('demo', { signal: stop.signal }).catch((caught: unknown) => caught))
    stop.abort(new Error('stopping'))
    expect(await Promise.all(waiting)).toHaveLength(100)
    const since = systemClock.monotonicMs()
    await listed()
    expect(systemClock.monotonicMs() - since).toBeLessThan(10_000) // what they had taken would come back within 20 s
    expect(server.requests).toHaveLength(2)
  })
})

describe('answers of EKS', () => {
  it('a missing node group is undefined, a missing cluster is an error', async () => {
    await start(({ path }) =>
      eksError(404, 'ResourceNotFoundException', path.includes('/gone/') ? 'No cluster found for name: gone.' : 'No node group found for name: workers.'),
    )
    expect(await aws.nodeGroups.describe('demo', 'workers', { signal })).toBeUndefined()
    const error = await aws.nodeGroups.describe('gone', 'workers', { signal }).catch((caught: unknown) => caught)
    expect(isAwsError(error, 'NotFound') && error.reason).toBe('ClusterNotFound')
  })

  it.each([
    ['404 that is none of EKS’', { status: 404, body: { message: 'no such route' } }],
    ['200 that tells of no group and no cluster', { body: {} }],
  ])('P6: a %s does not say that anything is gone', async (_, answer) => {
    await start(() => answer)
    for (const ask of [aws.nodeGroups.describe('demo', 'workers', { signal }), aws.clusters.describe('demo', { signal })])
      await expect(ask).rejects.toMatchObject({ kind: 'Unavailable', reason: 'AnswerNotUnderstood' })
  })

  it('a list goes on after a short page', async () => {
    await start(({ path }) => ({ body: path.includes('nextToken') ? { nodegroups: ['b'] } : { nodegroups: [], nextToken: 'more' } }))
    expect(await listed()).toEqual(['b'])
  })

  it('a described group is shared for as long as the asker allows, and asked anew after an own write', async () => {
    await start(({ method }) => ({ body: method === 'POST' ? update : { nodegroup: { nodegroupName: 'workers', status: 'ACTIVE' } } }))
    const ask = async () => await aws.nodeGroups.describe('demo', 'workers', { signal, maxAgeMs: 60_000 })
    await Promise.all([ask(), ask(), ask()])
    expect(await ask()).toMatchObject({ state: 'Active' })
    expect(server.requests).toHaveLength(1)
    await aws.nodeGroups.updateScaling('demo', 'workers', { desiredSize: 1 }, { signal, token: 't' })
    await ask()
    expect(server.requests).toHaveLength(3)
  })
})
