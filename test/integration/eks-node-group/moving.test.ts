import { expect, test } from 'vitest'
import { systemClock } from '../../../src/lib/clock.ts'
import { aTargetCluster, anEksNodeGroup } from '../../support/builders.ts'
import { runOperator } from '../../support/operator.ts'
import { timed } from '../../support/pulse.ts'
import { release } from '../../support/release.ts'
import { openStage } from '../../support/world.ts'

/** After so long what moves is looked at seldomest. */
const seldomMs = 25_000

/** On the real clock: the pace leaves a second of the ten for everything else, which is nothing of a faster one. */
test('A5: while something moves a foreign change shows within 10 s', { timeout: 300_000 }, async ({ onTestFinished }) => {
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
  await systemClock.sleep(seldomMs)
  let desiredSize = 2
  const change = async (): Promise<void> => {
    await stage.cloud.happen({ order: 'SetCapacity', ...nodegroup, desiredSize })
    await group.until(({ status }) => expect(status?.scaling?.desiredSize).toBe(desiredSize))
  }
  const restore = async (): Promise<void> => {
    desiredSize += 1
    await systemClock.sleep(seldomMs)
  }
  expect(await timed(stage.client, change, { promisedMs: 10_000, restore })).toBeLessThan(10_000)
  await stage.cloud.clock({ resume: true })
  await group.ready()
  await release(stage.client, 'moving')
})
