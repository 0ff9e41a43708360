import { expect, test } from 'vitest'
import type { KubeClient } from '../kube/client.ts'
import { KubeError } from '../kube/kube-error.ts'
import { FakeClock } from '../lib/fake-clock.ts'
import { seededRandom } from '../lib/random.ts'
import { createLogger } from '../observability/logger.ts'
import { createMetrics } from '../observability/metrics.ts'
import { TestListWatch } from '../runtime/informer-test-server.ts'
import { TargetCaches } from './target-caches.ts'

const nothing = (): void => undefined

test.each(['nodes', 'pods'] as const)('it tells how old what it has of %s may be, and who says no', async (refused) => {
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
