import { expect, test } from 'vitest'
import type { EksCluster } from '../../aws/eks/port.ts'
import type { TargetCluster, TargetClusterSpec } from '../../crds/target-cluster.ts'
import { targetClusterConditions } from '../../crds/target-cluster-reasons.ts'
import { type DrainBudget, defaultDrainBudget } from '../../drain/service.ts'
import { KubeError } from '../../kube/kube-error.ts'
import { createLogger } from '../../observability/logger.ts'
import { ConditionSet } from '../../runtime/conditions.ts'
import type { Draft } from '../../runtime/reconciler.ts'
import type { TargetClusterDeps } from './ports.ts'
import { TargetClusterReconciler } from './reconciler.ts'
import { Targets } from './targets.ts'

const spec: TargetClusterSpec = {
  connection: { kubeconfigSecretRef: { name: 'demo', key: 'kubeconfig' } },
  aws: { region: 'us-west-2', accountId: '111122223333' },
  eksClusterName: 'demo',
  allow: { namespaces: { names: ['training'] } },
  timeZone: 'UTC',
  budget: defaultDrainBudget,
  discovery: 'None',
  suspend: false,
}
const context = { signal: new AbortController().signal, log: createLogger({ level: 'silent' }), event: () => undefined }

/** One target, what answers there, and the objects that name it. */
class World {
  now = new Date('2026-11-21T06:00:00Z')
  secret: string | undefined = 'kubeconfig'
  kubernetes: () => object = () => ({ metadata: { uid: 'kube-system-uid' } })
  accountId = '111122223333'
  cluster: EksCluster | undefined = { name: 'demo', arn: 'arn', state: 'Active', autoMode: false }
  users: readonly { readonly object: string; readonly groupName: string }[] = []
  status: TargetCluster['status']
  hasSynced = true
  uid = 't1'
  gone = false
  readonly open = new Set<string>()
  /** Another management cluster that has the target. */
  holder: string | undefined
  readonly released: string[] = []
  /** Of the object, and what its drain service was given. */
  budget: DrainBudget = defaultDrainBudget
  readonly budgets: DrainBudget[] = []
  describes = 0

  readonly #object = (): TargetCluster => ({
    metadata: { name: 'demo', uid: this.uid, resourceVersion: '1' },
    spec: { ...spec, budget: this.budget },
    ...(this.status === undefined ? {} : { status: this.status }),
  })
  readonly targets = new Targets({ target: () => (this.gone ? undefined : this.#object()), namespaceLabels: () => ({}), now: () => this.now })
  readonly reconciler = new TargetClusterReconciler(
    {
      secrets: { read: async () => this.secret },
      connections: {
        open: async (name: string) => {
          this.open.add(name)
          return {
            client: { get: async () => this.kubernetes(), raw: async () => '{"gitVersion":"v1.36.2"}' },
            nodes: { list: () => [], byInstance: () => undefined, hasSynced: this.hasSynced },
            lease: { claim: async () => this.holder, isHeld: () => this.holder === undefined, release: async () => void this.released.push(name) },
            drain: { setBudget: (budget: DrainBudget) => void this.budgets.push(budget) },
          }
        },
        close: (name: string) => void this.open.delete(name),
      },
      aws: () => ({
        identity: { get: async () => ({ accountId: this.accountId, arn: '' }) },
        clusters: { describe: async () => (this.describes++, this.cluster) },
      }),
      now: () => this.now,
      others: { targets: () => [], users: () => this.users, holders: () => [] },
    } as unknown as TargetClusterDeps,
    this.targets,
  )

  /** A pass; what it leaves is what the next one and the groups read. */
  async pass(kind: 'reconcile' | 'finalize'): Promise<unknown> {
    const { conditions: before = [], ...status } = structuredClone(this.status) ?? {}
    const draft: Draft<TargetCluster> = { object: this.#object(), status, conditions: new ConditionSet(targetClusterConditions, before) }
    try {
      return await this.reconciler[kind](draft, context)
    } finally {
      this.status = { ...draft.status, conditions: draft.conditions.compose(this.now, 1) }
    }
  }

  get found(): unknown {
    return this.targets.find('demo', { namespace: 'training', roleArn: undefined }).state
  }
}

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
  restarted.hasSynced = false
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
