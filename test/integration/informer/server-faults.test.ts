import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ControlPlane, startControlPlane } from '../../../src/local/control-plane.ts'
import { sharedAssets } from '../../support/control-plane-own.ts'
import { eventually } from '../../support/eventually.ts'
import { isWatch, isWatchList } from '../../support/fault-proxy.ts'
import { World } from './world.ts'

/** A plane of its own: the API server is killed here, and history forgotten. */
let plane: ControlPlane
beforeAll(async () => {
  plane = await startControlPlane({ assets: sharedAssets(), parts: [] })
})
afterAll(async () => {
  await plane.stop()
})

const signal = new AbortController().signal

test('the API server is killed and started again', async () => {
  const world = await World.open(plane)
  await world.churn(15)
  world.start()
  await world.informer.synced({ signal })
  const { size } = world.informer.cache
  await plane.killApiserver()
  await eventually(async () => expect(await world.restarts('unavailable')).toBeGreaterThanOrEqual(2))
  expect(world.informer.cache.size).toBe(size)
  await plane.startApiserver()
  await world.churn(15)
  expect(await world.converges()).toBe(true)
})

test('the API server stands still for a while', async () => {
  const world = await World.open(plane)
  await world.churn(10)
  world.start()
  await world.informer.synced({ signal })
  plane.pauseApiserver()
  try {
    await eventually(async () => expect(await world.restarts('stalled')).toBeGreaterThanOrEqual(1))
  } finally {
    plane.resumeApiserver()
  }
  await world.churn(10)
  expect(await world.converges()).toBe(true)
})

/** What etcd's own compaction does, at once: https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/ */
async function compact(revision: string): Promise<void> {
  const answer = await fetch(`${plane.etcdUrl}/v3/kv/compaction`, { method: 'POST', body: JSON.stringify({ revision, physical: true }) })
  expect(answer.status).toBe(200)
}

test('history that we missed is forgotten: 410, and what went meanwhile is told', async () => {
  const world = await World.open(plane)
  for (const name of ['kept', 'gone', 'again']) await world.put(name)
  world.start()
  await world.informer.synced({ signal })
  await world.proxy.refuse()
  await world.remove('gone')
  await world.recreate('again')
  const { metadata } = await world.put('new')
  await compact(metadata.resourceVersion)
  // a new API server knows no history but etcd's
  await plane.killApiserver()
  await plane.startApiserver()
  await world.proxy.accept()
  expect(await world.converges()).toBe(true)
  expect(await world.restarts('expired')).toBeGreaterThanOrEqual(1)
  expect(world.unseen.toSorted()).toEqual(['again', 'gone'])
})

test('an API server that is behind brings nothing back', async () => {
  const world = await World.open(plane)
  await world.put('phantom')
  await world.put('kept')
  world.start()
  await world.informer.synced({ signal })
  const old = world.informer.cache.list().map((object) => JSON.stringify({ type: 'ADDED', object }))
  const then = world.informer.resourceVersion
  await world.remove('phantom')
  expect(await world.converges()).toBe(true)
  const bookmark = { type: 'BOOKMARK', object: { metadata: { resourceVersion: then, annotations: { 'k8s.io/initial-events-end': 'true' } } } }
  const lists = world.proxy.rule({ match: isWatchList, fault: { lines: [...old, JSON.stringify(bookmark)] } })
  const body = JSON.stringify({ kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' })
  const watches = world.proxy.rule({ match: (request) => isWatch(request) && !isWatchList(request), fault: { answer: 410, body } })
  world.proxy.cut()
  await eventually(async () => expect(await world.restarts('stale_server')).toBeGreaterThanOrEqual(3))
  expect(world.replayed.has(`${world.namespace}/phantom`)).toBe(false)
  lists()
  watches()
  await world.churn(5)
  expect(await world.converges()).toBe(true)
  expect(world.unseen).toEqual([])
})
