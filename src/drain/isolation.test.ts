import { expect, test } from 'vitest'
import { KubeError } from '../kube/kube-error.ts'
import type { Node } from '../kube/objects.ts'
import { FakeClock } from '../lib/fake-clock.ts'
import { seededRandom } from '../lib/random.ts'
import { createMetrics } from '../observability/metrics.ts'
import { defaultDrainRules } from '../scaling/drain/rules.ts'
import type { DrainApi } from './ports.ts'
import { DrainService } from './service.ts'
import { context, mark, setUp } from './test-service.ts'

const named = (name: string): Node => ({ metadata: { name, uid: name, resourceVersion: '1' }, spec: {} })

/** A first pass; what it throws is not the matter. */
async function drain(by: DrainService, name: string): Promise<void> {
  const request = { node: { name, uid: name }, mark, rules: defaultDrainRules, deadline: undefined, state: undefined }
  await by.drainNode(request, context).catch(() => undefined)
}

test('nodes that are drained together are all isolated before the first pod goes, or for a second at most', async () => {
  const clock = new FakeClock()
  const { cluster } = setUp()
  cluster.addPod('web')
  const order: string[] = []
  const api: DrainApi = {
    ...cluster.api,
    patchNode: async (name) => {
      await clock.sleep(name === 'quick' ? 10 : name === 'slow' ? 300 : 5000)
      order.push(`${clock.monotonicMs()} isolated ${name}`)
      return named(name)
    },
    evict: async () => void order.push(`${clock.monotonicMs()} evicted`),
  }
  const cache = { node: named, markedNodes: () => [], podsOn: (name: string) => (name === 'quick' ? cluster.cache.podsOn(name) : []) }
  const service = (): DrainService => new DrainService({ target: 'demo', api, cache, clock, random: seededRandom(1), metrics: createMetrics() })
  const first = service()
  const passes = [drain(first, 'quick'), drain(first, 'slow')]
  await clock.advance(400)
  await Promise.all(passes)
  expect(order).toEqual(['10 isolated quick', '300 isolated slow', '300 evicted'])
  const second = service()
  const hanging = [drain(second, 'quick'), drain(second, 'hangs')]
  await clock.advance(1100)
  await hanging[0]
  expect(order.slice(3)).toEqual(['410 isolated quick', '1410 evicted'])
  await clock.advance(5000)
  await Promise.all(hanging)
})

test('a node that cannot be isolated holds no place', async () => {
  const { cluster, metrics, pass } = setUp()
  cluster.fault = (call) => {
    if (call === 'patch') throw new KubeError(403, 'Forbidden', 'admission webhook denied the request')
  }
  await expect(pass()).rejects.toThrow('denied')
  expect(await metrics.registry.metrics()).not.toContain('tidegate_drain_active{target="demo"} 1')
  const other = new DrainService({
    target: 'demo',
    api: cluster.api,
    cache: cluster.cache,
    budget: { maxConcurrentDrains: 1, evictionsPerSecond: 10 },
    clock: new FakeClock(),
    random: seededRandom(1),
    metrics: createMetrics(),
  })
  const ask = async (uid: string): Promise<unknown> =>
    await other.drainNode({ node: { name: uid, uid }, mark, rules: defaultDrainRules, deadline: undefined, state: undefined }, context).then(
      ({ state }) => state.step,
      () => 'failed',
    )
  expect(await ask('u')).toBe('failed')
  expect(await ask('another')).not.toBe('Waiting')
})
