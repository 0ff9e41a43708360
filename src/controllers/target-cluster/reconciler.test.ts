import { expect, test } from 'vitest'
import { KubeError } from '../../kube/kube-error.ts'
import { World } from './test-world.ts'

test('a target that is being deleted is still opened for the groups that need it to clean up', async () => {
  const world = new World()
  world.users = [{ object: 'training/workers', groupName: 'workers' }]
  expect(await world.pass('finalize')).toMatchObject({ kind: 'requeueAfter' })
  expect(world.status?.conditions?.find(({ type }) => type === 'Reconciling')).toMatchObject({ reason: 'InUse' })
  expect(world.found).toBe('ready')
  world.secret = undefined
  expect(await world.pass('finalize')).toMatchObject({ kind: 'requeueAfter' })
  expect(world.status?.conditions?.find(({ type }) => type === 'Reconciling')).toMatchObject({ reason: 'InUse' })
  world.users = []
  expect(await world.pass('finalize')).toEqual({ kind: 'finalized' })
})

test('credentials that are refused stop the groups, whose nodes are no longer known, and are tried again soon', async () => {
  const world = new World()
  await world.pass('reconcile')
  expect(world.found).toBe('ready')
  world.kubernetes = () => {
    throw new KubeError(401, 'Unauthorized', 'no')
  }
  expect(await world.pass('reconcile')).toEqual({ kind: 'requeueAfter', ms: 30_000 })
  expect(world.status?.conditions?.find(({ type }) => type === 'Stalled')).toMatchObject({ reason: 'Unauthorized' })
  expect(world.found).toBe('notReady')
  world.kubernetes = () => ({ metadata: { uid: 'kube-system-uid' } })
  await world.pass('reconcile')
  expect(world.found).toBe('ready')
})

test.each([
  ['the credentials turn out to belong to another account', (world: World) => (world.accountId = '999988887777'), 'WrongAccount'],
  ['EKS no longer knows the cluster', (world: World) => (world.cluster = undefined), 'EksClusterNotFound'],
])('nothing is done in the target once %s', async (_, change, reason) => {
  const world = new World()
  await world.pass('reconcile')
  expect(world.found).toBe('ready')
  change(world)
  world.now = new Date('2026-11-21T07:00:00Z')
  await expect(world.pass('reconcile')).rejects.toMatchObject({ reason })
  expect(world.found).toBe('notReady')
})

test('a target that was Ready is being connected after a start, and says so when its nodes stay unknown', async () => {
  const world = new World()
  await world.pass('reconcile')
  const restarted = new World()
  restarted.status = world.status
  restarted.feeds.nodes = { ageMs: Number.POSITIVE_INFINITY, failure: new KubeError(403, 'Forbidden', 'no') }
  expect(restarted.found).toBe('connecting')
  await restarted.pass('reconcile')
  expect(restarted.found).toBe('connecting')
  restarted.now = new Date('2026-11-21T06:01:00Z')
  await restarted.pass('reconcile')
  expect(restarted.status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'False', reason: 'Forbidden' })
  expect(restarted.found).toBe('notReady')
})

test('a target whose finalizer was taken away is closed, and the next one of its name starts with nothing', async () => {
  const world = new World()
  await world.pass('reconcile')
  expect([...world.open]).toEqual(['demo'])
  world.reconciler.release({ name: 'demo', uid: 't1' })
  expect([...world.open]).toEqual([])
  expect(world.targets.facts('demo', 't1')).toEqual({})
})

test('another object of the same name does not start with the facts of the old one, and keeps its own when the old one is released', async () => {
  const world = new World()
  await world.pass('reconcile')
  expect(world.found).toBe('ready')
  world.uid = 't2'
  expect(world.found).toBe('connecting')
  await world.pass('reconcile')
  world.reconciler.release({ name: 'demo', uid: 't1' })
  expect(world.found).toBe('ready')
})

test('a pass whose object goes meanwhile leaves nothing open', async () => {
  const world = new World()
  world.kubernetes = () => {
    world.gone = true
    return { metadata: { uid: 'kube-system-uid' } }
  }
  await world.pass('reconcile')
  expect([...world.open]).toEqual([])
})

test('whoever wants to use a target drains by the budget that stands in its spec now', async () => {
  const world = new World()
  await world.pass('reconcile')
  expect(world.found).toBe('ready')
  expect(world.budgets.at(-1)).toEqual({ maxConcurrentDrains: 5, evictionsPerSecond: 10 })
  world.budget = { maxConcurrentDrains: 2, evictionsPerSecond: 20 }
  expect(world.found).toBe('ready')
  expect(world.budgets.at(-1)).toEqual(world.budget)
})

test('a permission that was taken back stops what begins, not what is cleaned up', async () => {
  const world = new World()
  await world.pass('reconcile')
  expect(world.targets.find('demo', { namespace: 'other', roleArn: undefined })).toMatchObject({ state: 'refused', reason: 'NotAllowedInNamespace' })
  expect(world.targets.find('demo', { namespace: 'training', roleArn: 'arn:r' })).toMatchObject({ state: 'refused', reason: 'RoleNotAllowed' })
  expect(world.targets.find('demo', 'CleanUp')).toMatchObject({ state: 'ready' })
})

test.each([
  ['Failed', 2],
  ['Creating', 4],
  ['Active', 1],
] as const)('a cluster that is %s is asked about %d times in two minutes', async (state, times) => {
  const world = new World()
  world.cluster = { name: 'demo', arn: 'arn', state, autoMode: false }
  for (let seconds = 0; seconds < 120; seconds += 30) {
    world.now = new Date(Date.UTC(2026, 10, 21, 6, 0, seconds))
    await world.pass('reconcile')
  }
  expect(world.describes).toBe(times)
})

test.each([true, false])('the status says whether EKS Auto Mode runs nodes there: %s', async (autoMode) => {
  const world = new World()
  world.cluster = { name: 'demo', arn: 'arn', state: 'Active', autoMode }
  await world.pass('reconcile')
  expect(world.status?.eks).toEqual({ arn: 'arn', state: 'Active', autoMode })
})

test('nothing is done in a target that another management cluster has, and it is asked again soon', async () => {
  const world = new World()
  await world.pass('reconcile')
  world.holder = 'other-cluster'
  expect(await world.pass('reconcile')).toEqual({ kind: 'requeueAfter', ms: 30_000 })
  expect(world.status?.conditions?.find(({ type }) => type === 'Stalled')).toMatchObject({
    reason: 'HeldByAnotherManagementCluster',
    message: expect.stringContaining('other-cluster'),
  })
  expect(world.found).toBe('notReady')
  world.holder = undefined
  await world.pass('reconcile')
  expect(world.found).toBe('ready')
})

test('a target that is deleted gives its Lease back', async () => {
  const world = new World()
  await world.pass('reconcile')
  await world.pass('finalize')
  expect(world.released).toEqual(['demo'])
})

test.each(['Api', 'ApiAndConfigMap', 'ConfigMap', undefined] as const)(
  'who uses a target hears how Nodes get in there (%s), and which role each group has',
  async (mode) => {
    const world = new World()
    world.cluster = { name: 'demo', arn: 'arn', state: 'Active', autoMode: false, ...(mode === undefined ? {} : { authenticationMode: mode }) }
    await world.pass('reconcile')
    expect(world.targets.find('demo', 'CleanUp')).toMatchObject({ state: 'ready', target: { clusterArn: 'arn', authenticationMode: mode, listedGroups: [] } })
    delete world.targets.facts('demo', 't1').groups
    expect(world.targets.find('demo', 'CleanUp')).toHaveProperty('target.listedGroups', undefined)
    const groups = [{ name: 'workers', nodeRoleArn: 'arn:r', leaves: false }]
    world.targets.facts('demo', 't1').groups = groups
    expect(world.targets.find('demo', 'CleanUp')).toMatchObject({ target: { listedGroups: groups } })
  },
)

test('who uses a target hears the version of its cluster, soon after that was updated', async () => {
  const world = new World()
  const version = (): unknown => world.targets.find('demo', 'CleanUp')
  await world.pass('reconcile')
  expect(version()).toHaveProperty('target.clusterVersion', undefined)
  world.cluster = { name: 'demo', arn: 'arn', state: 'Active', autoMode: false, version: '1.37' }
  await world.later(300)
  expect(world.describes).toBe(1)
  // Its API server has been replaced.
  world.gitVersion = 'v1.37.0'
  await world.later(60)
  expect(version()).toHaveProperty('target.clusterVersion', '1.37')
  expect(world.describes).toBe(2)
  await world.later(300)
  expect(world.describes).toBe(2)
})
