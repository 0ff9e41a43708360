import type { Member } from './member.ts'

/**
 * Which `count` of `candidates` leave when nobody has named any: zone by zone, so that the zones stay as even as they can (aws-rules B6); within
 * a zone first what runs nothing or is broken, then what has the fewest pods, then the newest. `staying` are all instances that count for the
 * zones, the candidates included. The same world gives the same answer.
 */
export function chooseVictims(candidates: readonly Member[], staying: readonly Member[], count: number): readonly Member[] {
  const left = [...candidates].toSorted(byCost)
  const perZone = new Map<string, number>()
  for (const { zone } of staying) perZone.set(zone, (perZone.get(zone) ?? 0) + 1)
  const chosen: Member[] = []
  while (chosen.length < count && left.length > 0) {
    const fullest = Math.max(...left.map(({ zone }) => perZone.get(zone) ?? 0))
    const index = left.findIndex(({ zone }) => (perZone.get(zone) ?? 0) === fullest)
    const [victim] = left.splice(index, 1)
    if (victim === undefined) break
    perZone.set(victim.zone, fullest - 1)
    chosen.push(victim)
  }
  return chosen
}

/** What it costs the workloads when this one goes. */
function byCost(a: Member, b: Member): number {
  return (
    brokenness(b) - brokenness(a) ||
    (a.node?.pods ?? 0) - (b.node?.pods ?? 0) ||
    compare(b.node?.createdAt, a.node?.createdAt) ||
    compare(a.instanceId, b.instanceId)
  )
}

function brokenness({ node }: Member): number {
  if (node === undefined) return 2
  return node.ready ? 0 : 1
}

function compare(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0
}
