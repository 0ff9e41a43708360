import type { Instance } from '../state.ts'

/**
 * Which instance Auto Scaling takes when a group must shrink: the zone with the most instances first, in it the oldest launch template version,
 * then the oldest instance (EKS sets `OldestLaunchTemplate, OldestInstance` on its groups). Instances protected from scale-in and those that are
 * already leaving are never chosen; `undefined` when none is left.
 *
 * Source: EC2 Auto Scaling user guide, "Configure termination policies", and "instance scale-in protection".
 */
export function scaleInVictim(instances: readonly Instance[]): Instance | undefined {
  const staying = instances.filter(({ lifecycle }) => lifecycle === 'Pending' || lifecycle === 'InService')
  const perZone = new Map<string, number>()
  for (const { zone } of staying) perZone.set(zone, (perZone.get(zone) ?? 0) + 1)
  return staying
    .filter(({ protectedFromScaleIn }) => !protectedFromScaleIn)
    .toSorted(
      (a, b) =>
        (perZone.get(b.zone) ?? 0) - (perZone.get(a.zone) ?? 0) ||
        a.templateVersion - b.templateVersion ||
        a.launchedAt.getTime() - b.launchedAt.getTime() ||
        a.id.localeCompare(b.id),
    )[0]
}

/** The zones in the order in which a launch tries them: fewest instances first, then the group's own order. */
export function launchOrder(zones: readonly string[], instances: readonly Instance[]): readonly string[] {
  const count = (zone: string): number => instances.filter((instance) => instance.zone === zone && !instance.lifecycle.startsWith('Terminat')).length
  return zones.toSorted((a, b) => count(a) - count(b))
}
