import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import { planRemovals } from './plan.ts'
import { worldOf } from './world.ts'

/** What the desired number may be lowered to now, since no instance has arrived for the rest; `undefined` when there is nothing to withdraw. Pure. */
export function leastOf(pass: Parameters<typeof worldOf>[0], group: ScalingGroup): number | undefined {
  const { withdraw: count } = planRemovals(worldOf(pass, group))
  return count === 0 ? undefined : group.desiredCapacity - count
}
