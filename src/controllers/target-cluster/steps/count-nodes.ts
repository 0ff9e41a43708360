import { marksOf } from '../../../drain/mark.ts'
import type { Node } from '../../../kube/objects.ts'
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
  for (const node of nodes) capacity += Number(node.status?.capacity?.[gpu] ?? 0)
  if (capacity > 0) status.gpus = { capacity, allocated: connection.nodes.gpusRequested() }
  else delete status.gpus
}

/**
 * A cordon, or a mark of ours whosever it is, keeps all pods off that are not to go with the node. Other taints do not count: nodes with GPUs bear them for
 * ever, and the pods that they are kept for land there.
 */
function takesPods({ spec }: Node): boolean {
  return spec.unschedulable !== true && marksOf({ spec }).length === 0
}
