import { ownerTags } from './ownership.ts'
import type { Pass } from './pass.ts'
import { planSize } from './sizing.ts'

/** Whether some act might have something to do with what was seen: then it has to be seen afresh. */
export function wantsChange({ draft, spec, seen }: Pick<Pass, 'draft' | 'spec' | 'seen'>): boolean {
  const { group, scalingGroup } = seen
  if (spec.policy.management === 'Observe') return false
  if (group === undefined || scalingGroup === undefined) return true
  if (group.state !== 'Active' && group.state !== 'Degraded') return true
  if (group.tags[ownerTags.uid] !== draft.object.metadata.uid) return true
  return Object.keys(planSize(spec.scaling, scalingGroup).send).length > 0
}

/** Whether the last missing node has come to a group that EKS called unhealthy minutes ago: what EKS says now is worth a call. */
export function hasRecovered({ draft, seen }: Pick<Pass, 'draft' | 'seen'>): boolean {
  const { group, scalingGroup, nodes } = seen
  if (group === undefined || scalingGroup === undefined || draft.conditions.isTrue('NodesReady')) return false
  return (group.healthIssues.length > 0 || group.state === 'Degraded') && nodes.ready >= scalingGroup.desiredCapacity
}
