import { expect, test } from 'vitest'
import { loadKubeConfig } from '../../../src/kube/cluster-access.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { aTargetCluster, anEksNodeGroup } from '../../support/builders.ts'
import { fastClock } from '../../support/fast-clock.ts'
import { FaultProxy, isWatch } from '../../support/fault-proxy.ts'
import { runOperator } from '../../support/operator.ts'
import { release } from '../../support/release.ts'
import { openStage, operatorSpeed } from '../../support/world.ts'

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
