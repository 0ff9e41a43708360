import { expect, test } from 'vitest'
import type { KubeClient } from '../kube/client.ts'
import { KubeError } from '../kube/kube-error.ts'
import type { Node } from '../kube/objects.ts'
import type { RawPod } from '../kube/pod-summary.ts'
import { FakeClock } from '../lib/fake-clock.ts'
import { seededRandom } from '../lib/random.ts'
import { createLogger } from '../observability/logger.ts'
import { createMetrics } from '../observability/metrics.ts'
import { TestListWatch } from '../runtime/informer-test-server.ts'
import { TargetCaches } from './target-caches.ts'

const nothing = (): void => undefined

function setUp() {
  const servers = { nodes: new TestListWatch(), pods: new TestListWatch() }
  const client: Pick<KubeClient, 'watch'> = {
    watch: (resource, options) => servers[resource.plural as keyof typeof servers].client.watch(resource, options),
  }
  const clock = new FakeClock()
  const caches = new TargetCaches({
    target: 'demo',
    client: client as KubeClient,
    onNode: nothing,
    onDrain: nothing,
    onSynced: nothing,
    clock,
    random: seededRandom(1),
    log: createLogger({ level: 'silent' }),
    metrics: createMetrics(),
  })
  return { servers, clock, caches }
}

test.each(['nodes', 'pods'] as const)('it tells how old what it has of %s may be, and who says no', async (refused) => {
  const { servers, clock, caches } = setUp()
  const stop = new AbortController()
  const feeds = (): unknown => caches.nodes.feeds().map(({ resource, ageMs, failure }) => [resource, ageMs, failure])
  const never = Number.POSITIVE_INFINITY
  expect(feeds()).toEqual([
    ['nodes', never, undefined],
    ['pods', never, undefined],
  ])
  const ended = caches.run(stop.signal)
  await clock.advance(1000)
  const forbidden = new KubeError(403, 'Forbidden', 'no')
  for (let index = 0; index < 20; index += 1) servers[refused].failNext.push(forbidden)
  servers[refused].end('clean')
  await clock.advance(99_000)
  expect(feeds()).toEqual([
    ['nodes', 100_000, refused === 'nodes' ? forbidden : undefined],
    ['pods', 100_000, refused === 'pods' ? forbidden : undefined],
  ])
  stop.abort()
  await clock.advance(0)
  await ended
})

function rawNode(name: string, resourceVersion: string): Node {
  const amounts = { cpu: '192', memory: '2000Gi', pods: '250', 'nvidia.com/gpu': '8' }
  const conditions = [{ type: 'Ready', status: 'True' }]
  return {
    metadata: { name, uid: `uid-${name}`, resourceVersion },
    spec: { providerID: `aws:///us-west-2a/i-${name}` },
    status: { capacity: amounts, allocatable: amounts, conditions },
  }
}

function rawPod(name: string, nodeName: string, gpus: string, resourceVersion: string): RawPod {
  const resources = { requests: { 'nvidia.com/gpu': gpus }, limits: { 'nvidia.com/gpu': gpus } }
  return {
    metadata: { namespace: 'team', name, uid: `uid-${name}`, resourceVersion },
    spec: { nodeName, containers: [{ resources }] },
    status: { phase: 'Running' },
  }
}

test('a pod takes up GPUs only while the Node that it names is there', async () => {
  const { servers, clock, caches } = setUp()
  const stop = new AbortController()
  const ended = caches.run(stop.signal)
  await clock.advance(0)
  // who may make pods may write any name: a target that has room must not look full for it
  servers.nodes.forge({ type: 'ADDED', object: rawNode('here', '101') })
  servers.pods.forge({ type: 'ADDED', object: rawPod('runs', 'here', '3', '101') })
  servers.pods.forge({ type: 'ADDED', object: rawPod('claims', 'elsewhere', '4', '102') })
  await clock.advance(0)
  // otherwise the pod would not count because nobody knows it
  expect(caches.drain.podsOn('elsewhere')).toMatchObject([{ phase: 'Running', requests: { gpus: 4 } }])
  expect(caches.nodes.gpusRequested()).toBe(3)
  servers.nodes.forge({ type: 'ADDED', object: rawNode('elsewhere', '102') })
  await clock.advance(0)
  expect(caches.nodes.gpusRequested()).toBe(7)
  servers.nodes.forge({ type: 'DELETED', object: rawNode('here', '103') })
  await clock.advance(0)
  expect(caches.nodes.gpusRequested()).toBe(4)
  stop.abort()
  await clock.advance(0)
  await ended
})
