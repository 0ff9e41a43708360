import type { Region } from '../region.ts'
import type { Instance, ScalingGroup } from '../state.ts'

/** A group's instances that are not gone. */
export function instancesOf(region: Region, group: ScalingGroup): readonly Instance[] {
  return [...group.instanceIds].flatMap((id) => region.instances.get(id) ?? [])
}

export function isLeaving({ lifecycle }: Instance): boolean {
  return lifecycle.startsWith('Terminat')
}

/** Those that count against the desired capacity: not leaving, not in standby, and not the extra one of a rebalancing. */
export function staying(region: Region, group: ScalingGroup): readonly Instance[] {
  return instancesOf(region, group).filter((instance) => !isLeaving(instance) && instance.lifecycle !== 'Standby' && instance.id !== group.rebalancing)
}
