import type { NodeGroup, NodeGroupConfigChange, NodeGroupTaint, NodeGroupUpdateSettings, NodeRepairSettings } from '../../../aws/eks/port.ts'
import type { ManagedEksNodeGroupSpec } from '../../../crds/eks-node-group.ts'
import { stableHash } from '../../../lib/hash.ts'
import type { Frozen } from '../../../runtime/reconciler.ts'
import { type Applied, identityOf, isOfEndedDeletion, specMaySetLabel, specMaySetTaint } from './keys.ts'

type Spec = Frozen<Pick<ManagedEksNodeGroupSpec, 'labels' | 'taints' | 'update' | 'nodeRepair'>>
type Seen = Pick<NodeGroup, 'labels' | 'taints' | 'update' | 'nodeRepair'>

/**
 * What `UpdateNodegroupConfig` has to change so that the group is as the spec says; `undefined` when nothing. Pure.
 *
 * Guarantees: a field that the spec leaves out is EKS' own, but for labels and taints that an earlier spec brought (`applied`); labels under
 * reserved prefixes and taints under `tidegate.io/` are never removed, but for the mark of a deletion that has `ended` (UIDs); no size is ever in it
 * (aws-rules A3).
 */
export function planConfig(spec: Spec, group: Seen, applied: Applied, ended: readonly string[] = []): NodeGroupConfigChange | undefined {
  const labels = planLabels(spec.labels, group.labels, applied.labels ?? [])
  const taints = planTaints(spec.taints, group.taints, { applied: applied.taints ?? [], ended })
  const update = planUpdateSettings(spec.update, group.update)
  const nodeRepair = planNodeRepair(spec.nodeRepair, group.nodeRepair ?? {})
  const change = { ...(labels && { labels }), ...(taints && { taints }), ...(update && { update }), ...(nodeRepair && { nodeRepair }) }
  return Object.keys(change).length === 0 ? undefined : change
}

function planLabels(wish: Spec['labels'], there: Seen['labels'], applied: readonly string[]): NodeGroupConfigChange['labels'] {
  const set = Object.fromEntries(Object.entries(wish ?? {}).filter(([key, value]) => there[key] !== value))
  // not `wish[key]`: a label may be named `constructor`
  const isDropped = (key: string): boolean => !Object.hasOwn(wish ?? {}, key) && (wish !== undefined || applied.includes(key))
  const remove = Object.keys(there).filter((key) => specMaySetLabel(key) && isDropped(key))
  return Object.keys(set).length === 0 && remove.length === 0 ? undefined : { set, remove: remove.toSorted() }
}

function planTaints(
  wish: Spec['taints'],
  there: Seen['taints'],
  { applied, ended }: { readonly applied: readonly string[]; readonly ended: readonly string[] },
): NodeGroupConfigChange['taints'] {
  const actual = new Map(there.map((taint) => [identityOf(taint), taint.value ?? '']))
  const wanted = new Set((wish ?? []).map(identityOf))
  const set = (wish ?? []).filter((taint) => actual.get(identityOf(taint)) !== (taint.value ?? ''))
  const isDropped = (identity: string): boolean => !wanted.has(identity) && (wish !== undefined || applied.includes(identity))
  const remove = there.filter((taint) => isOfEndedDeletion(taint, ended) || (specMaySetTaint(taint) && isDropped(identityOf(taint))))
  if (set.length === 0 && remove.length === 0) return undefined
  return { set, remove: remove.toSorted(byIdentity) }
}

function byIdentity(a: NodeGroupTaint, b: NodeGroupTaint): number {
  return identityOf(a) < identityOf(b) ? -1 : 1
}

/**
 * The update settings to send; `undefined` when `there` has what is wished.
 *
 * One of the two limits has to be in each request (API reference, NodegroupUpdateConfig: "this value or … is required to have a value"), so that
 * the one that EKS has goes along where the spec says only the strategy.
 */
export function planUpdateSettings(wish: Spec['update'], there: NodeGroupUpdateSettings): NodeGroupUpdateSettings | undefined {
  const { maxUnavailable, maxUnavailablePercentage, strategy } = wish
  const wanted = given({ maxUnavailable, maxUnavailablePercentage, strategy })
  if (!differs(wanted, there)) return undefined
  const limit = maxUnavailable === undefined && maxUnavailablePercentage === undefined ? limitOf(there) : {}
  return { ...limit, ...(there.strategy === undefined ? {} : { strategy: there.strategy }), ...wanted }
}

function limitOf({ maxUnavailable, maxUnavailablePercentage }: NodeGroupUpdateSettings): NodeGroupUpdateSettings {
  return maxUnavailablePercentage === undefined ? { maxUnavailable: maxUnavailable ?? 1 } : { maxUnavailablePercentage }
}

function planNodeRepair(wish: Spec['nodeRepair'], there: NodeRepairSettings): NodeRepairSettings | undefined {
  if (wish === undefined) return undefined
  // EKS may tell nothing of a repair that is off
  return differs(wish, { enabled: false, ...there }) ? given(wish) : undefined
}

/** Whether something that is wanted is otherwise. */
function differs(wanted: object, there: object): boolean {
  const actual = new Map<string, unknown>(Object.entries(there))
  return Object.entries(wanted).some(([field, value]) => value !== undefined && stableHash(actual.get(field) ?? null) !== stableHash(value))
}

function given<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> }
}
