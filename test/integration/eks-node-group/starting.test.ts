import { expect, test } from 'vitest'
import type { Node } from '../../../src/kube/objects.ts'
import { aTargetCluster, anEksNodeGroup } from '../../support/builders.ts'
import { fastClock } from '../../support/fast-clock.ts'
import { runOperator } from '../../support/operator.ts'
import { release } from '../../support/release.ts'
import { breakNode } from '../../support/silent-node.ts'
import { openStage } from '../../support/world.ts'

/** A stage of its own: how old a Node is, is counted from the API server's clock, which the operator's leaves behind. */
test('a Node that joined a moment ago and is not ready yet starts; after 5 min it is told as one that is not Ready', async ({ onTestFinished }) => {
  const stage = await openStage('starting')
  onTestFinished(async () => await stage.close())
  await stage.openNamespace('starting')
  await stage.target('demo').apply(aTargetCluster())
  const operator = await runOperator({ access: stage.plane.identities.operator, cloudUrl: stage.cloud.url, clock: fastClock(5) })
  onTestFinished(async () => await operator.stop())
  const group = stage.group('starting', 'workers')
  await group.apply(anEksNodeGroup({ nodeGroupName: 'starting', scaling: { desiredSize: 1 } }))
  await group.ready()
  const [node] = (await stage.nodesOf('starting')) as [Node]
  const { name } = node.metadata
  const mend = await breakNode(stage, node, { status: 'False' })
  const says = [name, 'KubeletNotReady']
  await group.condition('NodesReady', { status: 'False', reason: 'NodesStarting', says: [...says, 'has 5 min to start'] })
  await group.condition('Reconciling', { status: 'True', reason: 'NodesStarting' })
  await group.until(({ status }) => expect(status?.nodes).toMatchObject({ running: 1, joined: 1, ready: 0 }))
  await group.condition('NodesReady', { status: 'False', reason: 'NodeNotReady', says: [...says, `look at kubectl describe node ${name}`] })
  await mend()
  await group.ready()
  await release(stage.client, 'starting')
})
