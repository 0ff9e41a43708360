import { expect, test } from 'vitest'
import { setUp } from './test-service.ts'

const ofDeployment = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'rs', controller: true }]
const kept = { annotations: { 'karpenter.sh/do-not-disrupt': 'true' } }

/** The pods of the last moment in which the watch said anything stay what the cache shows. */
function silent(...names: readonly string[]) {
  const world = setUp()
  const { cluster } = world
  for (const name of names) cluster.addPod(name)
  cluster.shown = [...cluster.pods.values()]
  const lists: string[] = []
  cluster.fault = (call, when) => {
    if (call === 'pods' && when === 'before') lists.push(call)
  }
  return { ...world, lists }
}

test.each([
  ['DoNotDisrupt', kept],
  ['NotSafeToEvict', { annotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' } }],
  ['UnmanagedPod', { ownerReferences: [] }],
  ['JobRunning', { ownerReferences: [{ ...ofDeployment[0], kind: 'Job', uid: 'job' }] }],
])('P3: what keeps a pod counts also where the watch of pods does not show it: %s', async (reason, metadata) => {
  const { cluster, pass } = silent('a', 'b')
  cluster.addPod('a', { metadata })
  expect((await pass()).progress).toMatchObject({ left: 2, blocked: [{ pod: 'team/a', reason }] })
  expect(cluster.done).toEqual(['patch', 'evict b'])
})

test('a watch that stays silent neither evicts what is kept nor makes haste', async () => {
  const { clock, cluster, pass, lists } = silent('a')
  cluster.addPod('a', { metadata: kept })
  for (let seconds = 0; seconds < 60; seconds += 5) {
    expect((await pass()).next).toEqual({ kind: 'wait', ms: 5000 })
    await clock.advance(5000)
  }
  expect(lists).toHaveLength(12)
  expect(cluster.done).toEqual(['patch'])
})

test('where all that the cache shows has left, the node is looked at and done in the same pass', async () => {
  const { cluster, pass } = silent('a', 'b')
  cluster.pods.clear()
  expect((await pass()).next.kind).toBe('empty')
  expect(cluster.done).toEqual(['patch'])
})

test('a pod that the cache does not know is counted by the word of the API server, and its volume is waited for', async () => {
  const { cluster, pass } = silent('a')
  cluster.addPod('new', { spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] } })
  const { state } = await pass()
  await pass()
  expect(cluster.done).toEqual(['patch', 'evict a'])
  expect(state.claims).toBe(true)
})

test('the pods are listed once in a pass that evicts, and in no other but the last', async () => {
  const { cluster, pass, lists } = silent('a', 'b')
  cluster.addPod('kept', { metadata: kept })
  cluster.shown = undefined
  await pass()
  expect(lists).toHaveLength(1)
  for (let passes = 0; passes < 5; passes += 1) await pass()
  expect(lists).toHaveLength(1)
  cluster.pods.clear()
  expect((await pass()).next.kind).toBe('empty')
  expect(lists).toHaveLength(2)
})

test('a pass to which the limit of evictions gives nothing lists nothing', async () => {
  const { clock, cluster, pass } = setUp(1)
  for (const name of ['a', 'b', 'c']) cluster.addPod(name)
  let lists = 0
  cluster.fault = (call, when) => {
    if (call === 'pods' && when === 'before') lists += 1
  }
  for (let passes = 0; passes < 40; passes += 1) {
    await pass()
    await clock.advance(50)
  }
  expect(cluster.done.length - 1).toBeLessThan(4)
  expect(lists).toBe(cluster.done.length - 1)
})
