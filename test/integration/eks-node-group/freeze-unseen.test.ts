import { expect, test } from 'vitest'
import type { Node } from '../../../src/kube/objects.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { anEksNodeGroup } from '../../support/builders.ts'
import { inDays } from '../../support/days.ts'
import { openProxiedStage } from '../../support/proxied-stage.ts'
import { release } from '../../support/release.ts'
import { silenceWatches } from '../../support/silent-watch.ts'
import { Workload } from '../../support/workload.ts'

test('P10: a freeze of the TargetCluster holds although its watch has gone silent and shows nothing', async ({ onTestFinished }) => {
  const { stage, proxy } = await openProxiedStage('freeze-unseen', { namespace: 'unseen', onTestFinished })
  const target = stage.target('demo')
  const group = stage.group('unseen', 'workers')
  await group.apply(anEksNodeGroup({ nodeGroupName: 'unseen', scaling: { minSize: 0, maxSize: 3 } }))
  await group.ready()

  const heal = await silenceWatches(proxy, 'targetclusters', ['eksnodegroups'])
  await target.annotate({ 'frozen-until': inDays(1).toISOString() })
  await stage.cloud.forgetCalls()
  await stage.kubectl('scale', 'eksnodegroup/workers', '-n', 'unseen', '--replicas=1')
  await group.condition('Paused', { status: 'True', reason: 'Frozen', says: ['TargetCluster demo is frozen until'] })
  await systemClock.sleep(5_000)
  expect(await stage.cloud.calls('unseen', { access: 'write' })).toEqual([])

  await target.annotate({})
  heal()
  const { status } = await group.ready()
  expect(status?.nodes?.summary).toBe('1/1')
  await release(stage.client, 'unseen')
})

test('P10: a freeze of the object stops its drain although the watch of the groups has gone silent', async ({ onTestFinished }) => {
  const { stage, proxy } = await openProxiedStage('freeze-of-itself', { namespace: 'itself', onTestFinished })
  const group = stage.group('itself', 'workers')
  await group.apply(anEksNodeGroup({ nodeGroupName: 'itself', scaling: { minSize: 0, maxSize: 1, desiredSize: 1, sizeOwner: 'Spec' } }))
  await group.ready()
  const [node] = (await stage.nodesOf('itself')) as [Node]
  const team = new Workload(stage.client, 'itself')
  const lift = await team.runGuarded('guarded', node)
  await group.apply(anEksNodeGroup({ nodeGroupName: 'itself', scaling: { minSize: 0, maxSize: 1, desiredSize: 0, sizeOwner: 'Spec' } }))
  await group.condition('Reconciling', { reason: 'DrainBlocked' })

  const heal = await silenceWatches(proxy, 'eksnodegroups')
  await group.annotate({ 'frozen-until': inDays(1).toISOString() })
  // What was under way when it was set ends within what is promised.
  await systemClock.sleep(1_000)
  await lift()
  await systemClock.sleep(5_000)
  expect(await team.isThere('guarded')).toBe(true)

  heal()
  await group.condition('Paused', { reason: 'Frozen', says: ['this object is frozen until'] })
  await group.annotate({})
  await group.until(async () => expect(await team.isThere('guarded')).toBe(false))
  await group.ready()
  await release(stage.client, 'itself')
})
