import { expect, test } from 'vitest'
import type { DrainResult } from '../../../src/drain/request.ts'
import { resources } from '../../../src/kube/resource.ts'
import { eventually } from '../../support/eventually.ts'
import { Drain, DrainWorld, kinds, shortly, signal } from './world.ts'

const lbLabel = 'node.kubernetes.io/exclude-from-external-load-balancers'
const cordon = { op: 'add', path: '/spec/unschedulable', value: true } as const

test('a node is isolated, then emptied by evictions alone, then looked at; what is not ours stays as it was', async () => {
  const world = await DrainWorld.open()
  const node = await world.node('a')
  await world.deploy('web', 3)
  await world.daemons('agent')
  await world.ready(node, 4)
  await world.node('b')
  const drain = new Drain(world.service(), node)

  const { progress, next } = await drain.empty()

  expect({ progress, next }).toEqual({ next: { kind: 'empty' }, progress: { left: 0, blocked: [], message: 'nothing is left that has to go' } })
  expect((await world.podsOn(node)).map(({ metadata }) => metadata.ownerReferences?.[0]?.kind)).toEqual(['DaemonSet'])
  const isolated = await world.readNode(node.name)
  expect(isolated.spec.taints).toEqual([world.foreignTaint, { key: 'tidegate.io/leaving', value: drain.mark.uid, effect: 'NoSchedule' }])
  expect(isolated.metadata.labels?.[lbLabel]).toBe('tidegate')
  const writes = shortly(await world.writes())
  expect(writes[0]).toBe(`patch nodes ${node.name} 200`)
  expect(writes.slice(1).map((line) => line.replace(/web-\S+/, 'web'))).toEqual(Array.from({ length: 3 }, () => 'create pods/eviction web 201'))

  await drain.release()
  const released = await world.readNode(node.name)
  expect(released.spec).toEqual({ providerID: node.providerID, taints: [world.foreignTaint] })
  expect(released.metadata.labels).not.toHaveProperty(lbLabel)
})

test.each(['before', 'after'])('a cordon of somebody else’s, made %s our isolation, survives it; so does his label', async (when) => {
  const world = await DrainWorld.open()
  const node = await world.node('a', { labels: { [lbLabel]: 'true' } })
  if (when === 'before') await world.patchNode(node.name, [cordon])
  const drain = new Drain(world.service(), node)
  await drain.empty()
  if (when === 'after') await world.patchNode(node.name, [cordon])
  await drain.release()
  const { spec, metadata } = await world.readNode(node.name)
  expect(spec.unschedulable).toBe(true)
  expect(spec.taints?.filter(({ key }) => key.startsWith('tidegate.io/'))).toEqual([])
  expect(spec.taints?.map(({ key }) => key)).toContain(world.foreignTaint.key)
  expect(metadata.labels?.[lbLabel]).toBe('true')
})

test('a node without any taint or with taints that change under our hands is isolated all the same', async () => {
  const world = await DrainWorld.open()
  const node = await world.node('a')
  // the cache shows a Node that is no more: each patch that is judged from it must be refused, and the Node read again
  const stale = world.cache.node(node.name)
  await world.patchNode(node.name, [{ op: 'remove', path: '/spec/taints' }])
  const drain = new Drain(world.service({ cache: { node: () => stale } }), node)
  await drain.pass()
  expect((await world.readNode(node.name)).spec.taints).toEqual([{ key: 'tidegate.io/leaving', value: drain.mark.uid, effect: 'NoSchedule' }])
  expect(shortly(await world.writes())).toEqual([`patch nodes ${node.name} 422`, `patch nodes ${node.name} 200`])
})

test('a cancelled drain leaves the rest of the pods alone and the node as it was', async () => {
  const world = await DrainWorld.open()
  const node = await world.node('a')
  await world.pod('bare', node)
  await world.ready(node, 1)
  const drain = new Drain(world.service(), node)
  await drain.blockedBy(`UnmanagedPod: pod ${world.name}/bare`)
  await drain.release()
  await drain.release()
  expect((await world.readNode(node.name)).spec.taints).toEqual([world.foreignTaint])
  expect(shortly(await world.writes())).toEqual([`patch nodes ${node.name} 200`, `patch nodes ${node.name} 200`])
})

test('a node is held by one object at a time, and the other is told by which', async () => {
  const world = await DrainWorld.open()
  const node = await world.node('a')
  const service = world.service()
  const [first, second] = [new Drain(service, node), new Drain(service, node, { mark: { kind: 'maintenance', uid: 'order-2' } })]
  await first.empty()
  await second.blockedBy(`NodeHeldByAnother: taint tidegate.io/leaving=${first.mark.uid}`)
  await second.release()
  expect((await world.readNode(node.name)).spec.taints?.map(({ value }) => value)).toContain(first.mark.uid)
  await first.release()
  await second.empty()
  expect((await world.readNode(node.name)).spec.taints).toContainEqual({ key: 'tidegate.io/maintenance', value: 'order-2', effect: 'NoSchedule' })
})

test('a Job is waited for until it ends, and its finished pod stays', async () => {
  const world = await DrainWorld.open()
  const node = await world.node('a')
  const template = { spec: world.podSpec({ restartPolicy: 'Never' }) }
  await world.create(kinds.jobs, { metadata: { name: 'train' }, spec: { template } })
  const [pod] = await world.ready(node, 1)
  const drain = new Drain(world.service(), node)
  const { progress } = await drain.blockedBy(`JobRunning: Job ${world.name}/train`)
  expect(progress.message).toContain(`of Job ${world.name}/train still runs: wait until it ends`)
  const key = { namespace: world.name, name: pod?.metadata.name ?? '' }
  const status = { op: 'replace', path: '/status/phase', value: 'Succeeded' } as const
  await world.client.jsonPatch(resources.pods, key, [status], { fieldManager: 'kubelet', subresource: 'status', signal })
  await drain.empty()
  expect(shortly(await world.writes())).toEqual([`patch nodes ${node.name} 200`])
})

test('critical pods go when ordinary ones have left, and our own last', async () => {
  const world = await DrainWorld.open()
  const own = `${world.name}-own`
  await world.openNamespace(own)
  const node = await world.node('a')
  await world.pod('web', node)
  await world.pod('dns', node, { spec: { priorityClassName: 'system-cluster-critical' } })
  await world.pod('operator', node, { metadata: { namespace: own } })
  await world.ready(node, 3)
  const drain = new Drain(world.service({ ownNamespace: () => own }), node, { rules: { unmanagedPods: 'Evict' } })
  await drain.empty()
  expect((await world.writes()).map(({ target }) => target).slice(1)).toEqual(['pods/eviction web', 'pods/eviction dns', 'pods/eviction operator'])
})

test('no more drains run at a time than the budget allows, also after a restart', async () => {
  const world = await DrainWorld.open()
  const [a, b] = [await world.node('a'), await world.node('b')]
  await world.pod('bare', a)
  await world.ready(a, 1)
  const budget = { evictionsPerSecond: 1000, maxConcurrentDrains: 1 }
  const service = world.service({ budget })
  const first = new Drain(service, a)
  await first.blockedBy(`UnmanagedPod: pod ${world.name}/bare`)
  const waits: Partial<DrainResult['progress']> = {
    message: 'as many nodes of the target are being drained as budget.maxConcurrentDrains allows (1): waits for one of them',
  }
  expect((await new Drain(service, b).pass()).progress).toMatchObject(waits)
  await eventually(() => expect(world.cache.markedNodes()).toHaveLength(1))
  const second = new Drain(world.service({ budget }), b)
  expect((await second.pass()).progress).toMatchObject(waits)
  expect((await world.readNode(b.name)).spec.taints).toEqual([world.foreignTaint])
  await world.client.delete(resources.pods, { namespace: world.name, name: 'bare' }, { signal })
  await second.empty()
})
