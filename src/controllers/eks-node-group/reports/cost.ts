import { rfc3339 } from '../../../runtime/conditions.ts'
import { costOf, prepaid } from '../cost.ts'
import { staying } from '../gather.ts'
import type { Report } from '../pass.ts'

/** Set by every kubelet with a cloud provider. */
const typeLabel = 'node.kubernetes.io/instance-type'

/** `status.cost`: what the instances that run cost. `pricedAt` moves only with the numbers. */
export const cost: Report = ({ draft: { status }, seen: { group, scalingGroup }, target, surroundings }) => {
  if (group === undefined) {
    delete status.cost
    return
  }
  if (scalingGroup === undefined) return
  const [only, ...others] = group.instanceTypes
  const typeOf = (instanceId: string): string | undefined =>
    only !== undefined && others.length === 0 ? only : target.nodes.byInstance(instanceId)?.metadata.labels?.[typeLabel]
  const types = staying(scalingGroup).map(({ instanceId }) => typeOf(instanceId))
  const now = group.capacityType === 'CapacityBlock' ? prepaid : costOf(target.prices, types, group.instanceTypes)
  const before = status.cost
  if (now.basis === before?.basis && now.hourly === before.hourly && now.currency === before.currency) return
  status.cost = now.hourly === undefined ? now : { ...now, pricedAt: rfc3339(surroundings.now()) }
}
