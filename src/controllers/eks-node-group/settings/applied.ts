import type { NodeGroup } from '../../../aws/eks/port.ts'
import type { ManagedEksNodeGroupSpec } from '../../../crds/eks-node-group.ts'
import type { Frozen } from '../../../runtime/reconciler.ts'
import { type Applied, identityOf } from './keys.ts'

/** As many as the schema takes; AWS has at most 50 of each on a group. */
const most = 100

/**
 * What a spec that leaves a key out may take off again: all that this spec names, and what earlier ones named and the group still has. It is
 * stored before anything is sent. `sending`: something is on its way, so that what does not show yet may still arrive.
 */
export function appliedOf(
  spec: Frozen<Pick<ManagedEksNodeGroupSpec, 'labels' | 'taints' | 'tags'>>,
  group: Pick<NodeGroup, 'labels' | 'taints' | 'tags'>,
  before: Applied,
  sending: boolean,
): Applied | undefined {
  const keep = (wanted: readonly string[], known: readonly string[], there: ReadonlySet<string>): string[] =>
    [...new Set([...wanted, ...known.filter((key) => sending || there.has(key))])].toSorted().slice(0, most)
  const applied = {
    labels: keep(Object.keys(spec.labels ?? {}), before.labels ?? [], new Set(Object.keys(group.labels))),
    taints: keep((spec.taints ?? []).map(identityOf), before.taints ?? [], new Set(group.taints.map(identityOf))),
    tags: keep(Object.keys(spec.tags ?? {}), before.tags ?? [], new Set(Object.keys(group.tags))),
  }
  const named = Object.entries(applied).filter(([, keys]) => keys.length > 0)
  return named.length === 0 ? undefined : Object.fromEntries(named)
}
