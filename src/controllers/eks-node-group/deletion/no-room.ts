import { endInstancesLine } from '../aws-lines.ts'
import { isWreck } from '../group-state.ts'
import type { Pass } from '../pass.ts'
import { isCounted } from '../removals/member.ts'
import type { Removal } from '../removals/removal.ts'
import { mostRemovals } from '../removals/room.ts'

/** As many as fit into a message; which others are empty the status tells. */
const mostNamed = 10

/**
 * Of a group whose nodes leave with it, as many are drained as the status can follow, and more run: room comes only when some of them go, and nothing of ours
 * ends them. In words, with the line to type. It names drained nodes alone, and is none that lets AWS choose: of those that wait for room it would end some as
 * well. `undefined` where there is room, or some are not drained yet. Pure.
 */
export function noRoomInWords({ group, scalingGroup }: Pick<Pass['seen'], 'group' | 'scalingGroup'>, removals: readonly Removal[]): string | undefined {
  const drained = removals.filter(({ state }) => state === 'Removing')
  const running = scalingGroup?.instances.filter(isCounted).length ?? 0
  if (scalingGroup === undefined || drained.length < mostRemovals || running <= drained.length) return undefined
  const ids = drained.slice(0, mostNamed).map(({ instanceId }) => instanceId)
  const full = `${drained.length} of ${running} nodes are drained, as many as can be followed at once: the others are when some of these have gone`
  const why = isWreck(group) ? `nobody ends them while the group is ${group?.state}` : 'AWS wants none of them, and does not end them'
  return `${full}; ${why}: ${endInstancesLine(ids, { lowers: scalingGroup.desiredCapacity >= running })}`
}
