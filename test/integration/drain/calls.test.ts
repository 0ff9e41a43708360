import { expect, test } from 'vitest'
import { systemClock } from '../../../src/lib/clock.ts'
import { createMetrics } from '../../../src/observability/metrics.ts'
import { eventually } from '../../support/eventually.ts'
import { Drain, DrainWorld, kinds, signal } from './world.ts'

const [nodes, podsPerNode] = [Number(process.env['DRAIN_NODES'] ?? 3), Number(process.env['DRAIN_PODS'] ?? 10)]

test('a drain costs one patch, one list before the evictions and one look for each node, and one eviction for each pod', async () => {
  const world = await DrainWorld.open()
  const refs = await Promise.all(Array.from({ length: nodes }, async (_, n) => world.node(`n${n}`)))
  for (const [n] of refs.entries()) await world.deploy(`web-${n}`, podsPerNode)
  await world.allReady(nodes * podsPerNode)
  // budgets that allow it, each asked for pods on several nodes at the same time
  for (const [n] of refs.entries()) await world.budget(`web-${n}`, `web-${n}`, 0)
  await eventually(async () => {
    const { items } = await world.client.list(kinds.budgets, { namespace: world.name, signal })
    for (const budget of items) expect(budget).toMatchObject({ status: { disruptionsAllowed: podsPerNode } })
  })
  const there = refs.map((node) => world.cache.podsOn(node.name).length)
  // somebody has cordoned them all, so that no pod moves from one to the next before that is isolated too
  await Promise.all(refs.map(async ({ name }) => world.cordon(name)))
  await Promise.all(Array.from({ length: Math.ceil(nodes / 4) }, async (_, n) => world.node(`spare${n}`)))
  const metrics = createMetrics()
  const service = world.service({ metrics })
  const started = systemClock.monotonicMs()
  await Promise.all(refs.map(async (node) => new Drain(service, node).empty()))
  const seconds = (systemClock.monotonicMs() - started) / 1000
  if (process.env['DRAIN_NODES'] !== undefined) process.stderr.write(`${nodes} nodes, ${there.join()} pods: ${seconds.toFixed(1)} s\n`)

  const { values } = (await metrics.registry.getSingleMetric('rest_client_requests_total')?.get()) ?? { values: [] }
  const calls = Object.fromEntries(values.map(({ labels, value }) => [`${labels['verb']} ${labels['resource']} ${labels['code']}`, value]))
  expect(calls).toEqual({ 'patch nodes 200': nodes, 'evict pods 201': nodes * podsPerNode, 'get nodes 200': nodes, 'list pods 200': 2 * nodes })
})
