import { marksOf } from '../../../drain/mark.ts'
import type { Node } from '../../../kube/objects.ts'
import { wholeOf } from '../../../kube/quantity.ts'
import type { TargetPass } from '../pass.ts'

const gpu = 'nvidia.com/gpu'

/** `status.nodes` and `status.gpus`: from the caches of the target's nodes and pods. */
export function countNodes({ draft: { status }, facts }: Pick<TargetPass, 'draft' | 'facts'>): void {
  const { connection } = facts
  if (connection?.nodes.hasSynced !== true) return
  const nodes = connection.nodes.list()
  const ready = nodes.filter((node) => node.status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true)
  const schedulable = ready.filter(takesPods)
  status.nodes = { total: nodes.length, ready: ready.length, schedulable: schedulable.length }
  let capacity = 0
  for (const node of nodes) capacity += wholeOf(node.status?.capacity?.[gpu])
  if (capacity > 0) status.gpus = { capacity: atMostInt32(capacity), allocated: atMostInt32(connection.nodes.gpusRequested()) }
  else delete status.gpus
}

/** Anybody may ask for any number in a pod, and one that the API server does not store would keep the whole status from being stored. */
function atMostInt32(count: number): number {
  return Math.min(count, 2_147_483_647)
}

/**
 * A cordon, or a mark of ours whosever it is, keeps all pods off that are not to go with the node. Other taints do not count: nodes with GPUs bear them for
 * ever, and the pods that they are kept for land there.
 */
function takesPods({ spec }: Node): boolean {
  return spec.unschedulable !== true && marksOf({ spec }).length === 0
}
