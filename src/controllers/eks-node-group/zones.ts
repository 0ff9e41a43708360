import type { ScalingGroup } from '../../aws/autoscaling/port.ts'
import { isCounted } from './removals/member.ts'

/**
 * How many of the instances that the number counts are in each of the group's zones, the empty ones included: AWS evens the zones without those that somebody
 * has set aside (EC2 Auto Scaling User Guide, "Temporarily remove instances").
 */
export function countByZone({ zones, instances }: Pick<ScalingGroup, 'zones' | 'instances'>): ReadonlyMap<string, number> {
  const counts = new Map(zones.map((zone) => [zone, 0]))
  for (const one of instances) if (isCounted(one)) counts.set(one.zone, (counts.get(one.zone) ?? 0) + 1)
  return counts
}

/** The zones differ by at most one instance: AWS' rebalancing would find nothing to do. */
export function areEven(group: Pick<ScalingGroup, 'zones' | 'instances'>): boolean {
  const counts = [...countByZone(group).values()]
  return counts.length < 2 || Math.max(...counts) - Math.min(...counts) <= 1
}
