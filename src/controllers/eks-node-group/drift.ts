import type { NodeGroup } from '../../aws/eks/port.ts'
import type { EksNodeGroupStatus, ManagedEksNodeGroupSpec } from '../../crds/eks-node-group.ts'
import { cut } from '../../lib/cut.ts'
import { stableHash } from '../../lib/hash.ts'
import type { Frozen } from '../../runtime/reconciler.ts'
import type { Applied } from './settings/keys.ts'
import { otherTemplate } from './updates/other-template.ts'

type Drift = NonNullable<EksNodeGroupStatus['drift']>[number]

interface Field {
  readonly field: string
  readonly desired: unknown
  readonly actual: unknown
  readonly remedy: string
}

/** The API server lets these fields be written anew only where the object observed before (immutable rules of the CRD). */
const fixed =
  'EKS cannot change it on a group that stands: make a group of another name; or, to keep this one, set policy.management to Observe, and then write what EKS has together with Manage'
export const byItself = 'none is needed: the operator corrects it'

/** How a long value is cut for the status: whole lists do not belong there. */
const maxShown = 256

/**
 * What the spec says and EKS has otherwise, and nothing can correct: these fields are fixed at creation. Fields that the spec leaves out are EKS'
 * own and never differ.
 */
export function fixedDifferences(spec: Frozen<ManagedEksNodeGroupSpec>, group: NodeGroup): Drift[] {
  const fields: readonly Field[] = [
    { field: 'subnetIds', desired: spec.subnetIds.toSorted(), actual: group.subnetIds.toSorted(), remedy: fixed },
    { field: 'nodeRoleArn', desired: spec.nodeRoleArn, actual: group.nodeRoleArn, remedy: fixed },
    { field: 'instanceTypes', desired: spec.instanceTypes, actual: group.instanceTypes, remedy: fixed },
    { field: 'amiType', desired: spec.amiType, actual: group.amiType, remedy: fixed },
    { field: 'capacityType', desired: spec.capacityType, actual: group.capacityType, remedy: fixed },
    { field: 'diskSizeGiB', desired: spec.diskSizeGiB, actual: group.diskSizeGiB, remedy: fixed },
  ]
  const template = otherTemplate(spec, group)
  return [
    ...fields.filter(({ desired, actual }) => desired !== undefined && stableHash(desired) !== stableHash(actual)),
    ...(template === undefined ? [] : [{ field: 'launchTemplate', ...template }]),
  ].map(shown)
}

/** What is otherwise in EKS and is being corrected: the `fields` that the acts send, whole, as people know them. */
export function correctable(spec: Frozen<ManagedEksNodeGroupSpec>, group: NodeGroup, applied: Applied, fields: readonly string[]): Drift[] {
  const { approval: _, force: _force, ...update } = spec.update
  const pairs: Readonly<Record<string, readonly [unknown, unknown]>> = {
    labels: [spec.labels, group.labels],
    taints: [spec.taints, group.taints],
    update: [update, group.update],
    nodeRepair: [spec.nodeRepair, group.nodeRepair],
    tags: [spec.tags, pick(group.tags, [...Object.keys(spec.tags ?? {}), ...(applied.tags ?? [])])],
  }
  return fields.map((field) => {
    const [desired, actual] = pairs[field] ?? []
    return shown({ field, desired, actual, remedy: byItself })
  })
}

/** Foreign tags are nobody's drift (aws-rules A6). */
function pick(actual: Readonly<Record<string, string>>, keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(actual).filter(([key]) => keys.includes(key)))
}

function shown({ field, desired, actual, remedy }: Field): Drift {
  return { field, desired: show(desired), actual: show(actual), remedy }
}

function show(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(ordered(value)) ?? 'not set')
  return cut(text, maxShown)
}

/** AWS promises no order, and another one would look like news. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
