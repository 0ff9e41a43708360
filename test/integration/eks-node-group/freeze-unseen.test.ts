import { expect, test } from 'vitest'
import type { Node } from '../../../src/kube/objects.ts'
import { loadKubeConfig } from '../../../src/kube/cluster-access.ts'
import { resources } from '../../../src/kube/resource.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { aTargetCluster, anEksNodeGroup } from '../../support/builders.ts'
import { fastClock } from '../../support/fast-clock.ts'
import { FaultProxy, isWatch } from '../../support/fault-proxy.ts'
import { runOperator } from '../../support/operator.ts'
import { release } from '../../support/release.ts'
import { Workload } from '../../support/workload.ts'
import { openStage, operatorSpeed } from '../../support/world.ts'

function isOfGroups(request: Parameters<typeof isWatch>[0]): boolean {
  return isWatch(request) && request.path.endsWith('/eksnodegroups')
}

test('P10: a freeze of the TargetCluster holds although its watch has gone silent and shows nothing', async ({ onTestFinished }) => {
  const stage = await openStage('freeze-unseen')
  onTestFinished(async () => await stage.close())
  const proxy = await FaultProxy.start(await loadKubeConfig({ path: stage.plane.identities.operator }))
  onTestFinished(async () => await proxy.close())
  const target = stage.target('demo')
  await target.apply(aTargetCluster())
  await stage.openNamespace('unseen')
  const operator = await runOperator({ access: proxy.access, cloudUrl: stage.cloud.url, clock: fastClock(operatorSpeed) })
  onTestFinished(async () => await operator.stop())
  const group = stage.group('unseen', 'workers')
  await group.apply(anEksNodeGroup({ nodeGroupName: 'unseen', scaling: { minSize: 0, maxSize: 3 } }))
  await group.ready()

  const heal = proxy.rule({ match: (request) => isWatch(request) && request.path.endsWith('/targetclusters'), fault: { silence: true } })
  const watches = (plural: string): number => proxy.requests.filter((request) => isWatch(request) && request.path.endsWith(`/${plural}`)).length
  const before = { targets: watches('targetclusters'), groups: watches('eksnodegroups') }
  proxy.cut()
  await group.until(() => {
    expect(watches('targetclusters')).toBeGreaterThan(before.targets)
    expect(watches('eksnodegroups')).toBeGreaterThan(before.groups)
  })
  await target.annotate({ 'frozen-until': new Date(systemClock.now().getTime() + 86_400_000).toISOString() })
  await stage.cloud.forgetCalls()
  await stage.kubectl('scale', 'eksnodegroup/workers', '-n', 'unseen', '--replicas=1')
  await group.condition('Paused', { status: 'True', reason: 'Frozen', says: ['TargetCluster demo is frozen until'] })
  await systemClock.sleep(5_000)
  expect(await stage.cloud.calls('unseen', { access: 'write' })).toEqual([])

  heal()
  await target.annotate({})
  proxy.cut()
  const { status } = await group.ready()
  expect(status?.nodes?.summary).toBe('1/1')
  await release(stage.client, 'unseen')
})

test('P10: a freeze of the object stops its drain although the watch of the groups has gone silent', async ({ onTestFinished }) => {
  const stage = await openStage('freeze-of-itself')
  onTestFinished(async () => await stage.close())
  const proxy = await FaultProxy.start(await loadKubeConfig({ path: stage.plane.identities.operator }))
  onTestFinished(async () => await proxy.close())
  await stage.target('demo').apply(aTargetCluster())
  await stage.openNamespace('itself')
  const operator = await runOperator({ access: proxy.access, cloudUrl: stage.cloud.url, clock: fastClock(operatorSpeed) })
  onTestFinished(async () => await operator.stop())
  const group = stage.group('itself', 'workers')
  await group.apply(anEksNodeGroup({ nodeGroupName: 'itself', scaling: { minSize: 0, maxSize: 1, desiredSize: 1, sizeOwner: 'Spec' } }))
  await group.ready()
  const { signal } = new AbortController()
  const { items } = await stage.client.list<Node>(resources.nodes, { labelSelector: 'eks.amazonaws.com/nodegroup=itself', signal })
  const team = new Workload(stage.client, 'itself')
  await team.run('guarded', items[0] as Node)
  const lift = await team.guard('guarded')
  await group.apply(anEksNodeGroup({ nodeGroupName: 'itself', scaling: { minSize: 0, maxSize: 1, desiredSize: 0, sizeOwner: 'Spec' } }))
  await group.condition('Reconciling', { reason: 'DrainBlocked' })

  const heal = proxy.rule({ match: isOfGroups, fault: { silence: true } })
  const before = proxy.requests.filter(isOfGroups).length
  proxy.cut()
  await group.until(() => expect(proxy.requests.filter(isOfGroups).length).toBeGreaterThan(before))
  await group.annotate({ 'frozen-until': new Date(systemClock.now().getTime() + 86_400_000).toISOString() })
  // What was under way when it was set ends within what is promised.
  await systemClock.sleep(1_000)
  await lift()
  await systemClock.sleep(5_000)
  expect(await team.isThere('guarded')).toBe(true)

  heal()
  proxy.cut()
  await group.condition('Paused', { reason: 'Frozen', says: ['this object is frozen until'] })
  await group.annotate({})
  await group.until(async () => expect(await team.isThere('guarded')).toBe(false))
  await group.ready()
  await release(stage.client, 'itself')
})
