import { rfc3339 } from '../../../runtime/conditions.ts'
import type { Report } from '../pass.ts'
import { areEven, countByZone } from '../zones.ts'
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
  const { scalingGroup } = seen
  if (areEven(scalingGroup)) {
    delete status.zonesUnevenSince
    return conditions.setTrue('ZonesEven', 'ZonesEven')
  }
  const now = surroundings.now()
  const since = status.zonesUnevenSince ?? rfc3339(now)
  status.zonesUnevenSince = since
  if (now.getTime() - Date.parse(since) < unevenLimitMs) return conditions.setTrue('ZonesEven', 'ZonesEven')
  const counts = [...countByZone(scalingGroup)].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const told = counts.map(([zone, count]) => `${count} in ${zone}`).join(', ')
  conditions.setFalse(
    'ZonesEven',
    'ZonesUneven',
    `instances by zone: ${told}, uneven since ${since}: look for capacity in the short zone, or lower the number: nodes of the fullest zone leave first${spec.scaleDown.drain === 'None' ? '' : ', drained'}`,
  )
}
