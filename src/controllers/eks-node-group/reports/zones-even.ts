import { rfc3339 } from '../../../runtime/conditions.ts'
import type { Pass, Report } from '../pass.ts'
import { pending } from './pending.ts'

/** Zones drift apart for a moment in every scale-up and removal; this long is a state (aws-rules B6). */
const unevenLimitMs = 15 * 60_000

/** Condition `ZonesEven`: the zones of the group differ by at most one instance, those without any included. */
export const zonesEven: Report = (pass) => {
  const { draft, spec, seen, surroundings } = pass
  const { conditions, status } = draft
  if (seen.scalingGroup === undefined) {
    delete status.zonesUnevenSince
    return pending(pass, 'ZonesEven')
  }
  const zones = countsOf(pass)
  const counts = zones.map(({ running }) => running)
  if (zones.length < 2 || Math.max(...counts) - Math.min(...counts) <= 1) {
    delete status.zonesUnevenSince
    return conditions.setTrue('ZonesEven', 'ZonesEven')
  }
  const now = surroundings.now()
  const since = status.zonesUnevenSince ?? rfc3339(now)
  status.zonesUnevenSince = since
  if (now.getTime() - Date.parse(since) < unevenLimitMs) return conditions.setTrue('ZonesEven', 'ZonesEven')
  const told = zones.map(({ name, running }) => `${running} in ${name}`).join(', ')
  conditions.setFalse(
    'ZonesEven',
    'ZonesUneven',
    `instances by zone: ${told}, uneven since ${since}: look for capacity in the short zone, or lower the number: nodes of the fullest zone leave first${spec.scaleDown.drain === 'None' ? '' : ', drained'}`,
  )
}

/** Every zone that the Auto Scaling group may start instances in, or has some in. */
function countsOf({ seen }: Pass): readonly { readonly name: string; readonly running: number }[] {
  const there = new Map(seen.nodes.zones.map(({ name, running }) => [name, running]))
  const names = new Set([...(seen.scalingGroup?.zones ?? []), ...there.keys()])
  return [...names].toSorted().map((name) => ({ name, running: there.get(name) ?? 0 }))
}
