import type { NodeGroup } from '../../aws/eks/port.ts'
import type { EksNodeGroupStatus, ManagedEksNodeGroupSpec } from '../../crds/eks-node-group.ts'
import { stableHash } from '../../lib/hash.ts'
import type { Frozen } from '../../runtime/reconciler.ts'

type Drift = NonNullable<EksNodeGroupStatus['drift']>[number]

interface Field {
  readonly field: string
  readonly desired: unknown
  readonly actual: unknown
  readonly remedy: string
}

const fixed = 'EKS cannot change it on a group that stands: make a group of another name, or change the spec back'
const byHand = 'change it in EKS, or change the spec'

/** How a long value is cut for the status: whole lists do not belong there. */
const maxShown = 256

/** What the spec says and EKS has otherwise. Fields that the spec leaves out are EKS' own and never differ. */
export function differences(spec: Frozen<ManagedEksNodeGroupSpec>, group: NodeGroup): Drift[] {
  const fields: readonly Field[] = [
    { field: 'subnetIds', desired: spec.subnetIds.toSorted(), actual: group.subnetIds.toSorted(), remedy: fixed },
    { field: 'nodeRoleArn', desired: spec.nodeRoleArn, actual: group.nodeRoleArn, remedy: fixed },
    { field: 'instanceTypes', desired: spec.instanceTypes, actual: group.instanceTypes, remedy: fixed },
    { field: 'amiType', desired: spec.amiType, actual: group.amiType, remedy: fixed },
    { field: 'capacityType', desired: spec.capacityType, actual: group.capacityType, remedy: fixed },
    { field: 'diskSizeGiB', desired: spec.diskSizeGiB, actual: group.diskSizeGiB, remedy: fixed },
    { field: 'labels', desired: spec.labels, actual: spec.labels === undefined ? undefined : group.labels, remedy: byHand },
    { field: 'taints', desired: sortTaints(spec.taints), actual: spec.taints === undefined ? undefined : sortTaints(group.taints), remedy: byHand },
    { field: 'tags', desired: spec.tags, actual: pick(group.tags, spec.tags), remedy: byHand },
  ]
  return fields
    .filter(({ desired, actual }) => desired !== undefined && stableHash(desired) !== stableHash(actual))
    .map(({ field, desired, actual, remedy }) => ({ field, desired: show(desired), actual: show(actual), remedy }))
}

/** Foreign tags are nobody's drift (aws-rules A6): only the keys that the spec names are compared. */
function pick(actual: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(actual).filter(([key]) => wanted?.[key] !== undefined))
}

function sortTaints<T extends { readonly key: string; readonly value?: string | undefined; readonly effect: string }>(
  taints: readonly T[] | undefined,
): unknown {
  return taints?.map(({ key, value, effect }) => `${key}=${value ?? ''}:${effect}`).toSorted()
}

function show(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'not set')
  return text.length > maxShown ? `${text.slice(0, maxShown - 1)}…` : text
}
