import { expect, test } from 'vitest'
import { KubeError } from '../../kube/kube-error.ts'
import type { OtherTarget } from './ports.ts'
import { SecretHolds } from './secret-holds.ts'
import { World } from './test-world.ts'

const arn = 'arn:aws:eks:us-west-2:111122223333:cluster/demo'
const cluster = { name: 'demo', arn, state: 'Active', autoMode: false } as const
const another: OtherTarget = { name: 'other', uid: 't9', targetUID: 'elsewhere', since: '', secrets: ['demo'] }

function condition(world: World, type: string): unknown {
  return world.status?.conditions?.find((one) => one.type === type)
}

test('a Secret stays as long as the target names it', async () => {
  const world = new World()
  await world.pass('reconcile')
  expect([...world.held]).toEqual(['demo'])
  expect(world.status?.kubeconfigSecret).toBe('demo')
  world.held.clear() // somebody took it away
  await world.pass('reconcile')
  expect([...world.held]).toEqual(['demo'])
  world.secretName = 'fresh'
  await world.pass('reconcile')
  expect([...world.held]).toEqual(['fresh'])
  await world.pass('finalize')
  expect([...world.held]).toEqual([])
})

test('of two that leave a Secret at once, whatever the cache shows, the second lets it go', () => {
  const holds = new SecretHolds()
  const both: readonly OtherTarget[] = [
    { ...another, uid: 'a' },
    { ...another, uid: 'b' },
  ]
  expect(holds.leave('demo', 'a', both)).toBe(false)
  expect(holds.leave('demo', 'b', both)).toBe(true)
  holds.enter('demo', 'a')
  expect(holds.leave('demo', 'b', both)).toBe(false)
  holds.leave('demo', 'a', both)
  holds.forget('a') // another life of the same UID does not exist; its marks take no memory
  expect(holds.leave('demo', 'b', both)).toBe(false)
})

test('a Secret that another TargetCluster names too stays held; of two that go at once the second lets it go, while the cache still shows the first', async () => {
  const world = new World()
  for (const uid of ['t2', 't1']) {
    world.uid = uid
    await world.pass('reconcile')
  }
  world.others = [
    { ...another, uid: 't1' },
    { ...another, uid: 't2' },
  ]
  const { status } = world
  await world.pass('finalize')
  expect([...world.held]).toEqual(['demo'])
  Object.assign(world, { uid: 't2', status })
  await world.pass('finalize')
  expect([...world.held]).toEqual([])
})

test('a Secret that somebody deletes is told once, and is not marked any more', async () => {
  const world = new World()
  await world.pass('reconcile')
  world.secretLeaves = true
  world.held.clear()
  await world.pass('reconcile')
  await world.pass('reconcile')
  expect(world.events).toEqual([expect.stringContaining('SecretInUse: Secret demo was deleted')])
  expect([...world.held]).toEqual([])
})

test('a cluster that EKS no longer has is gone for the groups, told once, and forgotten when it is there again', async () => {
  const world = new World()
  world.cluster = cluster
  await world.pass('reconcile')
  world.cluster = undefined
  world.kubernetes = () => {
    throw new KubeError(0, 'NoAnswer', 'no such host')
  }
  world.now = new Date('2026-11-21T07:00:00Z')
  await expect(world.pass('reconcile')).rejects.toMatchObject({ reason: 'TargetGone' })
  await expect(world.pass('reconcile')).rejects.toMatchObject({ reason: 'TargetGone' })
  expect(world.events).toEqual([expect.stringContaining('TargetGone: EKS in account 111122223333 no longer has cluster demo')])
  expect(world.targets.find('demo', 'CleanUp')).toMatchObject({ state: 'gone', reason: 'TargetGone', clusterArn: arn, eks: undefined })
  world.cluster = cluster
  world.kubernetes = () => ({ metadata: { uid: 'kube-system-uid' } })
  await world.pass('reconcile')
  expect(world.found).toBe('ready')
})

test('it is gone also when the way to it is gone', async () => {
  const world = new World()
  world.cluster = cluster
  await world.pass('reconcile')
  world.cluster = undefined
  world.secret = undefined
  world.now = new Date('2026-11-21T07:00:00Z')
  await world.pass('reconcile')
  expect(condition(world, 'Stalled')).toMatchObject({ reason: 'SecretNotFound' })
  expect(condition(world, 'CloudReachable')).toMatchObject({ reason: 'TargetGone' })
  expect(world.found).toBe('gone')
})

test('a cluster that another account does not know is not gone: the groups wait', async () => {
  const world = new World()
  world.cluster = { ...cluster, arn: arn.replace('111122223333', '444455556666') }
  await world.pass('reconcile')
  world.cluster = undefined
  world.now = new Date('2026-11-21T07:00:00Z')
  await expect(world.pass('reconcile')).rejects.toMatchObject({ reason: 'EksClusterNotFound' })
  expect(world.found).toBe('notReady')
})

test('another cluster at the address: what waits in Kubernetes may end, and EKS is to be asked for the rest', async () => {
  const world = new World()
  await world.pass('reconcile')
  world.kubernetes = () => ({ metadata: { uid: 'another' } })
  await world.pass('reconcile')
  await world.pass('reconcile')
  expect(world.events).toEqual([expect.stringContaining('TargetGone: another cluster answers')])
  expect(world.targets.find('demo', 'CleanUp')).toMatchObject({ state: 'gone', reason: 'TargetReplaced', clusterArn: 'arn', eks: { clusterName: 'demo' } })
  world.kubernetes = () => ({ metadata: { uid: 'kube-system-uid' } })
  await world.pass('reconcile')
  expect(world.found).toBe('ready')
})

test('abandoned, it goes though it is in use, and says what it leaves', async () => {
  const world = new World()
  await world.pass('reconcile')
  world.users = [{ object: 'training/workers', groupName: 'workers' }]
  world.annotations = { 'tidegate.io/abandon': 'of-another-object' }
  expect(await world.pass('finalize')).toMatchObject({ kind: 'requeueAfter' })
  expect(condition(world, 'Reconciling')).toMatchObject({ reason: 'InUse', message: expect.stringContaining('tidegate.io/abandon=t1') })
  world.annotations = { 'tidegate.io/abandon': 't1' }
  expect(await world.pass('finalize')).toEqual({ kind: 'finalized' })
  expect(world.events).toEqual([
    'AnnotationUnclear: tidegate.io/abandon is "of-another-object", which is not the UID of this object (t1); it does nothing',
    expect.stringContaining('Abandoned: abandoned; left behind: 1 object (training/workers) that named it'),
  ])
  expect(world.logged).toContainEqual(expect.objectContaining({ audit: expect.objectContaining({ action: 'abandon', target: 'targetclusters demo' }) }))
  expect([...world.held]).toEqual([])
})
