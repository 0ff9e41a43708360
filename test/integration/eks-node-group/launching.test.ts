import { expect, test } from 'vitest'
import { demoScenario } from '../../../src/simulator/scenario/demo.ts'
import { parseScenario } from '../../../src/simulator/scenario/scenario.ts'
import { aTargetCluster, anEksNodeGroup } from '../../support/builders.ts'
import { eventually } from '../../support/eventually.ts'
import { fastClock } from '../../support/fast-clock.ts'
import { runOperator } from '../../support/operator.ts'
import { openStage, operatorSpeed } from '../../support/world.ts'

/** Minutes where AWS takes seconds, so that nothing but the clock ends the wait. */
const launchSeconds = 600

const scenario = parseScenario({ ...demoScenario, delays: { launchSeconds } })

test('P8: instances that Auto Scaling was asked for and has not begun to launch: counted until it has', async ({ onTestFinished }) => {
  const stage = await openStage('launching', { scenario })
  onTestFinished(async () => await stage.close())
  await stage.target('demo').apply(aTargetCluster())
  await stage.openNamespace('launching')
  const operator = await runOperator({ access: stage.plane.identities.operator, cloudUrl: stage.cloud.url, clock: fastClock(operatorSpeed) })
  onTestFinished(async () => await operator.stop())
  const group = stage.group('launching', 'workers')
  await group.apply(anEksNodeGroup({ scaling: { desiredSize: 1, sizeOwner: 'Spec' } }))
  await group.ready()

  await stage.cloud.forgetCalls()
  await stage.cloud.clock({ pause: true })
  await group.patch({ op: 'replace', path: '/spec/scaling/desiredSize', value: 3 })
  await eventually(async () => expect((await stage.cloud.needGroup('workers')).scaling?.desiredSize).toBe(3))
  // EKS has done what it was asked for; the launch is still to begin.
  await stage.cloud.clock({ advanceSeconds: launchSeconds / 2 })
  const waits = { reason: 'WaitingForInstances', says: ['1 of 3 instances run'] }
  await group.condition('Reconciling', { status: 'True', ...waits })
  await group.condition('NodesReady', { status: 'False', ...waits })
  await group.condition('Ready', { status: 'False', ...waits })
  await group.condition('InSync', { status: 'True' })
  expect((await stage.cloud.needGroup('workers')).scaling?.instanceIds).toHaveLength(1)

  await stage.cloud.clock({ advanceSeconds: launchSeconds / 2 })
  await group.condition('NodesReady', { status: 'False', reason: 'WaitingForNodes', says: ['1 of 3 instances have joined'] })
  await stage.cloud.clock({ resume: true })
  const { status } = await group.ready()
  expect(status?.nodes?.summary).toBe('3/3')
  expect(status?.conditions?.map(({ type }) => type)).not.toContain('Reconciling')
  expect(await stage.cloud.calls('workers', { action: 'UpdateNodegroupConfig' })).toHaveLength(1)
  await group.end()
})
