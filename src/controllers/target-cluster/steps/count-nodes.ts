import type { TargetPass } from '../pass.ts'

/** `status.nodes`: from the cache of the target's nodes. */
export function countNodes({ draft, facts }: TargetPass): void {
  const { connection } = facts
  if (connection?.nodes.hasSynced !== true) return
  const nodes = connection.nodes.list()
  const ready = nodes.filter(({ status }) => status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true)
  const schedulable = ready.filter(({ spec }) => spec.unschedulable !== true)
  draft.status.nodes = { total: nodes.length, ready: ready.length, schedulable: schedulable.length }
}
