import { expect, test } from 'vitest'
import { KubeError } from '../kube/kube-error.ts'
import { budgetSaysNo, context, setUp } from './test-service.ts'

test('the deadline also ends the wait for volumes; force does not wait for them', async () => {
  const { clock, cluster, pass } = setUp()
  cluster.addPod('db', { spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] } })
  cluster.attached = [{ node: 'n', volume: 'pv-1' }]
  await pass()
  expect((await pass()).progress.blocked).toMatchObject([{ reason: 'VolumeAttached', by: 'PersistentVolume pv-1' }])
  expect((await pass({ onTimeout: 'Fail' }, clock.now())).next.kind).toBe('failed')
  expect((await pass({ onTimeout: 'Force' }, clock.now())).next.kind).toBe('empty')
})

test('a drain that ends at its deadline names the pods that are left, also where a restart has forgotten what holds them', async () => {
  const { clock, cluster, pass, restart } = setUp()
  cluster.addPod('web')
  cluster.fault = budgetSaysNo
  await pass({ onTimeout: 'Fail' })
  restart()
  const { next, progress } = await pass({ onTimeout: 'Fail' }, clock.now())
  expect({ next, ...progress }).toEqual({ next: { kind: 'failed' }, left: 1, blocked: [], message: 'the deadline has passed, 1 pod is left: team/web' })
})

const withClaim = { spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] } }

test.each(['pods are left', 'only a volume is left', 'only a volume is left, and a cache that lags shows the mark'])(
  'P4: a drain that has failed and was given back begins no second one where its status was lost: %s',
  async (left) => {
    const { clock, cluster, pass, release, undo } = setUp()
    cluster.addPod('web', withClaim)
    if (left === 'pods are left') cluster.fault = budgetSaysNo
    else cluster.attached = [{ node: 'n', volume: 'pv-1' }]
    await pass({ onTimeout: 'Fail' })
    await pass({ onTimeout: 'Fail' })
    const deadline = clock.now()
    expect((await pass({ onTimeout: 'Fail' }, deadline)).next.kind).toBe('failed')
    if (left.endsWith('shows the mark')) cluster.freezeNode()
    await release()
    undo()
    cluster.shown = [...cluster.pods.values()]
    cluster.addPod('new')
    const done = cluster.done.length
    const { state, next, progress } = await pass({ onTimeout: 'Fail' }, deadline)
    expect({ step: state.step, next: next.kind }).toEqual({ step: 'Failed', next: 'failed' })
    expect(progress.message).toMatch(/^the deadline has passed, /)
    expect(cluster.done).toHaveLength(done)
    expect(cluster.isMarked).toBe(false)
  },
)

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
    if (call === 'pods' && when === 'before' && calls > 0) cluster.addPod('p0', { metadata: { uid: 'uid-new' } })
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

test.each([
  ['was overloaded', new KubeError(503, 'ServiceUnavailable', 'overloaded')],
  ['had no leader of etcd', new KubeError(500, 'InternalError', 'etcdserver: leader changed')],
  ['did not take our token', new KubeError(401, 'Unauthorized', 'Unauthorized')],
  ['was not reached by a proxy', new KubeError(502, 'Unknown', 'the API server answered 502', { isPage: true })],
  ['did not let us ask', new KubeError(403, 'Forbidden', 'pods "web" is forbidden: User "tidegate" cannot create resource "pods/eviction" in API group ""')],
])('P3: an API server that %s has refused nothing: force asks again before it deletes', async (_, error) => {
  const { clock, cluster, pass } = setUp()
  cluster.addPod('web')
  cluster.fault = (call) => {
    if (call === 'evict') throw error
  }
  await pass({ onTimeout: 'Force' }, clock.now())
  cluster.fault = () => undefined
  await clock.advance(25_000)
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

const now = '2026-11-21T06:00:00.000Z'

test.each([
  ['says nothing of it', [], now],
  ['has a clock that is an hour behind', [{ manager: 'tidegate', time: '2026-11-21T05:00:00Z' }], now],
  ['has a clock that is ahead', [{ manager: 'tidegate', time: '2026-11-21T06:02:00Z' }], '2026-11-21T06:02:00.000Z'],
  [
    'has an entry of ours from an earlier drain',
    [
      { manager: 'tidegate', time: '2026-11-20T06:00:00Z' },
      { manager: 'kubectl', time: now },
    ],
    now,
  ],
  ['has one that nobody can read', [{ manager: 'tidegate', time: 'yesterday' }, { manager: 'tidegate' }], now],
])('P3: where the server %s, no deadline is over before its time since the isolation', async (_, managedFields, expected) => {
  const { cluster, pass } = setUp()
  cluster.addPod('a')
  cluster.managedFields = managedFields
  const { state } = await pass({ onTimeout: 'Force' })
  expect(state.isolatedAt).toBe(expected)
})

test('P3: a drain whose status was lost has its whole time again: who put our mark on the node, and when, nobody knows for sure', async () => {
  const { clock, cluster, pass, forget } = setUp()
  cluster.addPod('a')
  cluster.managedFields = [{ manager: 'tidegate', time: now }]
  await pass({ onTimeout: 'Force' })
  forget()
  await clock.advance(3_600_000)
  const { state } = await pass({ onTimeout: 'Force' })
  expect(state.isolatedAt).toBe(clock.now().toISOString())
})

test('without the right to delete, force goes on as with Wait: when the budget opens the pod is evicted', async () => {
  const { clock, cluster, pass } = setUp()
  cluster.addPod('web')
  const missing = 'pods "web" is forbidden: User "tidegate" cannot delete resource "pods" in API group "" in the namespace "team"'
  const mayNotDelete = (call: string): void => {
    if (call === 'delete') throw new KubeError(403, 'Forbidden', missing)
  }
  cluster.fault = (call, when) => {
    mayNotDelete(call)
    budgetSaysNo(call, when)
  }
  const said = new Set<string>()
  for (let passes = 0; passes < 12; passes += 1) {
    said.add((await pass({ onTimeout: 'Force' }, clock.now())).progress.message)
    await clock.advance(5000)
  }
  expect([...said]).toEqual([expect.stringContaining('tidegate-force-drain')])
  cluster.fault = mayNotDelete
  // We are asked again each minute or so, and the eviction before the deletion.
  for (let passes = 0; passes < 15; passes += 1) {
    await clock.advance(5000)
    await pass({ onTimeout: 'Force' }, clock.now())
  }
  expect(cluster.done).toEqual(['patch', 'evict web'])
})
