import { expect, test } from 'vitest'
import { notFound } from './test-cluster.ts'
import { setUp } from './test-service.ts'

function budgetIsGone(call: string, when: 'before' | 'after'): void {
  if (call === 'evict' && when === 'before') throw notFound('poddisruptionbudgets.policy', 'web')
}

test('a budget that goes while the server asks it leaves its pod there: that is said, and the pod evicted soon', async () => {
  const { clock, cluster, pass } = setUp()
  cluster.addPod('a')
  cluster.fault = budgetIsGone
  const { next, progress } = await pass()
  expect(progress).toMatchObject({ left: 1, blocked: [{ pod: 'team/a', reason: 'EvictionRefused' }] })
  expect(progress.message).toContain('poddisruptionbudgets.policy "web" not found')
  expect(next).toMatchObject({ kind: 'wait' })
  cluster.fault = () => undefined
  await clock.advance(2000)
  await pass()
  expect(cluster.done).toEqual(['patch', 'evict a'])
  expect((await pass()).next.kind).toBe('empty')
})

test('under force, after the deadline, that is a refusal like any other', async () => {
  const { clock, cluster, pass } = setUp()
  cluster.addPod('a')
  cluster.fault = budgetIsGone
  await pass({ onTimeout: 'Force' }, clock.now())
  expect(cluster.done).toEqual(['patch', 'delete in 30 s a'])
})

test('a pod that the API server lists is there, whatever was said of it: it is waited for without haste, and asked again in a minute', async () => {
  const { clock, cluster, pass } = setUp()
  cluster.addPod('a')
  cluster.fault = (call, when) => {
    if (call === 'evict' && when === 'before') throw notFound('pods', 'a')
  }
  await pass()
  cluster.fault = () => undefined
  let passes = 0
  const until = clock.now().getTime() + 50_000
  while (clock.now().getTime() < until) {
    const { next, progress } = await pass()
    expect(progress.message).toBe('1 pod is left')
    passes += 1
    await clock.advance(next.kind === 'wait' ? next.ms : 100)
  }
  expect(passes).toBeLessThan(20)
  expect(cluster.done).toEqual(['patch'])
  await clock.advance(15_000)
  await pass()
  expect(cluster.done).toEqual(['patch', 'evict a'])
})
