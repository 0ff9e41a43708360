import { expect, test } from 'vitest'
import { KubeError } from '../../kube/kube-error.ts'
import { World } from './test-world.ts'

const full = new KubeError(500, 'InternalError', 'etcdserver: mvcc: database space exceeded')

function condition(world: World, type: string): unknown {
  return world.status?.conditions?.find((one) => one.type === type)
}

async function refusing(error: KubeError): Promise<World> {
  const world = new World()
  await world.pass('reconcile')
  expect(world.found).toBe('ready')
  world.leaseError = error
  await world.pass('reconcile')
  return world
}

test.each([
  ['a full etcd', full, 'InternalError: etcdserver: mvcc: database space exceeded'],
  ['no answer', new KubeError(0, 'NoAnswer', 'PUT …/leases/tidegate: no answer within 10000 ms'), 'NoAnswer: PUT …/leases/tidegate: no answer within 10000 ms'],
])('an API server that answers and takes no Lease (%s) is unreachable after a minute, also for the groups, until it takes one', async (_, error, says) => {
  const world = await refusing(error)
  expect(condition(world, 'Ready')).toMatchObject({ status: 'True' })
  expect(world.found).toBe('connecting')
  await world.later(60)
  expect(condition(world, 'KubernetesReachable')).toMatchObject({ status: 'False', reason: 'ClusterUnreachable' })
  expect(condition(world, 'KubernetesReachable')).toHaveProperty('message', expect.stringContaining(`does not take our Lease kube-system/tidegate (${says})`))
  expect(condition(world, 'Ready')).toMatchObject({ status: 'Unknown', reason: 'ClusterUnreachable' })
  const message = expect.stringContaining('the API server of TargetCluster demo does not take our Lease')
  expect(world.targets.find('demo', 'CleanUp')).toMatchObject({ state: 'unreachable', reason: 'ClusterUnreachable', message })
  world.leaseError = undefined
  await world.later(30)
  expect(condition(world, 'Ready')).toMatchObject({ status: 'True' })
  expect(world.found).toBe('ready')
})

test('the minute begins with the first write that failed: once the Lease counts as lost, it is over', async () => {
  const world = new World()
  await world.pass('reconcile')
  world.leaseFailsMs = 60_000
  world.leaseError = full
  await world.pass('reconcile')
  expect(condition(world, 'KubernetesReachable')).toMatchObject({ status: 'False', reason: 'ClusterUnreachable' })
  expect(world.found).toBe('unreachable')
})

test('words that change with each try are written once (P7)', async () => {
  const world = await refusing(new KubeError(500, 'InternalError', 'read tcp 10.0.0.5:40001: reset'))
  await world.later(60)
  const before = world.status?.conditions
  world.leaseError = new KubeError(500, 'InternalError', 'read tcp 10.0.0.5:40002: reset')
  await world.later(60)
  expect(world.status?.conditions).toEqual(before)
})

test('reasons that alternate are not written in turn; one that stays is told after a while (P7)', async () => {
  const [reset, late] = [new KubeError(500, 'InternalError', 'reset'), new KubeError(504, 'Timeout', 'etcdserver: request timed out')]
  const world = await refusing(reset)
  await world.later(60)
  const before = world.status?.conditions
  for (const error of [late, reset, late, reset, late]) {
    world.leaseError = error
    await world.later(30)
    expect(world.status?.conditions).toEqual(before)
  }
  await world.later(150)
  expect(condition(world, 'KubernetesReachable')).toHaveProperty('message', expect.stringContaining('Timeout: etcdserver: request timed out'))
})

test('ways to fail that alternate are not written in turn, neither for the target nor for its groups (P7)', async () => {
  const world = await refusing(full)
  await world.later(60)
  const before = [world.status?.conditions, world.targets.find('demo', 'CleanUp')]
  for (const answers of [false, true, false]) {
    world.kubernetes = () => {
      if (!answers) throw new KubeError(0, 'NoAnswer', 'reset')
      return { metadata: { uid: 'kube-system-uid' } }
    }
    await world.later(30)
    expect([world.status?.conditions, world.targets.find('demo', 'CleanUp')]).toEqual(before)
  }
})

test('what failed before anybody was told is not told: what fails then is', async () => {
  const world = await refusing(new KubeError(0, 'NoAnswer', 'no answer within 10000 ms'))
  world.leaseError = full
  await world.later(60)
  expect(condition(world, 'KubernetesReachable')).toHaveProperty('message', expect.stringContaining('database space exceeded'))
})

test('an API server that did not answer, and then answers without taking the Lease, is not waited for another minute', async () => {
  const world = new World()
  await world.pass('reconcile')
  world.kubernetes = () => {
    throw new KubeError(0, 'NoAnswer', 'reset')
  }
  await world.later(60)
  world.kubernetes = () => ({ metadata: { uid: 'kube-system-uid' } })
  world.leaseError = full
  await world.later(30)
  expect(world.found).toBe('unreachable')
  expect(condition(world, 'Ready')).toMatchObject({ status: 'Unknown' })
})

test('an API server that refuses the credentials after it was unreachable is no longer called unreachable', async () => {
  const world = await refusing(full)
  await world.later(60)
  expect(world.found).toBe('unreachable')
  world.leaseError = new KubeError(403, 'Forbidden', 'leases is forbidden')
  await world.later(30)
  expect(condition(world, 'Stalled')).toMatchObject({ reason: 'Forbidden' })
  expect(world.found).toBe('notReady')
})
