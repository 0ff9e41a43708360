import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../../src/lib/clock.ts'
import { type ControlPlane, startControlPlane } from '../../../src/local/control-plane.ts'
import { sharedAssets } from '../../support/control-plane-own.ts'
import { eventually } from '../../support/eventually.ts'
import { isWatch, isWatchList } from '../../support/fault-proxy.ts'
import { World } from './world.ts'

let plane: ControlPlane
beforeAll(async () => {
  plane = await startControlPlane({ assets: sharedAssets(), parts: [] })
})
afterAll(async () => {
  await plane.stop()
})

const signal = new AbortController().signal
/** For tests that count requests: a machine that was busy for seconds is no stall. */
const unhurried = { stallMs: 20_000 }

async function synced(world: World): Promise<void> {
  world.start()
  await world.informer.synced({ signal })
}

test('WatchList is used: the list comes in the watch, and nothing is listed', async () => {
  const world = await World.open(plane, unhurried)
  await world.churn(20)
  await synced(world)
  await world.churn(20)
  expect(await world.converges()).toBe(true)
  expect(world.proxy.requests.filter(isWatchList)).toHaveLength(1)
  expect(world.proxy.requests.filter((request) => !isWatch(request))).toEqual([])
})

test('where WatchList is refused the list comes in pages', async () => {
  const world = await World.open(plane)
  world.proxy.rule({ match: isWatchList, fault: { answer: 422, body: '<html>no</html>' } })
  for (let index = 0; index < 12; index += 1) await world.put(`p${index}`)
  await synced(world)
  await world.churn(10)
  expect(await world.converges()).toBe(true)
  const lists = world.proxy.requests.filter((request) => !isWatch(request))
  expect(lists.map(({ query }) => query.get('limit'))).toEqual(['5', '5', '5'])
})

test('connections that are cut again and again', async () => {
  const world = await World.open(plane, unhurried)
  await synced(world)
  for (let time = 0; time < 6; time += 1) {
    await world.churn(6)
    world.proxy.cut()
  }
  expect(await world.converges()).toBe(true)
  expect(await world.restarts('unavailable')).toBeGreaterThan(0)
  expect(world.proxy.requests.filter(isWatchList)).toHaveLength(1)
})

test('a half-open connection is cut when it was silent for too long', async () => {
  const world = await World.open(plane)
  await synced(world)
  await world.churn(10)
  world.proxy.halfOpen()
  await world.churn(10)
  expect(await world.converges()).toBe(true)
  expect(await world.restarts('stalled')).toBeGreaterThan(0)
})

test('a cache that is followed is never old, also where nothing happens; one that is refused grows old until it is followed again', async () => {
  const world = await World.open(plane)
  await synced(world)
  const { informer } = world
  let oldestMs = 0
  await eventually(async () => {
    oldestMs = Math.max(oldestMs, informer.lastContactAgeMs())
    expect(await world.restarts('stalled')).toBeGreaterThanOrEqual(6)
  })
  expect(oldestMs).toBeLessThan(10_000) // where opening it again is no contact: six silences of 2.5 s and more
  const body = JSON.stringify({ kind: 'Status', reason: 'Forbidden', message: 'configmaps is forbidden' })
  const lift = world.proxy.rule({ match: () => true, fault: { answer: 403, body } })
  world.proxy.cut()
  await eventually(() => expect(informer.lastContactAgeMs()).toBeGreaterThan(6000))
  expect(informer.failure).toMatchObject({ status: 403, message: 'configmaps is forbidden' })
  lift()
  await eventually(() => expect(informer.lastContactAgeMs()).toBeLessThan(2500))
  expect(informer.failure).toBeUndefined()
})

test('a line that is truncated is not skipped', async () => {
  const world = await World.open(plane)
  await world.churn(5)
  await synced(world)
  world.proxy.rule({ match: isWatch, fault: { truncate: true }, times: 3 })
  world.proxy.cut()
  // nothing that came before the break is lost, nor is the object in the broken line
  for (let time = 0; time < 8; time += 1) await world.churn(4)
  await eventually(async () => expect(await world.restarts('broken_stream')).toBeGreaterThanOrEqual(1))
  await world.churn(10)
  expect(await world.converges()).toBe(true)
})

test('a first list that is truncated is taken again', async () => {
  const world = await World.open(plane, unhurried)
  await world.churn(15)
  world.proxy.rule({ match: isWatchList, fault: { truncate: true }, times: 2 })
  await synced(world)
  expect(await world.converges()).toBe(true)
  expect(await world.restarts('broken_stream')).toBe(2)
})

test('a 429 is waited for as long as Retry-After says', async () => {
  const world = await World.open(plane)
  await synced(world)
  world.proxy.rule({ match: isWatch, fault: { answer: 429, headers: { 'retry-after': '1' } }, times: 2 })
  const before = world.proxy.requests.length
  world.proxy.cut()
  await world.churn(10)
  expect(await world.converges()).toBe(true)
  const [first, second, third] = world.proxy.requests.slice(before).map(({ atMs }) => atMs)
  expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(990)
  expect((third ?? 0) - (second ?? 0)).toBeGreaterThanOrEqual(990)
  expect(await world.restarts('throttled')).toBe(2)
})

test('500s and pages of HTML keep the place in the stream', async () => {
  const world = await World.open(plane, unhurried)
  await synced(world)
  world.proxy.rule({ match: isWatch, fault: { answer: 500, body: '<html>bad gateway</html>' }, times: 5 })
  world.proxy.cut()
  await world.churn(20)
  expect(await world.converges()).toBe(true)
  expect(await world.restarts('unavailable')).toBeGreaterThanOrEqual(5)
  expect(world.proxy.requests.filter(isWatchList)).toHaveLength(1)
})

test('a list that is slow comes in the end', async () => {
  const world = await World.open(plane)
  world.proxy.rule({ match: isWatchList, fault: { answer: 400 } })
  world.proxy.rule({ match: (request) => !isWatch(request), fault: { delayMs: 700 }, times: 3 })
  await world.churn(15)
  world.start()
  await world.churn(15)
  expect(await world.converges()).toBe(true)
})

test('a stop during a list ends the run at once', async () => {
  const world = await World.open(plane, unhurried)
  await world.churn(5)
  world.proxy.rule({ match: () => true, fault: { delayMs: 60_000 } })
  world.start()
  await eventually(() => expect(world.proxy.requests).toHaveLength(1))
  const started = systemClock.monotonicMs()
  await world.end()
  expect(systemClock.monotonicMs() - started).toBeLessThan(10_000) // the list comes after 60 s, and its silence is cut after 20 s
  expect(world.proxy.requests).toHaveLength(1)
  expect(world.informer.cache.size).toBe(0)
})

test('a handler that throws disturbs nobody', async () => {
  const world = await World.open(plane)
  world.informer.addHandler({
    added: () => {
      throw new Error('added')
    },
    updated: () => {
      throw new Error('updated')
    },
    deleted: () => {
      throw new Error('deleted')
    },
  })
  await synced(world)
  await world.churn(30)
  expect(await world.converges()).toBe(true)
  const errors = await world.metrics.registry.getSingleMetricAsString('informer_errors_total')
  expect(errors).toMatch(/where="handler"\} [1-9]/)
})

test('read-your-writes: the cache shows a write that was waited for', async () => {
  const world = await World.open(plane)
  await synced(world)
  for (let time = 0; time < 10; time += 1) {
    const written = await world.put('mine')
    const key = `${world.namespace}/mine`
    expect(await world.informer.waitFor(key, written.metadata.resourceVersion, { signal, timeoutMs: 30_000 })).toBe(true)
    expect(world.informer.cache.get(key)?.metadata.resourceVersion).toBe(written.metadata.resourceVersion)
  }
})
