import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ScalingGroup } from '../../src/aws/autoscaling/port.ts'
import type { Aws } from '../../src/aws/ports.ts'
import { testAws } from '../integration/aws/support.ts'
import { nodeRole, type SimulatedAws, startSimulatedAws, subnets } from './simulated-aws.ts'

const { signal } = new AbortController()
const someone = { signal, protected: true }

let cloud: SimulatedAws
let aws: Aws
let account = 630_000_000_000
let group: string
let ids: readonly string[]

beforeAll(async () => {
  cloud = await startSimulatedAws()
})
afterAll(async () => {
  await cloud.simulator.close()
})

/** Every test has an account with one group of three nodes, minimum 0 and maximum 5. */
beforeEach(async () => {
  account += 1
  aws = testAws(cloud.simulator.url, { credentials: async () => await Promise.resolve(cloud.clientConfig(String(account)).credentials) }).aws
  const scaling = { minSize: 0, maxSize: 5, desiredSize: 3 }
  const creation = { name: 'workers', subnetIds: subnets, nodeRoleArn: nodeRole(String(account)), scaling, tags: {} }
  await aws.nodeGroups.create('demo', creation, { signal, token: 'create' })
  await cloud.advance(120)
  group = (await aws.nodeGroups.describe('demo', 'workers', { signal }))?.autoScalingGroups[0] ?? ''
  ids = (await now()).instances.map(({ instanceId }) => instanceId)
})
afterEach(async () => {
  await aws.close()
})

async function now(): Promise<ScalingGroup> {
  const [found] = await aws.scalingGroups.describe([group], { signal })
  if (found === undefined) throw new Error(`no Auto Scaling group ${group}`)
  return found
}

async function fault(order: object): Promise<void> {
  await cloud.post('faults', { account: String(account), service: 'autoscaling', times: 1, ...order })
}

async function callsOf(action: string): Promise<number> {
  const { calls } = (await cloud.get(`calls?account=${account}&service=autoscaling`)) as { readonly calls: readonly { readonly action: string }[] }
  return calls.filter((call) => call.action === action).length
}

const terminate = async (instanceId = ids[0] ?? ''): Promise<void> => {
  await aws.scalingGroups.terminate(instanceId, { group, decrement: true, signal })
}

describe('B4: a named termination', () => {
  it('takes the instance that was named and one off the count', async () => {
    await terminate(ids[1])
    const { desiredCapacity, instances } = await now()
    expect(desiredCapacity).toBe(2)
    expect(instances.filter(({ lifecycleState }) => lifecycleState.startsWith('Terminating')).map(({ instanceId }) => instanceId)).toEqual([ids[1]])
    await cloud.advance(1200)
    const left = (await now()).instances.map(({ instanceId }) => instanceId)
    expect([left.length, left.includes(ids[0] ?? ''), left.includes(ids[2] ?? '')]).toEqual([2, true, true])
  })

  it('whose answer was lost is not sent again, and has happened once', async () => {
    await fault({ action: 'TerminateInstanceInAutoScalingGroup', effect: 'DropResponse' })
    await expect(terminate()).rejects.toMatchObject({ kind: 'Unavailable' })
    expect(await callsOf('TerminateInstanceInAutoScalingGroup')).toBe(1)
    expect((await now()).desiredCapacity).toBe(2)
  })

  it.each([
    ['a scaling activity', { effect: 'Error', code: 'ScalingActivityInProgress' }, 'Busy', 'ScalingInProgress'],
    ['another change, which AWS answers with a 500', { effect: 'Error', code: 'ResourceContention' }, 'Busy', 'ScalingInProgress'],
    ['throttling', { effect: 'Throttle' }, 'Throttled', 'Throttled'],
    ['a fault of the service', { effect: 'Error', code: 'InternalFailure', status: 500 }, 'Unavailable', 'AwsUnavailable'],
  ])('that meets %s is left to the caller to repeat', async (_, effect, kind, reason) => {
    await fault({ action: 'TerminateInstanceInAutoScalingGroup', ...effect })
    await expect(terminate()).rejects.toMatchObject({ kind, reason })
    expect(await callsOf('TerminateInstanceInAutoScalingGroup')).toBe(1)
    expect((await now()).desiredCapacity).toBe(3)
    await terminate()
    expect((await now()).desiredCapacity).toBe(2)
  })

  it('is refused at the minimum, and of what is gone', async () => {
    await terminate()
    await cloud.advance(1200)
    await expect(terminate()).rejects.toMatchObject({ kind: 'NotFound', reason: 'InstanceNotFound' })
    await aws.nodeGroups.updateScaling('demo', 'workers', { minSize: 2 }, { signal, token: 'min' })
    await expect(terminate(ids[1])).rejects.toMatchObject({ kind: 'Invalid', reason: 'MinSizeReached' })
    expect((await now()).desiredCapacity).toBe(2)
  })
})

describe('B5: withdrawing', () => {
  it('ends nothing that is protected', async () => {
    await aws.scalingGroups.protect(group, ids, someone)
    expect((await now()).instances.map(({ protectedFromScaleIn }) => protectedFromScaleIn)).toEqual([true, true, true])
    await aws.scalingGroups.setDesiredCapacity(group, 1, { signal })
    await cloud.advance(1200)
    expect((await now()).instances.filter(({ lifecycleState }) => lifecycleState === 'InService')).toHaveLength(3)
    await aws.scalingGroups.setDesiredCapacity(group, 3, { signal })
    await aws.scalingGroups.protect(group, ids, { signal, protected: false })
    expect((await now()).instances.map(({ protectedFromScaleIn }) => protectedFromScaleIn)).toEqual([false, false, false])
  })

  it('waits for what is leaving, and hears of what is gone', async () => {
    await terminate()
    await expect(aws.scalingGroups.protect(group, ids, someone)).rejects.toMatchObject({ kind: 'Busy', reason: 'ScalingInProgress' })
    await cloud.advance(1200)
    await expect(aws.scalingGroups.protect(group, ids, someone)).rejects.toMatchObject({ kind: 'NotFound', reason: 'InstanceNotFound' })
  })

  it('keeps within the bounds, and is not sent again when its answer was lost', async () => {
    await expect(aws.scalingGroups.setDesiredCapacity(group, 6, { signal })).rejects.toMatchObject({ kind: 'Invalid', reason: 'SizeOutOfBounds' })
    await fault({ action: 'SetDesiredCapacity', effect: 'DropResponse' })
    await expect(aws.scalingGroups.setDesiredCapacity(group, 4, { signal })).rejects.toMatchObject({ kind: 'Unavailable' })
    expect(await callsOf('SetDesiredCapacity')).toBe(2)
    expect((await now()).desiredCapacity).toBe(4)
  })
})

describe('B6: zones', () => {
  it('only the processes that are named are suspended and resumed', async () => {
    await aws.scalingGroups.suspend(group, ['HealthCheck', 'AZRebalance'], { signal })
    expect((await now()).suspendedProcesses.toSorted()).toEqual(['AZRebalance', 'HealthCheck'])
    await aws.scalingGroups.resume(group, ['AZRebalance'], { signal })
    expect((await now()).suspendedProcesses).toEqual(['HealthCheck'])
    await aws.scalingGroups.resume(group, [], { signal })
    expect((await now()).suspendedProcesses).toEqual(['HealthCheck'])
  })

  it('what we suspended is written on the group beside the tags of others', async () => {
    const before = (await now()).tags
    await aws.scalingGroups.tag(group, { 'tidegate.io/suspended': 'AZRebalance', other: 'x' }, { signal })
    await aws.scalingGroups.untag(group, ['other', 'never-there'], { signal })
    expect((await now()).tags).toEqual({ ...before, 'tidegate.io/suspended': 'AZRebalance' })
    await expect(aws.scalingGroups.tag(group, { 'aws:mine': '' }, { signal })).rejects.toMatchObject({ kind: 'Invalid', reason: 'RefusedByAws' })
  })
})

const writes: Readonly<Record<string, (name: string) => Promise<void>>> = {
  setDesiredCapacity: async (name) => await aws.scalingGroups.setDesiredCapacity(name, 4, { signal }),
  protect: async (name) => await aws.scalingGroups.protect(name, ids, someone),
  suspend: async (name) => await aws.scalingGroups.suspend(name, ['AZRebalance'], { signal }),
  resume: async (name) => await aws.scalingGroups.resume(name, ['AZRebalance'], { signal }),
  tag: async (name) => await aws.scalingGroups.tag(name, { k: 'v' }, { signal }),
  untag: async (name) => await aws.scalingGroups.untag(name, ['k'], { signal }),
}

describe.each(Object.entries(writes))('%s', (_name, write) => {
  it('of a group that is not there says so', async () => {
    await expect(write('eks-gone')).rejects.toMatchObject({ kind: 'NotFound', reason: 'AutoScalingGroupNotFound' })
  })

  it('B1: of a group that a service operates says that it is locked', async () => {
    await cloud.post('orders', { account: String(account), order: 'LockScalingGroup', cluster: 'demo', nodegroup: 'workers', operator: 'eks.amazonaws.com' })
    await expect(write(group)).rejects.toMatchObject({ kind: 'AccessDenied', reason: 'GroupLockedByOperator' })
  })
})

async function narrowed(change: (policy: string) => string): Promise<void> {
  const policy = await readFile(join(import.meta.dirname, '../../config/iam/policy.json'), 'utf8')
  await cloud.post('policy', { account: String(account), policy: JSON.parse(change(policy)) as object })
}

describe('A7: with the policy that the operator is given', () => {
  it('every write passes', async () => {
    await narrowed((policy) => policy)
    for (const write of Object.values(writes)) await write(group)
    await aws.scalingGroups.protect(group, ids, { signal, protected: false })
    await terminate()
    expect((await now()).desiredCapacity).toBe(3)
  })

  it.each([
    [
      'a group of another cluster',
      (policy: string) => policy.replace('"aws:ResourceTag/eks:cluster-name": "*"', '"aws:ResourceTag/eks:cluster-name": "other"'),
    ],
    ['a group that EKS did not make', (policy: string) => policy.replace('autoScalingGroupName/eks-*', 'autoScalingGroupName/web-*')],
  ])('%s is out of reach', async (_, change) => {
    await narrowed(change)
    for (const write of [...Object.values(writes), async () => await terminate()]) {
      await expect(write(group)).rejects.toMatchObject({ kind: 'AccessDenied', reason: 'AccessDenied' })
    }
    expect((await now()).desiredCapacity).toBe(3)
  })
})
