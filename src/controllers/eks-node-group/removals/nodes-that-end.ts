import type { Pass } from '../pass.ts'
import { isDetaching, isLeaving } from './member.ts'

/** UIDs of the Nodes whose machines AWS ends, whether an entry names them or not: they keep their mark, or pods would come to them. */
export function nodesThatEnd({ seen, target }: Pick<Pass, 'seen' | 'target'>): readonly string[] {
  const ending = (seen.scalingGroup?.instances ?? []).filter((one) => isLeaving(one) && !isDetaching(one))
  return ending.flatMap(({ instanceId }) => target.nodes.byInstance(instanceId)?.metadata.uid ?? [])
}
