import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { NodeGroupCreation } from '../../../src/aws/eks/port.ts'
import type { Aws } from '../../../src/aws/ports.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { systemRandom } from '../../../src/lib/random.ts'
import type { Metrics } from '../../../src/observability/metrics.ts'
import { type Simulator, startSimulator } from '../../../src/simulator/start.ts'
import { testAws } from './support.ts'

const { signal } = new AbortController()
const role = 'arn:aws:iam::111122223333:role/demo-node'
const subnet = 'subnet-0a1b2c3d4e5f60001'
const missingSubnet = 'subnet-0fffffffffffffff9'

let simulator: Simulator
let aws: Aws
let metrics: Metrics
let token = 0

beforeAll(async () => {
  simulator = await startSimulator({ clock: systemClock, random: systemRandom, log: pino({ level: 'silent' }), paused: true })
})

afterEach(async () => {
  await aws.close()
})

afterAll(async () => {
  await simulator.close()
})

beforeEach(async () => {
  await control('reset', {})
  const made = testAws(simulator.url)
  aws = made.aws
  metrics = made.metrics
})

async function control(path: string, order: unknown): Promise<void> {
  const answer = await fetch(`${simulator.url}/_simulator/${path}`, { method: 'POST', body: JSON.stringify(order) })
  if (!answer.ok) throw new Error(await answer.text())
}

const advance = async (seconds: number): Promise<void> => {
  await control('clock', { advanceSeconds: seconds })
}

const write = () => {
  token += 1
  return { signal, token: `token-${token}` }
}

const creation = (name: string, more: Partial<NodeGroupCreation> = {}): NodeGroupCreation => ({
  name,
  subnetIds: [subnet],
  nodeRoleArn: role,
  scaling: { minSize: 0, maxSize: 3, desiredSize: 0 },
  instanceTypes: ['m7i.large'],
  tags: { owner: 'tidegate' },
  ...more,
})

const sum = async (name: string): Promise<number> => {
  const { values } = (await metrics.registry.getSingleMetric(name)?.get()) ?? { values: [] }
  return values.reduce((total, { value }) => total + value, 0)
}

const failure = async (work: Promise<unknown>): Promise<unknown> => await work.catch((caught: unknown) => caught)

describe('node groups over the simulator', () => {
  it('are made, described, sized, tagged, listed and deleted', async () => {
    const asked = creation('workers', {
      labels: { tier: 'web' },
      taints: [{ key: 'a', value: 'b', effect: 'NoExecute' }],
      capacityType: 'Spot',
    })
    await aws.nodeGroups.create('demo', asked, write())
    expect(await aws.nodeGroups.describe('demo', 'workers', { signal })).toMatchObject({ ...asked, state: 'Creating' })

    await advance(300)
    const made = await aws.nodeGroups.describe('demo', 'workers', { signal })
    expect(made).toMatchObject({ state: 'Active', autoScalingGroups: [expect.stringContaining('eks-workers-')] })

    const id = await aws.nodeGroups.updateScaling('demo', 'workers', { desiredSize: 2 }, write())
    expect(await aws.nodeGroups.listUpdates('demo', 'workers', { signal })).toContain(id)
    await advance(300)
    expect(await aws.nodeGroups.describeUpdate('demo', 'workers', id ?? '', { signal })).toMatchObject({ id, state: 'Successful', errors: [] })

    await aws.nodeGroups.tag(made?.arn ?? '', { more: 'x' }, { signal })
    await aws.nodeGroups.untag(made?.arn ?? '', ['owner'], { signal })
    expect(await aws.nodeGroups.describe('demo', 'workers', { signal })).toMatchObject({ tags: { more: 'x' }, scaling: { desiredSize: 2, maxSize: 3 } })
    expect(await aws.nodeGroups.list('demo', { signal })).toEqual(['workers'])

    await aws.nodeGroups.delete('demo', 'workers', { signal })
    expect(await aws.nodeGroups.describe('demo', 'workers', { signal })).toMatchObject({ state: 'Deleting' })
    await advance(3600)
    expect(await aws.nodeGroups.describe('demo', 'workers', { signal })).toBeUndefined()
    await aws.nodeGroups.delete('demo', 'workers', { signal })
  })

  it('a creation whose answer was lost is not made twice, and its repetition with the same token is no error', async () => {
    await control('faults', { service: 'eks', action: 'CreateNodegroup', effect: 'DropResponse', times: 1 })
    const same = write()
    const madeAt = await aws.nodeGroups.create('demo', creation('workers'), same)
    expect(new Date(madeAt ?? '').toISOString()).toBe(madeAt)
    expect(await aws.nodeGroups.create('demo', creation('workers'), same)).toBe(madeAt)
    expect(await aws.nodeGroups.list('demo', { signal })).toEqual(['workers'])
  })

  it.each([
    ['an unknown subnet', { subnetIds: [missingSubnet] }, 'Invalid', 'SubnetNotFound', missingSubnet],
    ['an unknown role', { nodeRoleArn: 'arn:aws:iam::111122223333:role/nobody' }, 'Invalid', 'RoleNotFound', 'nobody'],
  ])('%s is refused with its name', async (_, wrong, kind, reason, named) => {
    const error = await failure(aws.nodeGroups.create('demo', creation('workers', wrong), write()))
    expect(error).toMatchObject({ kind, reason, message: expect.stringContaining(named) })
  })

  it('tells a name that is taken from a group that is busy, and a missing cluster from a missing group', async () => {
    await aws.nodeGroups.create('demo', creation('workers'), write())
    expect(await failure(aws.nodeGroups.create('demo', creation('workers'), write()))).toMatchObject({ kind: 'AlreadyExists', reason: 'NodeGroupExists' })
    expect(await failure(aws.nodeGroups.updateScaling('demo', 'workers', { desiredSize: 1 }, write()))).toMatchObject({ kind: 'Busy' })
    expect(await failure(aws.nodeGroups.describe('nowhere', 'workers', { signal }))).toMatchObject({ kind: 'NotFound', reason: 'ClusterNotFound' })
    expect(await failure(aws.nodeGroups.updateScaling('demo', 'nothing', { desiredSize: 1 }, write()))).toMatchObject({
      kind: 'NotFound',
      reason: 'NodeGroupNotFound',
    })
  })

  it('counts what it sends: requests and retries together are the calls that the simulator saw', async () => {
    await control('faults', { service: 'eks', action: 'DescribeCluster', effect: 'Throttle', times: 1 })
    expect(await aws.clusters.describe('demo', { signal })).toMatchObject({
      name: 'demo',
      state: 'Active',
      version: '1.36',
      autoMode: false,
      authenticationMode: 'ApiAndConfigMap',
    })
    expect(await aws.clusters.describe('nowhere', { signal })).toBeUndefined()
    const { calls } = (await (await fetch(`${simulator.url}/_simulator/calls?service=eks`)).json()) as { readonly calls: readonly unknown[] }
    expect((await sum('tidegate_aws_requests_total')) + (await sum('tidegate_aws_retries_total'))).toBe(calls.length)
  })
})
describe('the other ports over the simulator', () => {
  it('scaling groups are found by name and by cluster, with their instances', async () => {
    await aws.nodeGroups.create('demo', creation('workers', { scaling: { minSize: 0, maxSize: 3, desiredSize: 2 } }), write())
    await advance(300)
    const [name = ''] = (await aws.nodeGroups.describe('demo', 'workers', { signal }))?.autoScalingGroups ?? []
    const [group] = await aws.scalingGroups.describe([name], { signal })
    expect(group).toMatchObject({ name, minSize: 0, maxSize: 3, desiredCapacity: 2, zones: ['us-west-2a'], tags: { 'eks:cluster-name': 'demo' } })
    expect(group?.instances).toHaveLength(2)
    expect((await aws.scalingGroups.ofCluster('demo', { signal, maxAgeMs: 0 })).map((found) => found.name)).toEqual([name])
    expect(await aws.scalingGroups.ofCluster('other', { signal, maxAgeMs: 0 })).toEqual([])
    expect(await aws.scalingGroups.describe(['nothing'], { signal })).toEqual([])
    expect(await aws.scalingGroups.describe([], { signal })).toEqual([])
  })

  it('a launch that found no capacity says so', async () => {
    await control('faults', { effect: 'NoCapacity' })
    await aws.nodeGroups.create('demo', creation('workers'), write())
    await advance(300)
    const [name = ''] = (await aws.nodeGroups.describe('demo', 'workers', { signal }))?.autoScalingGroups ?? []
    await aws.nodeGroups.updateScaling('demo', 'workers', { desiredSize: 1 }, write())
    await advance(300)
    const [newest] = await aws.scalingGroups.activities(name, { signal })
    expect(newest).toMatchObject({ statusCode: 'Failed', failure: { kind: 'NoCapacity', reason: 'InsufficientCapacity' } })
  })

  it('the identity is the account of the key', async () => {
    expect(await aws.identity.get({ signal })).toMatchObject({ accountId: '111122223333' })
  })
})
