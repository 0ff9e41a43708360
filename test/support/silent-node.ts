import type { KubeClient } from '../../src/kube/client.ts'
import type { Node } from '../../src/kube/objects.ts'
import { resources } from '../../src/kube/resource.ts'
import { eventually } from './eventually.ts'
import { instanceOf } from './order.ts'
import type { Cloud } from './simulator.ts'

const { signal } = new AbortController()

interface NodeStage {
  readonly client: KubeClient
  readonly cloud: Cloud
}

/** The kubelet of a node falls silent; what comes back mends it. */
export async function fallSilent(stage: NodeStage, node: Node): Promise<() => Promise<void>> {
  return await breakNode(stage, node, { condition: 'Ready', reason: 'NodeStatusUnknown', message: 'silent' })
}

/**
 * A Node is no longer Ready, as `how` says; what comes back mends it. Comes back once the Node has stopped changing: a heartbeat that kwok had begun before may
 * make it Ready once more, and what waits for a Ready node may begin in that moment.
 */
export async function breakNode({ client, cloud }: NodeStage, node: Node, how: Readonly<Record<string, string>>): Promise<() => Promise<void>> {
  const instanceId = instanceOf(node)
  const { name } = node.metadata
  await cloud.happen({ order: 'BreakNode', instanceId, ...how })
  let before: string | undefined
  await eventually(
    async () => {
      const { metadata, status } = await client.get<Node>(resources.nodes, { name }, { signal })
      const isReady = status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
      const isSame = metadata.resourceVersion === before
      before = metadata.resourceVersion
      if (isReady || !isSame) throw new Error(`Node ${name} ${isReady ? 'is Ready' : 'still changes'}`)
    },
    { everyMs: 1_000 },
  )
  return async () => await cloud.happen({ order: 'MendNode', instanceId })
}
