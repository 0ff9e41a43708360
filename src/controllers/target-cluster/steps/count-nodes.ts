import type { TargetPass } from '../pass.ts'

const gpu = 'nvidia.com/gpu'

/** `status.nodes` and `status.gpus`: from the caches of the target's nodes and pods. */
export function countNodes({ draft: { status }, facts }: Pick<TargetPass, 'draft' | 'facts'>): void {
  const { connection } = facts
  if (connection?.nodes.hasSynced !== true) return
  const nodes = connection.nodes.list()
  const ready = nodes.filter((node) => node.status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true)
  const schedulable = ready.filter(({ spec }) => spec.unschedulable !== true)
  status.nodes = { total: nodes.length, ready: ready.length, schedulable: schedulable.length }
  let capacity = 0
  for (const node of nodes) capacity += Number(node.status?.capacity?.[gpu] ?? 0)
  if (capacity > 0) status.gpus = { capacity, allocated: connection.nodes.gpusRequested() }
  else delete status.gpus
}
