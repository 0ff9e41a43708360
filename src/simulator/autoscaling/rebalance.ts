import type { Region } from '../region.ts'
import type { Instance, ScalingGroup } from '../state.ts'
import type { ScalingEvents } from './events.ts'
import { staying } from './members.ts'
import { terminate } from './termination.ts'
import { scaleInVictim } from './victims.ts'

/** How a group's engine launches; given, since the engine calls this file. */
export interface RebalanceParts {
  readonly launch: (region: Region, group: ScalingGroup, zone: string, cause: string, events: ScalingEvents) => Instance | undefined
  readonly events: ScalingEvents
}

/**
 * AZRebalance: when the zones of a group differ by more than one for a while, it launches where instances lack and then ends one where there are
 * too many. It does not wait for pods (aws-rules G3, the worst case: "Pod disruption budgets aren't respected when terminating a node with
 * AZRebalance", EKS user guide), but spares protected instances.
 *
 * Source: EC2 Auto Scaling user guide, "Instance distribution: rebalancing activities".
 */
export function considerRebalance(region: Region, group: ScalingGroup, parts: RebalanceParts): void {
  if (group.rebalanceScheduled || group.rebalancing !== undefined || unevenZones(region, group) === undefined) return
  group.rebalanceScheduled = true
  region.after(region.scenario.delays.rebalanceSeconds, () => {
    group.rebalanceScheduled = false
    rebalance(region, group, parts)
  })
}

function rebalance(region: Region, group: ScalingGroup, parts: RebalanceParts): void {
  const uneven = unevenZones(region, group)
  if (group.deleted || uneven === undefined || group.rebalancing !== undefined) return
  if (['AZRebalance', 'Launch', 'Terminate'].some((process) => group.suspended.has(process))) return
  const { lacking } = uneven
  const cause = `instances were launched to balance instances in zones ${lacking} with other zones resulting in more than desired number of instances in the group`
  const extra = parts.launch(region, group, lacking, cause, parts.events)
  if (extra === undefined) {
    considerRebalance(region, group, parts)
    return
  }
  group.rebalancing = extra.id
}

/** The extra instance is in service: one in the fullest zone ends for it, at once and with everything that runs on it. */
export function finishRebalance(region: Region, group: ScalingGroup, events: ScalingEvents): void {
  group.rebalancing = undefined
  const members = staying(region, group)
  if (members.length <= group.desiredSize) return
  const crowded = zonesByCount(group, members).at(-1)
  const victim = scaleInVictim(members.filter(({ zone }) => zone === crowded))
  if (victim === undefined) return
  const cause = `an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity of zone ${victim.zone}`
  terminate(region, group, victim, cause, events, { evictionSeconds: 0 })
}

/** The emptiest and the fullest zone when they differ by more than one and nothing else will even them out: the group has what it desires. */
function unevenZones(region: Region, group: ScalingGroup): { readonly lacking: string; readonly crowded: string } | undefined {
  const members = staying(region, group)
  if (members.length !== group.desiredSize) return undefined
  const sorted = zonesByCount(group, members)
  const [lacking, crowded] = [sorted[0], sorted.at(-1)]
  if (lacking === undefined || crowded === undefined || countIn(crowded, members) - countIn(lacking, members) <= 1) return undefined
  return { lacking, crowded }
}

function zonesByCount(group: ScalingGroup, members: readonly Instance[]): readonly string[] {
  return group.zones.toSorted((a, b) => countIn(a, members) - countIn(b, members))
}

function countIn(zone: string, members: readonly Instance[]): number {
  return members.filter((instance) => instance.zone === zone).length
}
