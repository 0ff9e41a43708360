import { expect, test } from 'vitest'
import { KubeError } from '../../kube/kube-error.ts'
import { World } from './test-world.ts'

const forbidden = new KubeError(403, 'Forbidden', 'nodes is forbidden')
const reset = new KubeError(0, 'NoAnswer', 'ECONNRESET')

function condition(world: World, type: string): unknown {
  return world.status?.conditions?.find((one) => one.type === type)
}

/** A target whose nodes and pods were known, and of which one has not been told of for so long. */
async function unheardFor(seconds: number, failure: unknown, resource: 'nodes' | 'pods' = 'nodes'): Promise<World> {
  const world = new World()
  await world.pass('reconcile')
  expect(world.found).toBe('ready')
  world.feeds[resource] = { ageMs: seconds * 1000, failure }
  return world
}

test('a watch that is silent as long as one that works can be is no news', async () => {
  const world = await unheardFor(200, undefined)
  expect(world.found).toBe('ready')
  await world.later(300)
  expect(condition(world, 'Ready')).toMatchObject({ status: 'True' })
  expect(world.found).toBe('ready')
})

test.each(['nodes', 'pods'] as const)(
  '%s of which nobody tells any more: nothing is begun at once, and after a minute it says what is refused',
  async (resource) => {
    const world = await unheardFor(210, forbidden, resource)
    expect(world.found).toBe('connecting')
    await world.pass('reconcile')
    expect(condition(world, 'Ready')).toMatchObject({ status: 'True' })
    await world.later(60)
    const message = expect.stringContaining(`the ${resource} of the target cannot be listed and watched: give the credentials list and watch on nodes and pods`)
    expect(condition(world, 'KubernetesReachable')).toMatchObject({ status: 'False', reason: 'Forbidden', message })
    expect(world.targets.find('demo', 'CleanUp')).toMatchObject({ state: 'notReady', reason: 'TargetNotReady', message })
    world.feeds[resource] = { ageMs: 0, failure: undefined }
    expect(world.found).toBe('ready')
    await world.later(30)
    expect(condition(world, 'Ready')).toMatchObject({ status: 'True' })
  },
)

test('where nothing is refused, the API server counts as unreachable, also for the groups', async () => {
  const world = await unheardFor(210, reset)
  world.feeds.pods = { ageMs: 600_000, failure: undefined }
  await world.later(90)
  const message = expect.stringContaining('the API server does not tell of its nodes and pods (NoAnswer)')
  expect(condition(world, 'KubernetesReachable')).toMatchObject({ status: 'False', reason: 'ClusterUnreachable', message })
  expect(condition(world, 'Ready')).toMatchObject({ status: 'Unknown', reason: 'ClusterUnreachable' })
  const told = expect.stringContaining('the API server of TargetCluster demo does not tell of its nodes and pods')
  expect(world.targets.find('demo', 'CleanUp')).toMatchObject({ state: 'unreachable', message: told })
  world.feeds.nodes = world.feeds.pods = { ageMs: 0, failure: undefined }
  await world.later(30)
  expect(condition(world, 'Ready')).toMatchObject({ status: 'True' })
  expect(world.found).toBe('ready')
})

test('failures of the watches that alternate are not written in turn (P7)', async () => {
  const world = await unheardFor(210, reset)
  await world.later(90)
  const before = world.status?.conditions
  for (const failure of [undefined, new KubeError(504, 'Timeout', 'late'), reset]) {
    world.feeds.nodes = { ageMs: 600_000, failure }
    world.feeds.pods = { ageMs: failure === undefined ? 600_000 : 0, failure: undefined }
    await world.later(30)
    expect(world.status?.conditions).toEqual(before)
  }
})

test('a process that was held up for longer says nothing, if it hears of them within a minute', async () => {
  const world = await unheardFor(3600, undefined)
  await world.pass('reconcile')
  await world.later(30)
  world.feeds.nodes = { ageMs: 0, failure: undefined }
  await world.later(300)
  expect(world.found).toBe('ready')
  world.feeds.nodes = { ageMs: 3600_000, failure: undefined }
  await world.later(60)
  expect(condition(world, 'Ready')).toMatchObject({ status: 'True' })
})

test('after a start, nodes that are not told for a minute are Forbidden only where they are refused', async () => {
  const world = await unheardFor(Number.POSITIVE_INFINITY, undefined)
  await world.later(90)
  expect(condition(world, 'KubernetesReachable')).toMatchObject({ reason: 'ClusterUnreachable' })
  world.feeds.nodes = { ageMs: Number.POSITIVE_INFINITY, failure: forbidden }
  await world.later(30)
  expect(condition(world, 'KubernetesReachable')).toMatchObject({ reason: 'Forbidden' })
  expect(world.found).toBe('notReady')
})
