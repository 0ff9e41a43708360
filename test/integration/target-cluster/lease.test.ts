import { expect } from 'vitest'
import type { KubeObject } from '../../../src/kube/objects.ts'
import { resources } from '../../../src/kube/resource.ts'
import { loadKubeConfig } from '../../../src/kube/cluster-access.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { operatorWrites } from '../../support/audit.ts'
import { aTargetCluster } from '../../support/builders.ts'
import { eventually } from '../../support/eventually.ts'
import { FaultProxy } from '../../support/fault-proxy.ts'
import { measured } from '../../support/pulse.ts'
import { operatorSpeed } from '../../support/world.ts'
import { firstGroupOf, kubeconfigBy, stageWith } from './world.ts'

const test = stageWith()
const { signal } = new AbortController()
const key = { namespace: 'kube-system', name: 'tidegate' }

interface Lease extends KubeObject {
  readonly spec: { readonly holderIdentity: string; readonly renewTime?: string; readonly leaseDurationSeconds: number }
}

test('at rest the Lease of the target is renewed every minute, and nothing else is written', async ({ stage }) => {
  const target = stage.target('resting')
  await target.apply(aTargetCluster({ discovery: 'None' }))
  const group = await firstGroupOf(stage, 'resting')
  await target.ready()
  await group.ready()
  const { spec } = await stage.client.get<Lease>(resources.leases, key, { signal })
  // The id in ConfigMap tidegate-identity a restored copy of this cluster would have, too.
  const own = await stage.client.get<KubeObject>(resources.namespaces, { name: 'kube-system' }, { signal })
  expect(spec).toMatchObject({ holderIdentity: own.metadata.uid, leaseDurationSeconds: 180 })

  const renewal = 'update leases kube-system/tidegate 200'
  const areRenewals = (writes: readonly string[]): boolean => [2, 3].includes(writes.length) && writes.every((write) => write === renewal)
  const written = await measured(stage.client, {
    calmMs: 10_000 / operatorSpeed, // a renewal that takes longer is given up and repeated
    rest: async () => await systemClock.sleep(15_000 / operatorSpeed), // the last pass over what was just made
    measure: async () => {
      const before = systemClock.now()
      await systemClock.sleep(150_000 / operatorSpeed)
      return async () => (await operatorWrites(stage.plane.auditLog, { after: before })).map(({ verb, target: about, code }) => `${verb} ${about} ${code}`)
    },
    isGood: areRenewals,
  })
  expect(written).toSatisfy(areRenewals)

  await group.delete()
  await group.gone()
  await target.end()
  expect((await stage.client.get<Lease>(resources.leases, key, { signal })).spec.holderIdentity).toBe('')
})

test('two management clusters of one target: the one whose Lease stands there goes on alone, and is followed when it stops', async ({ stage }) => {
  const write = async (holderIdentity: string, renewTime: Date): Promise<void> => {
    const spec = { holderIdentity, leaseDurationSeconds: 60, renewTime: renewTime.toISOString().replace('Z', '000Z') }
    const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: key, spec }
    await stage.client.apply(resources.leases, key, body, { fieldManager: 'another-tidegate', force: true, signal })
  }
  // A clock that is an hour behind is no reason to take it.
  const renew = async (): Promise<void> => await write('other-management-cluster', new Date(systemClock.now().getTime() - 3_600_000))
  await renew()

  const target = stage.target('shared')
  await target.apply(aTargetCluster())
  const group = await firstGroupOf(stage, 'shared')
  await target.condition('Stalled', { status: 'True', reason: 'HeldByAnotherManagementCluster', says: ['other-management-cluster', 'kube-system/tidegate'] })
  await group.condition('Ready', { status: 'False', says: ['other-management-cluster'] })
  // twice as long as it lasts
  for (let renewals = 0; renewals < 48; renewals += 1) {
    await systemClock.sleep(2_500 / operatorSpeed)
    await renew()
  }
  await target.condition('Stalled', { status: 'True', reason: 'HeldByAnotherManagementCluster' })
  expect((await stage.client.get<Lease>(resources.leases, key, { signal })).spec.holderIdentity).toBe('other-management-cluster')
  expect(await stage.cloud.calls('shared-workers', { access: 'write' })).toEqual([])

  await target.ready()
  await group.ready()

  // And the other way round: somebody takes it, and nothing more is begun here.
  await write('third-management-cluster', systemClock.now())
  await eventually(async () => {
    await write('third-management-cluster', systemClock.now())
    expect((await target.read()).status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Stalled', reason: 'HeldByAnotherManagementCluster', message: expect.stringContaining('third-management-cluster') }),
    )
  })
  await write('', systemClock.now())
  await target.ready()
  await group.delete()
  await group.gone()
  await target.end()
})

test('an API server that answers and stores no Lease: unreachable, also for the groups, and both come back', async ({ stage, onTestFinished }) => {
  const proxy = await FaultProxy.start(await loadKubeConfig({ path: stage.plane.identities.admin }))
  onTestFinished(() => proxy.close())
  await stage.writeSecret('full', { kubeconfig: await kubeconfigBy(proxy, stage.plane.identities.admin) })
  const target = stage.target('full')
  await target.apply(aTargetCluster({ connection: { kubeconfigSecretRef: { name: 'full', key: 'kubeconfig' } } }))
  await target.ready()
  const group = await firstGroupOf(stage, 'full')
  await group.ready()

  const body = JSON.stringify({ kind: 'Status', reason: 'InternalError', message: 'etcdserver: mvcc: database space exceeded' })
  const lift = proxy.rule({ match: ({ method }) => method !== 'GET', fault: { answer: 500, body, headers: { 'content-type': 'application/json' } } })
  const says = ['does not take our Lease kube-system/tidegate', 'database space exceeded']
  await target.condition('KubernetesReachable', { status: 'False', reason: 'ClusterUnreachable', says })
  await target.condition('Ready', { status: 'Unknown', reason: 'ClusterUnreachable' })
  await group.condition('Ready', { status: 'Unknown', reason: 'ClusterUnreachable', says: ['TargetCluster full'] })
  await group.delete()
  await group.condition('Reconciling', { reason: 'ClusterUnreachable', says: ['does not take our Lease', 'Retain'] })

  lift()
  await target.ready()
  await group.gone()
  // Confirmed: its list of groups may be older than the end of this one.
  await target.end()
})
