import { expect, test } from 'vitest'
import { KubeError } from '../kube/kube-error.ts'
import { budgetSaysNo, setUp } from './test-service.ts'

test('a pass makes at most 50 calls about pods, so that the caller can ask whether it still may', async () => {
  const { cluster, pass } = setUp()
  for (let n = 0; n < 60; n += 1) cluster.addPod(`p${n}`)
  expect(await pass()).toMatchObject({ next: { kind: 'again' }, progress: { left: 60 } })
  expect(cluster.done).toHaveLength(51)
  expect((await pass()).next.kind).toBe('wait')
  expect(cluster.done).toHaveLength(61)
})

test('the limit of evictions is kept without waiting inside a pass', async () => {
  const { clock, cluster, pass } = setUp(8)
  for (let n = 0; n < 4; n += 1) cluster.addPod(`p${n}`)
  expect(await pass()).toMatchObject({ next: { kind: 'wait', ms: 250 }, progress: { left: 4 } })
  expect(await pass()).toMatchObject({ next: { kind: 'wait', ms: 250 }, progress: { left: 2 } })
  await clock.advance(250)
  await pass()
  expect(cluster.done).toEqual(['patch', 'evict p0', 'evict p1', 'evict p2', 'evict p3'])
})

test('a refusal of the hook before writes ends the pass, after what was under way', async () => {
  const { cluster, pass } = setUp()
  for (const name of ['a', 'b', 'c']) cluster.addPod(name)
  let calls = 0
  cluster.fault = (call) => {
    if (call !== 'evict') return
    calls += 1
    if (calls === 1) throw new Error('frozen')
  }
  await expect(pass()).rejects.toThrow('frozen')
  expect(cluster.done).toEqual(['patch', 'evict b', 'evict c'])
  cluster.fault = () => undefined
  await pass()
  expect((await pass()).next.kind).toBe('empty')
})

test('what a budget holds is asked for again and named, and stays until the budget allows it', async () => {
  const { clock, cluster, pass } = setUp()
  cluster.addPod('web')
  cluster.fault = budgetSaysNo
  const hour = new Date(clock.now().getTime() + 3_600_000)
  for (let passes = 0; passes < 20; passes += 1) {
    expect((await pass({ onTimeout: 'Force' }, hour)).progress.blocked).toMatchObject([{ reason: 'DisruptionBudget', by: 'PodDisruptionBudget team/web' }])
    await clock.advance(5000)
  }
  expect(cluster.done).toEqual(['patch'])
  cluster.fault = () => undefined
  await clock.advance(20_000)
  await pass({ onTimeout: 'Force' }, hour)
  expect(cluster.done).toEqual(['patch', 'evict web'])
})

test.each([
  ['that has ended', { status: { phase: 'Succeeded' } }],
  ['that somebody keeps meanwhile', { metadata: { annotations: { 'karpenter.sh/do-not-disrupt': 'true' } } }],
  ['of a later wave', { spec: { priority: 2_000_000_000 } }],
])('a pod %s takes no turn of the budget that held it: another one asks', async (_, over) => {
  const { clock, cluster, pass } = setUp()
  for (const name of ['a', 'b']) cluster.addPod(name)
  cluster.fault = budgetSaysNo
  await pass()
  cluster.addPod('a', over)
  cluster.fault = () => undefined
  await clock.advance(5000)
  await pass()
  expect(cluster.done).toEqual(['patch', 'evict b'])
})

test('an eviction whose answer was lost is asked for again, and found done', async () => {
  const { clock, cluster, pass } = setUp()
  cluster.addPod('a')
  cluster.fault = (call, when) => {
    if (call === 'evict' && when === 'after') throw new KubeError(0, 'NoAnswer', 'reset')
  }
  expect((await pass()).progress.blocked).toEqual([])
  cluster.fault = () => undefined
  await clock.advance(2000)
  expect((await pass()).next.kind).toBe('empty')
})

test('what was done shows in the metrics', async () => {
  const { cluster, metrics, pass } = setUp()
  cluster.addPod('a')
  await pass()
  await pass()
  const text = await metrics.registry.metrics()
  expect(text).toContain('tidegate_drain_evictions_total{target="demo",result="accepted"} 1')
  expect(text).toContain('tidegate_drain_nodes_total{target="demo",result="empty"} 1')
  expect(text).toContain('tidegate_drain_active{target="demo"} 0')
})
