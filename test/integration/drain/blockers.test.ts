import { expect, test } from 'vitest'
import { isKubeError } from '../../../src/kube/kube-error.ts'
import type { Namespace } from '../../../src/kube/objects.ts'
import type { RawPod } from '../../../src/kube/pod-summary.ts'
import { resources } from '../../../src/kube/resource.ts'
import type { BeforeWrite } from '../../../src/lib/outside-write.ts'
import { eventually } from '../../support/eventually.ts'
import { Drain, DrainWorld, kinds, shortly, signal } from './world.ts'

const past = new Date('2020-01-01T00:00:00Z')

test('a budget that says no is named, asked again at a sane pace, and obeyed', async () => {
  const world = await DrainWorld.open()
  const node = await world.node('a')
  await world.deploy('web', 3)
  await world.ready(node, 3)
  await world.budget('web', 'web', 3)
  await eventually(async () => {
    const found = await world.client.get(kinds.budgets, { namespace: world.name, name: 'web' }, { signal })
    expect(found).toMatchObject({ status: { currentHealthy: 3, disruptionsAllowed: 0 } })
  })
  const drain = new Drain(world.service(), node)
  const by = `DisruptionBudget: PodDisruptionBudget ${world.name}/web`
  const { progress } = await drain.blockedBy(by, by, by)
  expect(progress.message).toMatch(
    /^3 pods are left: DisruptionBudget: pod \S+ is held by PodDisruptionBudget \S+: waits until more of its pods are healthy elsewhere/,
  )
  for (let pass = 0; pass < 20; pass += 1) expect((await drain.pass()).progress).toEqual(progress)
  // One refusal for each pod, and then one pod at a time asks for all three: after 0.8 s at the soonest, and 1.6 s after that.
  const refusedAt = (await world.writes()).filter(({ code }) => code === 429).map(({ at }) => Date.parse(at))
  const [first = 0] = refusedAt
  expect(refusedAt.filter((at) => at < first + 2_000).length).toBeLessThanOrEqual(4)
  expect(await world.podsOn(node)).toHaveLength(3)

  const [budget] = [{ namespace: world.name, name: 'web' }]
  await world.client.jsonPatch(kinds.budgets, budget, [{ op: 'replace', path: '/spec/minAvailable', value: 0 }], { fieldManager: 'administrator', signal })
  await drain.empty()
  expect((await world.writes()).filter(({ verb }) => verb === 'delete')).toEqual([])
})

test('a pod that several budgets select is a block, since Kubernetes never evicts it', async () => {
  const world = await DrainWorld.open()
  const node = await world.node('a')
  await world.deploy('web', 1)
  await world.ready(node, 1)
  await world.budget('one', 'web', 0)
  await world.budget('two', 'web', 0)
  await eventually(async () => {
    const { items } = await world.client.list(kinds.budgets, { namespace: world.name, signal })
    expect(items).toMatchObject([{ status: { disruptionsAllowed: 1 } }, { status: { disruptionsAllowed: 1 } }])
  })
  const drain = new Drain(world.service(), node)
  await drain.blockedBy(`SeveralDisruptionBudgets: PodDisruptionBudgets in ${world.name}`)
})

test('a pod that was made anew under the same name, after the list, is not evicted for the old one', async () => {
  const world = await DrainWorld.open()
  const node = await world.node('a')
  await world.pod('db-0', node)
  await world.ready(node, 1)
  let made: RawPod | undefined
  const beforeWrite: BeforeWrite = async ({ action }) => {
    if (action !== 'evict') return undefined
    await world.client.delete(resources.pods, { namespace: world.name, name: 'db-0' }, { signal })
    await eventually(async () => expect(await world.podsOn(node)).toHaveLength(0))
    made = await world.pod('db-0', node)
    return undefined
  }
  const drain = new Drain(world.service({ beforeWrite }), node, { rules: { unmanagedPods: 'Evict' } })
  const { next } = await drain.pass()
  expect(next.kind).toBe('wait')
  expect(shortly(await world.writes())).toContain('create pods/eviction db-0 409')
  const [still] = await world.podsOn(node)
  expect(still?.metadata.uid).toBe(made?.metadata.uid)
  expect(still?.metadata.deletionTimestamp).toBeUndefined()
})

test('a pod whose namespace is being deleted is waited for, not fought for', async () => {
  const world = await DrainWorld.open()
  // nobody plays its kubelet: its pods stay Terminating
  const node = await world.node('silent', { fake: false })
  const namespace = `${world.name}-going`
  await world.openNamespace(namespace)
  await world.pod('web', node, { metadata: { namespace } })
  const before = await eventually(() => {
    const pods = world.cache.podsOn(node.name)
    expect(pods).toHaveLength(1)
    return pods
  })
  await world.client.delete(resources.namespaces, { name: namespace }, { signal })
  await eventually(async () =>
    expect((await world.client.get<Namespace>(resources.namespaces, { name: namespace }, { signal })).status?.phase).toBe('Terminating'),
  )
  // a cache that does not know it yet
  const drain = new Drain(world.service({ cache: { podsOn: () => before } }), node, { rules: { unmanagedPods: 'Evict' } })
  const { progress } = await drain.blockedBy(`NamespaceTerminating: Namespace ${namespace}`)
  expect(progress.message).toContain(`goes with its namespace, which is being deleted: waits for it (kubectl describe namespace ${namespace})`)
})

test('force deletes what is left after the deadline, only with the opt-in role, never without a grace period', async () => {
  const world = await DrainWorld.open()
  const node = await world.node('a')
  await world.pod('bare', node, { spec: { terminationGracePeriodSeconds: 0 } })
  await world.pod('kept', node, { metadata: { annotations: { 'karpenter.sh/do-not-disrupt': 'true' } } })
  await world.daemons('agent')
  await world.ready(node, 3)
  const service = world.service()
  expect(await service.mayForce({ signal })).toBe(false)
  const drain = new Drain(service, node, { rules: { onTimeout: 'Force' } })
  await drain.blockedBy(`UnmanagedPod: pod ${world.name}/bare`, 'DoNotDisrupt: annotation karpenter.sh/do-not-disrupt=true')
  // the question whether it may, and the isolation
  expect((await world.writes()).map(({ verb }) => verb)).toEqual(['create', 'patch'])

  drain.deadline = past
  const refusal = 'ForceNotPermitted: ClusterRole tidegate-force-drain'
  const { progress } = await drain.blockedBy(refusal, refusal)
  expect(progress.message).toMatch(/^past its deadline, 2 pods are left: ForceNotPermitted: pod \S+ may not be deleted by us: bind the ClusterRole/)

  await world.grantForce()
  // A binding counts some moments after it was taken, and a service keeps its answer for 10 s.
  const after = await eventually(async () => {
    const fresh = world.service()
    expect(await fresh.mayForce({ signal })).toBe(true)
    return fresh
  })
  await new Drain(after, node, { rules: { onTimeout: 'Force' }, deadline: past, mark: drain.mark, state: drain.state }).empty()
  expect((await world.podsOn(node)).map(({ metadata }) => metadata.ownerReferences?.[0]?.kind)).toEqual(['DaemonSet'])
})

test('the deadline may end a drain, and then nothing more is evicted', async () => {
  const world = await DrainWorld.open()
  const node = await world.node('a')
  await world.pod('bare', node)
  await world.ready(node, 1)
  const drain = new Drain(world.service(), node, { rules: { onTimeout: 'Fail' }, deadline: past })
  const { next, progress } = await drain.pass()
  expect(next).toEqual({ kind: 'failed' })
  expect(progress.message).toMatch(/^the deadline has passed, 1 pod is left: UnmanagedPod: pod \S+ has no controller/)
  await drain.release()
  expect((await world.readNode(node.name)).spec.taints).toEqual([world.foreignTaint])
})

test('what tolerates every taint and comes back is evicted three times, and then named', async () => {
  const world = await DrainWorld.open()
  const node = await world.node('a')
  await world.deploy('stubborn', 1, { tolerations: [{ operator: 'Exists' }] })
  const [pod] = await world.ready(node, 1)
  const drain = new Drain(world.service(), node)
  const owner = pod?.metadata.ownerReferences?.[0]?.name ?? ''
  const { progress } = await drain.blockedBy(`ToleratesDrain: ReplicaSet ${world.name}/${owner}`)
  expect(progress.message).toContain('came back 3 times: it tolerates our taint, or names this node in spec.nodeName')
  await eventually(async () => expect(await world.podsOn(node)).toHaveLength(1))
  const evictions = async () => (await world.writes()).filter(({ target, code }) => target.startsWith('pods/eviction') && code === 201).length
  const before = await evictions()
  for (let pass = 0; pass < 5; pass += 1) await drain.pass()
  expect(await evictions()).toBe(before)
  expect(before).toBeGreaterThanOrEqual(4)
})

test('a node that is gone, or that another machine has the name of, is not touched', async () => {
  const world = await DrainWorld.open()
  const node = await world.node('a')
  const drain = new Drain(world.service(), { ...node, uid: 'another' })
  expect((await drain.pass()).next).toEqual({ kind: 'gone' })
  await world.client.delete(resources.nodes, { name: node.name }, { signal })
  await eventually(async () => {
    const failure: unknown = await world.readNode(node.name).catch((error: unknown) => error)
    expect(isKubeError(failure, 'NotFound')).toBe(true)
  })
  expect((await new Drain(world.service(), node).pass()).next).toEqual({ kind: 'gone' })
  expect(shortly(await world.writes()).filter((line) => !line.endsWith(' 404'))).toEqual([])
})
