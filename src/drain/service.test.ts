import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { KubeError } from '../kube/kube-error.ts'
import type { Node } from '../kube/objects.ts'
import { FakeClock } from '../lib/fake-clock.ts'
import { seededRandom } from '../lib/random.ts'
import { createMetrics } from '../observability/metrics.ts'
import { defaultDrainRules, type DrainRules } from '../scaling/drain/rules.ts'
import type { DrainApi } from './ports.ts'
import type { DrainResult, DrainState } from './request.ts'
import { DrainService } from './service.ts'
import { TestCluster } from './test-cluster.ts'

const context = { signal: new AbortController().signal }
const mark = { kind: 'leaving', uid: 'order-1' } as const

function setUp(evictionsPerSecond = 1000) {
  const clock = new FakeClock()
  const cluster = new TestCluster()
  const metrics = createMetrics()
  const start = (): DrainService =>
    new DrainService({
      target: 'demo',
      api: cluster.api,
      cache: cluster.cache,
      budget: { maxConcurrentDrains: 5, evictionsPerSecond },
      clock,
      random: seededRandom(1),
      metrics,
    })
  let service = start()
  let state: DrainState | undefined
  const pass = async (rules: Partial<DrainRules> = {}, deadline?: Date): Promise<DrainResult> => {
    const result = await service.drainNode({ node: cluster.ref, mark, rules: { ...defaultDrainRules, ...rules }, deadline, state }, context)
    state = JSON.parse(JSON.stringify(result.state)) as DrainState
    return result
  }
  const restart = (): void => {
    service = start()
  }
  return { clock, cluster, metrics, pass, restart }
}

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

function budgetSaysNo(call: string, when: 'before' | 'after'): void {
  const causes = [{ reason: 'DisruptionBudget', message: 'The disruption budget web needs 1 healthy pods and has 1 currently' }]
  if (call === 'evict' && when === 'before') throw new KubeError(429, 'TooManyRequests', 'Cannot evict pod', { details: { causes } })
}

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

test('the deadline also ends the wait for volumes; force does not wait for them', async () => {
  const { clock, cluster, pass } = setUp()
  cluster.addPod('db', { spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] } })
  cluster.attached = [{ node: 'n', volume: 'pv-1' }]
  await pass()
  expect((await pass()).progress.blocked).toMatchObject([{ reason: 'VolumeAttached', by: 'PersistentVolume pv-1' }])
  expect((await pass({ onTimeout: 'Fail' }, clock.now())).next.kind).toBe('failed')
  expect((await pass({ onTimeout: 'Force' }, clock.now())).next.kind).toBe('empty')
})

test('a forced deletion is decided on what the API server has, with a grace period', async () => {
  const { clock, cluster, pass } = setUp()
  cluster.addPod('a', { spec: { terminationGracePeriodSeconds: 0 } })
  cluster.addPod('b', { spec: { terminationGracePeriodSeconds: 600 } })
  cluster.fault = budgetSaysNo
  const force = { onTimeout: 'Force', gracePeriodSeconds: 60 } as const
  await pass(force, clock.now())
  expect(cluster.done).toEqual(['patch', 'delete in 1 s a', 'delete in 60 s b'])
})

test('where passes come so seldom that each has forgotten the one before, force deletes what was refused, and evicts what may go', async () => {
  const { clock, cluster, pass } = setUp(4)
  for (const name of ['a', 'b', 'c']) cluster.addPod(name)
  const deadline = clock.now()
  let asked = 0
  cluster.fault = (call, when) => {
    if (call === 'evict' && when === 'before') asked += 1
    // its budget lets one go
    if (asked > 1) budgetSaysNo(call, when)
  }
  for (const done of [['evict a'], ['evict a', 'delete in 30 s b'], ['evict a', 'delete in 30 s b', 'delete in 30 s c']]) {
    await pass({ onTimeout: 'Force' }, deadline)
    expect(cluster.done).toEqual(['patch', ...done])
    await clock.advance(82_000)
  }
})

test('a pass that asks and then forces makes at most 50 calls about pods, too, and deletes nothing that is another by then', async () => {
  const { clock, cluster, pass } = setUp()
  for (let n = 0; n < 60; n += 1) cluster.addPod(`p${n}`)
  let calls = 0
  cluster.fault = (call, when) => {
    if (when === 'before' && (call === 'evict' || call === 'delete')) calls += 1
    if (call === 'pods' && when === 'before') cluster.addPod('p0', { metadata: { uid: 'uid-new' } })
    budgetSaysNo(call, when)
  }
  expect((await pass({ onTimeout: 'Force' }, clock.now())).next).toEqual({ kind: 'again' })
  expect(calls).toBe(49)
  expect(cluster.pods.get('p0')?.metadata.uid).toBe('uid-new')
})

/** A drain that a budget held for a minute, and of which an hour passed with nobody there: then the deadline is over. */
async function anHourWithoutUs(restarts: boolean) {
  const world = setUp()
  const { clock, cluster, pass, restart } = world
  const deadline = new Date(clock.now().getTime() + 3_600_000)
  cluster.addPod('web')
  cluster.fault = budgetSaysNo
  for (let passes = 0; passes < 12; passes += 1) {
    await pass({ onTimeout: 'Force' }, deadline)
    await clock.advance(5000)
  }
  await clock.advance(3_600_000)
  if (restarts) restart()
  return { ...world, passOn: async () => await pass({ onTimeout: 'Force' }, deadline) }
}

test.each([false, true])('a deadline that passed in a freeze or an outage deletes nothing that an eviction would move (restarted: %s)', async (restarts) => {
  const { cluster, passOn } = await anHourWithoutUs(restarts)
  cluster.fault = () => undefined
  await passOn()
  expect(cluster.done).toEqual(['patch', 'evict web'])
  const still = await anHourWithoutUs(restarts)
  await still.passOn()
  expect(still.cluster.done).toEqual(['patch', 'delete in 30 s web'])
})

test('an API server that was overloaded has refused nothing: force asks again before it deletes', async () => {
  const { clock, cluster, pass } = setUp()
  cluster.addPod('web')
  cluster.fault = (call) => {
    if (call === 'evict') throw new KubeError(503, 'ServiceUnavailable', 'overloaded')
  }
  await pass({ onTimeout: 'Force' }, clock.now())
  cluster.fault = () => undefined
  await clock.advance(2000)
  await pass({ onTimeout: 'Force' }, clock.now())
  expect(cluster.done).toEqual(['patch', 'evict web'])
})

test('a mark that somebody took off gives the pods that came meanwhile all the time that a drain has', async () => {
  const { clock, cluster, pass } = setUp()
  cluster.addPod('a')
  await pass({ onTimeout: 'Force' })
  await cluster.api.patchNode('n', [{ op: 'remove', path: '/spec/taints/0' }], context)
  cluster.addPod('training')
  await clock.advance(3_600_000)
  const { state } = await pass({ onTimeout: 'Force' }, clock.now())
  expect(cluster.done.slice(-2)).toEqual(['patch', 'evict training'])
  expect(state.isolatedAt).toBe(clock.now().toISOString())
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

const statuses = [0, 409, 429, 500, 503, 504] as const
const anyFaults = fc.array(fc.record({ at: fc.nat({ max: 40 }), when: fc.constantFrom('before', 'after'), status: fc.constantFrom(...statuses) }), {
  maxLength: 12,
})

test('whatever fails and whenever the process dies: no eviction without the mark, none twice, none of what stays, and the node becomes empty', async () => {
  await fc.assert(
    fc.asyncProperty(anyFaults, fc.array(fc.nat({ max: 60 }), { maxLength: 5 }), fc.integer({ min: 0, max: 8 }), async (faults, deaths, count) => {
      const { clock, cluster, pass, restart } = setUp(20)
      for (let n = 0; n < count; n += 1) cluster.addPod(`p${n}`)
      cluster.addPod('agent', { metadata: { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent', uid: 'ds', controller: true }] } })
      let calls = 0
      const unmarked: string[] = []
      cluster.fault = (call, when) => {
        if (when === 'before') calls += 1
        if (call === 'evict' && !cluster.isMarked) unmarked.push(call)
        const fault = faults.find((one) => one.at === calls && one.when === when)
        if (fault !== undefined) throw new KubeError(fault.status, 'Fault', 'told to')
      }
      let kind = 'wait'
      for (let passes = 0; passes < 200 && kind !== 'empty'; passes += 1) {
        if (deaths.includes(passes)) restart()
        const result = await pass().catch(() => undefined)
        kind = result?.next.kind ?? 'wait'
        await clock.advance(result?.next.kind === 'wait' ? result.next.ms : 100)
      }
      expect(kind).toBe('empty')
      expect(unmarked).toEqual([])
      expect(cluster.done.filter((act) => act.startsWith('evict')).toSorted()).toEqual(Array.from({ length: count }, (_, n) => `evict p${n}`))
      expect([...cluster.pods.keys()]).toEqual(['agent'])
    }),
    { numRuns: 60 },
  )
})
