import { expect, test } from 'vitest'
import { systemClock } from '../../../src/lib/clock.ts'
import { aTargetCluster, anEksNodeGroup } from '../../support/builders.ts'
import { runOperator } from '../../support/operator.ts'
import { timed } from '../../support/pulse.ts'
import { release } from '../../support/release.ts'
import { openStage } from '../../support/world.ts'

/** On the real clock: the pace leaves a second of the ten for everything else, which is nothing of a faster one. */
test('A5: while something moves a foreign change shows within 10 s', async ({ onTestFinished }) => {
  const stage = await openStage('moving')
  onTestFinished(async () => await stage.close())
  await stage.openNamespace('moving')
  await stage.target('demo').apply(aTargetCluster())
  const operator = await runOperator({ access: stage.plane.identities.operator, cloudUrl: stage.cloud.url, clock: systemClock })
  onTestFinished(async () => await operator.stop())
  const group = stage.group('moving', 'workers')
  await group.apply(anEksNodeGroup({ nodeGroupName: 'moving', scaling: { minSize: 0, maxSize: 5, sizeOwner: 'External' } }))
  await group.ready()
  await stage.cloud.clock({ pause: true }) // an instance that boots stays so
  const nodegroup = { cluster: 'demo', nodegroup: 'moving' }
  await stage.cloud.happen({ order: 'SetCapacity', ...nodegroup, desiredSize: 1 })
  await group.condition('NodesReady', { status: 'False' })
  await systemClock.sleep(25_000) // by now it is looked at seldomest
  const tookMs = await timed(stage.client, async () => {
    await stage.cloud.happen({ order: 'SetCapacity', ...nodegroup, desiredSize: 3 })
    await group.until(({ status }) => expect(status?.scaling?.desiredSize).toBe(3))
  })
  expect(tookMs).toBeLessThan(10_000)
  await stage.cloud.clock({ resume: true })
  await group.ready()
  await release(stage.client, 'moving')
})
