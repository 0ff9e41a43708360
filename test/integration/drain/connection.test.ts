import { expect, inject, onTestFinished, test, vi } from 'vitest'
import { TargetConnections } from '../../../src/cmd/target-connections.ts'
import type { TargetConnection } from '../../../src/controllers/target-cluster/ports.ts'
import type { DrainState, NodeRef } from '../../../src/drain/request.ts'
import { loadKubeConfig } from '../../../src/kube/cluster-access.ts'
import { connect } from '../../../src/kube/connection.ts'
import type { Node } from '../../../src/kube/objects.ts'
import { resources } from '../../../src/kube/resource.ts'
import { RestClient } from '../../../src/kube/rest.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { systemRandom } from '../../../src/lib/random.ts'
import { createLogger } from '../../../src/observability/logger.ts'
import { createMetrics } from '../../../src/observability/metrics.ts'
import { defaultDrainRules } from '../../../src/scaling/drain/rules.ts'
import { eventually } from '../../support/eventually.ts'
import { DrainWorld, signal } from './world.ts'

const mark = { kind: 'leaving', uid: 'the-group' } as const

/** The connection that the operator's controllers get, to the cluster that it runs in, and the names of the nodes that it woke somebody for. */
async function open(world: DrainWorld): Promise<{ readonly target: TargetConnection; readonly woken: string[]; readonly synced: () => number }> {
  const connection = connect(await loadKubeConfig({ path: inject('controlPlane').identities.admin }))
  const parts = { clock: systemClock, random: systemRandom, log: createLogger({ level: 'silent' }), metrics: createMetrics() }
  const woken: string[] = []
  const onSynced = vi.fn<(target: string) => void>()
  const connections = new TargetConnections({
    management: new RestClient({ connection, ...parts }),
    beforeWrite: async () => undefined,
    kubeRate: { qps: 200, burst: 400 },
    ownNamespace: () => undefined,
    updating: () => new Map(),
    begunDrains: () => new Set(),
    ownerOf: () => undefined,
    onNode: () => undefined,
    onDrain: (_, node) => void woken.push(node.metadata.name),
    onSynced,
    leaseHolder: () => world.name,
    onLease: () => undefined,
    ...parts,
  })
  onTestFinished(async () => {
    await connections.closeAll()
    await connection.close()
  })
  const target = await connections.open('demo', undefined)
  await eventually(() => expect(target.nodes.hasSynced).toBe(true))
  return { target, woken, synced: () => onSynced.mock.calls.length }
}

async function patchTaints(world: DrainWorld, { name }: NodeRef, change: (taints: NonNullable<Node['spec']['taints']>) => object): Promise<void> {
  const { spec } = await world.readNode(name)
  await world.patchNode(name, [{ op: 'replace', path: '/spec/taints', value: change(spec.taints ?? []) }])
}

test('a connection knows its nodes and pods once it is synced, drains them, and tells when a drain can go on', async () => {
  const world = await DrainWorld.open()
  const group = `${world.name}-group`
  const node = await world.node('a', { labels: { 'eks.amazonaws.com/nodegroup': group } })
  const other = await world.node('b')
  await world.pod('web', node)
  await world.pod('job', node)
  await world.pod('elsewhere', other)
  await world.daemons('agent')
  await world.ready(node, 3)
  const { target, woken, synced } = await open(world)
  const mine = (): number => woken.filter((name) => name === node.name).length
  expect(synced()).toBe(1)
  expect(target.nodes.inGroup(group).map(({ metadata }) => metadata.name)).toEqual([node.name])
  expect(target.nodes.byName(node.name)?.metadata.uid).toBe(node.uid)
  expect(target.nodes.byInstance(`i-${node.name}`)?.metadata.uid).toBe(node.uid)
  expect([target.nodes.podsOn(node.name), target.nodes.podsOn(other.name)]).toEqual([2, 1])

  // nobody is woken for pods of a node that nobody drains
  await world.client.delete(resources.pods, { namespace: world.name, name: 'elsewhere' }, { signal })
  await eventually(() => expect(target.nodes.podsOn(other.name)).toBe(0))
  expect(woken.filter((name) => name.startsWith(world.name))).toEqual([])

  const state: { now: DrainState | undefined } = { now: undefined }
  const pass = async () => {
    const rules = { ...defaultDrainRules }
    const result = await target.drain.drainNode({ node, mark, rules, deadline: undefined, state: state.now }, { signal })
    state.now = result.state
    return result
  }
  expect((await pass()).progress).toMatchObject({ left: 2, blocked: [{ reason: 'UnmanagedPod' }, { reason: 'UnmanagedPod' }] })
  await eventually(() => expect(mine()).toBe(1)) // its mark
  await world.cordon(node.name)
  await eventually(() => expect(target.nodes.byName(node.name)?.spec.unschedulable).toBe(true))
  expect(mine()).toBe(1)
  const finished = { op: 'replace', path: '/status/phase', value: 'Succeeded' } as const
  await world.client.jsonPatch(resources.pods, { namespace: world.name, name: 'job' }, [finished], { fieldManager: 'kubelet', subresource: 'status', signal })
  await eventually(() => expect(mine()).toBe(2))
  expect(target.nodes.podsOn(node.name)).toBe(1)
  await world.client.delete(resources.pods, { namespace: world.name, name: 'web' }, { signal })
  await eventually(() => expect(mine()).toBeGreaterThanOrEqual(4)) // it leaves, and it ends or is gone
  await eventually(() => expect(target.nodes.podsOn(node.name)).toBe(0))
  expect((await pass()).next).toEqual({ kind: 'empty' })

  const before = mine()
  await patchTaints(world, node, (taints) => taints.filter(({ key }) => !key.startsWith('tidegate.io/')))
  await eventually(() => expect(mine()).toBeGreaterThan(before))
})
