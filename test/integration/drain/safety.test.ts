import { expect, test } from 'vitest'
import { systemClock } from '../../../src/lib/clock.ts'
import type { BeforeWrite } from '../../../src/lib/outside-write.ts'
import { resources } from '../../../src/kube/resource.ts'
import { eventually } from '../../support/eventually.ts'
import { Drain, DrainWorld, keysOf, kinds, shortly, signal } from './world.ts'

test('a pod that lands behind a frozen pod watch is found by the last look, and evicted', async () => {
  const world = await DrainWorld.open()
  const node = await world.node('a')
  world.freezePods()
  await world.pod('unseen', node)
  await eventually(async () => expect(await world.podsOn(node)).toHaveLength(1))
  expect(world.cache.podsOn(node.name)).toEqual([])
  const drain = new Drain(world.service(), node)
  const blocked = await drain.pass()
  expect(blocked).toMatchObject({ next: { kind: 'wait' }, progress: { left: 1, blocked: [{ pod: `${world.name}/unseen`, reason: 'UnmanagedPod' }] } })
  await new Drain(world.service(), node, { mark: drain.mark, state: drain.state, rules: { unmanagedPods: 'Evict' } }).empty()
  expect(shortly(await world.writes())).toEqual([`patch nodes ${node.name} 200`, 'create pods/eviction unseen 201'])
})

test('P3: a pod that somebody keeps behind a frozen pod watch is not evicted', async () => {
  const world = await DrainWorld.open()
  const node = await world.node('a')
  await world.deploy('web', 2)
  const [pod] = await world.ready(node, 2)
  world.freezePods()
  const annotation = { op: 'add', path: '/metadata/annotations', value: { 'karpenter.sh/do-not-disrupt': 'true' } } as const
  const key = { namespace: world.name, name: pod?.metadata.name ?? '' }
  await world.client.jsonPatch(resources.pods, key, [annotation], { fieldManager: 'administrator', signal })
  await new Drain(world.service(), node).blockedBy('DoNotDisrupt: annotation karpenter.sh/do-not-disrupt=true')
  await eventually(async () => expect((await world.podsOn(node)).map(({ metadata }) => metadata.uid)).toEqual([pod?.metadata.uid]))
  expect((await world.writes()).filter(({ target }) => target === `pods/eviction ${key.name}`)).toEqual([])
})

test('a mark that somebody took off is put on again before anything is handed over', async () => {
  const world = await DrainWorld.open()
  const node = await world.node('a')
  const drain = new Drain(world.service(), node)
  await drain.empty()
  await world.patchNode(node.name, [{ op: 'replace', path: '/spec/taints', value: [world.foreignTaint] }])
  const look = await world.service().lastLook({ node, mark: drain.mark, state: drain.state }, { signal })
  expect(look.kind).toBe('notIsolated')
  await drain.empty()
  expect((await world.readNode(node.name)).spec.taints?.map(({ value }) => value)).toContain(drain.mark.uid)
})

test('a node that is another machine by now is never called empty', async () => {
  const world = await DrainWorld.open()
  const node = await world.node('a')
  const { next, progress } = await new Drain(world.service(), { ...node, instanceId: 'i-other' }).pass()
  expect({ next: next.kind, reason: progress.blocked.map(({ reason }) => reason) }).toEqual({ next: 'wait', reason: ['NodeChanged'] })
})

function volumes(claimName: string): object {
  return { volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }] }
}

test('volumes are detached before a node goes, but for those of pods that stay', async () => {
  const world = await DrainWorld.open()
  const node = await world.node('a')
  const claim = async (name: string): Promise<string> => {
    const volumeName = `${world.name}-${name}`
    const spec = { accessModes: ['ReadWriteOnce'], volumeName, storageClassName: '', resources: { requests: { storage: '1Gi' } } }
    await world.create(kinds.claims, { metadata: { name }, spec })
    const source = { persistentVolumeName: volumeName }
    await world.create(kinds.attachments, { metadata: { name: volumeName }, spec: { attacher: 'ebs.csi.aws.com', nodeName: node.name, source } })
    return volumeName
  }
  const [data] = [await claim('data'), await claim('kept')]
  await world.pod('db', node, { spec: volumes('data') })
  await world.daemons('agent', { nodeName: node.name, ...volumes('kept') })
  await world.ready(node, 2)
  const drain = new Drain(world.service(), node, { rules: { unmanagedPods: 'Evict' } })
  const { progress } = await drain.blockedBy(`VolumeAttached: PersistentVolume ${data}`)
  expect(progress.message).toBe(
    `VolumeAttached: PersistentVolume ${data} is still attached to node ${node.name}: waits until it is detached (kubectl get volumeattachments)`,
  )
  await world.client.delete(kinds.attachments, { name: data }, { signal })
  await drain.empty()
})

test('pods of an unreachable node are evicted once and not waited for; when its machine is gone, Kubernetes may forget them', async () => {
  const world = await DrainWorld.open()
  // nobody plays its kubelet
  const node = await world.node('silent', { fake: false })
  await world.pod('web', node)
  await eventually(() => expect(world.cache.podsOn(node.name)).toHaveLength(1))
  const reachable = new Drain(world.service(), node, { rules: { unmanagedPods: 'Evict' } })
  await reachable.until(({ progress }) => expect(progress).toMatchObject({ left: 1, blocked: [] }))
  await eventually(async () => expect((await world.podsOn(node))[0]?.metadata.deletionTimestamp).toBeDefined())
  expect((await reachable.pass()).next.kind).toBe('wait')

  const silentSince = new Date(systemClock.now().getTime() - 10 * 60_000).toISOString()
  const ready = {
    type: 'Ready',
    status: 'Unknown',
    reason: 'NodeStatusUnknown',
    message: 'Kubelet stopped posting node status.',
    lastTransitionTime: silentSince,
  }
  await world.patchStatus(node.name, [{ op: 'add', path: '/status/conditions', value: [ready] }])
  await reachable.empty()
  expect((await world.writes()).filter(({ target }) => target.startsWith('pods/eviction'))).toHaveLength(1)

  const service = world.service()
  await service.outOfService({ ...node, providerID: 'aws:///us-west-2a/i-other' }, { signal })
  const isForgotten = async () => (await world.readNode(node.name)).spec.taints?.some(({ key }) => key === 'node.kubernetes.io/out-of-service')
  expect(await isForgotten()).toBe(false)
  await service.outOfService(node, { signal })
  expect(await isForgotten()).toBe(true)
})

test('a Ready node is never marked as out of service', async () => {
  const world = await DrainWorld.open()
  const node = await world.node('a')
  await world.service().outOfService(node, { signal })
  expect(await world.writes()).toEqual([])
})

/** Dies at its `point`th write: before it, or when it has happened but nobody knows. */
function killAt(point: number, when: 'before' | 'after'): { readonly hook: BeforeWrite; readonly died: Promise<void> } {
  const { promise: died, resolve: die } = Promise.withResolvers<void>()
  const never = new Promise<never>(() => undefined)
  let writes = 0
  const hook: BeforeWrite = async () => {
    writes += 1
    if (writes < point) return undefined
    if (writes > point || when === 'before') {
      die()
      await never
    }
    return async () => {
      die()
      await never
    }
  }
  return { hook, died }
}

const points = [1, 2, 3, 4].flatMap((point) => (['before', 'after'] as const).map((when) => [when, point] as const))
test.each(points)('a process that is killed %s its write %i leaves a drain that the next one ends the same way', async (when, point) => {
  const world = await DrainWorld.open()
  const node = await world.node('a')
  const names = ['a', 'b'].map((name) => `web-${name}`)
  for (const name of names) await world.pod(name, node)
  const other = await world.node('other')
  await world.pod('bystander', other)
  await world.ready(node, 2)
  const rules = { unmanagedPods: 'Evict' } as const
  const { hook, died } = killAt(point, when)
  const first = new Drain(world.service({ beforeWrite: hook }), node, { rules })
  const life = first.empty().then(async () => first.release())
  await Promise.race([died, life])

  // the next process knows only what was stored, and may see an old cache
  const second = new Drain(world.service(), node, { rules, mark: first.mark, state: first.state })
  await second.empty()
  const isolated = await world.readNode(node.name)
  expect(isolated.spec.taints?.filter(({ key }) => key.startsWith('tidegate.io/'))).toHaveLength(1)
  await second.release()

  const { spec, metadata } = await world.readNode(node.name)
  expect(spec.taints).toEqual([world.foreignTaint])
  expect(metadata.labels).not.toHaveProperty('node.kubernetes.io/exclude-from-external-load-balancers')
  expect(await world.podsOn(node)).toEqual([])
  expect(keysOf(await world.podsOn(other))).toEqual([`${world.name}/bystander`])
  const writes = await world.writes()
  expect(writes.filter(({ verb }) => verb === 'delete')).toEqual([])
  for (const name of names) {
    // Once by each process at most: an old cache still shows a pod that ends already, and the API server takes that eviction without a change.
    const evictions = writes.filter(({ target, code }) => target === `pods/eviction ${name}` && code === 201).length
    expect([1, 2]).toContain(evictions)
  }
  await world.client.get(resources.pods, { namespace: world.name, name: 'bystander' }, { signal })
})
