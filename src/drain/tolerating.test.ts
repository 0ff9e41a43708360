import { expect, test } from 'vitest'
import type { DrainRules } from '../scaling/drain/rules.ts'
import { setUp } from './test-service.ts'

const kept = { 'karpenter.sh/do-not-disrupt': 'true' }

test.each<readonly [string, string, DrainRules['onTimeout'], object]>([
  ['is evicted', 'evict', 'Wait', {}],
  ['and that a rule keeps is deleted by force', 'delete in 30 s', 'Force', kept],
])('what comes back again and again %s once in five minutes', async (_, verb, onTimeout, annotations) => {
  const { clock, cluster, pass } = setUp()
  const deadline = clock.now()
  await pass({ onTimeout })
  const went: number[] = []
  for (let second = 1; second <= 1200; second += 1) {
    await clock.advance(1000)
    if (cluster.pods.size === 0) cluster.addPod('p', { metadata: { uid: `uid-${second}`, creationTimestamp: clock.now().toISOString(), annotations } })
    const before = cluster.done.length
    await pass({ onTimeout }, deadline)
    const done = cluster.done.slice(before)
    if (done.length > 0) went.push(second)
    expect(done).toEqual(done.map(() => `${verb} p`))
  }
  // when it came first, when it came back, and then once in five minutes
  expect(went.slice(0, 3)).toEqual([1, 2, 3])
  expect(went.slice(3).map((second) => Math.floor(second / 300))).toEqual([1, 2, 3])
})
