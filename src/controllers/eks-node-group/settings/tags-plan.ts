import type { NodeGroup } from '../../../aws/eks/port.ts'
import type { ManagedEksNodeGroupSpec } from '../../../crds/eks-node-group.ts'
import type { Frozen } from '../../../runtime/reconciler.ts'
import type { Applied } from './keys.ts'

export interface TagsPlan {
  readonly set: Readonly<Record<string, string>>
  readonly remove: readonly string[]
}

/**
 * Which tags of the group are to be set and which removed; `undefined` when none. Pure. Removed are only tags that a spec of ours brought and that are
 * not in it any more: foreign ones are merged, never removed (aws-rules A6), and our mark is not in the spec.
 */
export function planTags(wish: Frozen<ManagedEksNodeGroupSpec>['tags'], { tags }: Pick<NodeGroup, 'tags'>, applied: Applied): TagsPlan | undefined {
  const set = Object.fromEntries(Object.entries(wish ?? {}).filter(([key, value]) => tags[key] !== value))
  // not `tags[key]`: a tag may be named `constructor`
  const remove = (applied.tags ?? []).filter((key) => Object.hasOwn(tags, key) && !Object.hasOwn(wish ?? {}, key)).toSorted()
  return Object.keys(set).length === 0 && remove.length === 0 ? undefined : { set, remove }
}
