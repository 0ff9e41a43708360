import { expect, test } from 'vitest'
import type { Node } from '../kube/objects.ts'
import { FakeClock } from '../lib/fake-clock.ts'
import { seededRandom } from '../lib/random.ts'
import { createMetrics } from '../observability/metrics.ts'
import { defaultDrainRules } from '../scaling/drain/rules.ts'
import { loadBalancerLabel } from './mark.ts'
import type { DrainResult } from './request.ts'
import { DrainService } from './service.ts'
import { TestCluster } from './test-cluster.ts'

/** One target with a node that has a pod, one place, and groups that their objects may show as being updated. */
function setUp() {
  const cluster = new TestCluster()
  cluster.addPod('web')
  const shown = new Map<string, string>()
  const isolated: Node[] = []
  const parts = {
    api: cluster.api,
    cache: { ...cluster.cache, markedNodes: () => isolated },
    updating: () => shown,
    clock: new FakeClock(),
    random: seededRandom(1),
    metrics: createMetrics(),
  }
  const start = (): DrainService => new DrainService({ target: 'demo', budget: { maxConcurrentDrains: 1, evictionsPerSecond: 1000 }, ...parts })
  const drain = async (service: DrainService): Promise<DrainResult> => {
    const request = { node: cluster.ref, mark: { kind: 'leaving', uid: 'o' }, rules: defaultDrainRules, deadline: undefined, state: undefined } as const
    return await service.drainNode(request, { signal: new AbortController().signal })
  }
  return { cluster, shown, isolated, start, drain }
}

test('B7: of two groups that ask at the same time for the last place one gets it, and keeps it while it is shown', () => {
  const { shown, start } = setUp()
  const service = start()
  expect([service.updateWaitsFor('a'), service.updateWaitsFor('b')]).toEqual([undefined, undefined])
  expect([service.beginUpdate('a'), service.beginUpdate('b')]).toEqual([true, false])
  shown.set('a', 'training/a')
  service.forgetUpdate('a')
  expect([service.updateWaitsFor('a'), service.beginUpdate('b')]).toEqual([undefined, false])
  expect(service.updateWaitsFor('b')).toBe(
    'as many nodes of the target are being drained or groups updated (training/a) as budget.maxConcurrentDrains allows (1)',
  )
  shown.clear()
  expect(service.beginUpdate('b')).toBe(true)
})

test('B7: one that does not begin after all gives its place back', () => {
  const service = setUp().start()
  service.beginUpdate('a')
  service.forgetUpdate('a')
  expect(service.beginUpdate('b')).toBe(true)
})

test('B7: an update that runs when the process starts has its place, and a drain waits for it', async () => {
  const { cluster, shown, start, drain } = setUp()
  for (const name of ['d', 'c', 'b', 'a']) shown.set(name, `training/${name}`)
  const { state, progress } = await drain(start())
  expect([state.step, cluster.done]).toEqual(['Waiting', []])
  expect(progress.message).toContain('groups updated (training/a, training/b, training/c and 1 more)')
})

test('B7: a drain that goes on, whoever began it, has the place that an update wants', () => {
  const { isolated, start } = setUp()
  const taints = [{ key: 'tidegate.io/leaving', value: 'o', effect: 'NoSchedule' }] as const
  isolated.push({ metadata: { name: 'n', uid: 'u', resourceVersion: '1', labels: { [loadBalancerLabel]: 'tidegate' } }, spec: { taints: [...taints] } })
  const service = start()
  expect(service.updateWaitsFor('a')).toBe('as many nodes of the target are being drained as budget.maxConcurrentDrains allows (1)')
  expect(service.beginUpdate('a')).toBe(false)
  isolated.pop()
  expect(service.beginUpdate('a')).toBe(true)
})
