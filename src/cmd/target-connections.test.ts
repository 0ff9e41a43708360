import { expect, test, vi } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { seededRandom } from '../lib/random.ts'
import { createLogger } from '../observability/logger.ts'
import { createMetrics } from '../observability/metrics.ts'
import { TestListWatch } from '../runtime/informer-test-server.ts'
import { TargetConnections } from './target-connections.ts'

const defect = (): never => {
  throw new Error('a defect in who listens')
}

/** A target that is the management cluster itself; all listeners throw. */
async function openWithThrowingListeners() {
  const server = new TestListWatch()
  const clock = new FakeClock()
  const log = createLogger({ level: 'silent' })
  const errors = vi.spyOn(log, 'error')
  const onNode = vi.fn<() => void>(defect)
  const onSynced = vi.fn<() => void>(defect)
  const connections = new TargetConnections({
    management: server.client,
    beforeWrite: async () => undefined,
    onNode,
    onDrain: defect,
    onSynced,
    kubeRate: { qps: 200, burst: 400 },
    ownNamespace: () => undefined,
    updating: () => new Map(),
    begunDrains: () => new Set(),
    ownerOf: () => undefined,
    leaseHolder: () => 'mc',
    onLease: defect,
    clock,
    random: seededRandom(1),
    log,
    metrics: createMetrics(),
  })
  server.put('first')
  const { nodes } = await connections.open('demo', undefined)
  await clock.advance(0)
  return { server, clock, connections, nodes, errors, onNode, onSynced }
}

// An unhandled rejection fails the whole run of the tests.
test('a listener that throws is logged, and the nodes are watched on', async () => {
  const { server, clock, connections, nodes, errors, onNode, onSynced } = await openWithThrowingListeners()
  expect(onSynced).toHaveBeenCalledTimes(1)
  const said = errors.mock.calls.map(([, message]) => message)
  expect(said).toContain('informer handler failed')
  expect(said).toContain('listener failed when the nodes of a target were known')
  server.put('second')
  await clock.advance(0)
  expect(onNode).toHaveBeenCalledTimes(2)
  expect(nodes.list().map(({ metadata }) => metadata.name)).toEqual(['first', 'second'])
  await connections.closeAll()
})
