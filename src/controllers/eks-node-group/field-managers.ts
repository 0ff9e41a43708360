import type { EksNodeGroup } from '../../crds/eks-node-group.ts'
import type { KubeObject } from '../../kube/objects.ts'
import { keepAll } from '../../runtime/informer-projection.ts'
import type { Frozen } from '../../runtime/reconciler.ts'

/** Paths below the spec of the fields that ask for an operation; of a group only those that do. */
const pathsOf = {
  desiredSize: [['scaling', 'desiredSize']],
  labels: [['labels']],
  taints: [['taints']],
  tags: [['tags']],
  update: [
    ['update', 'maxUnavailable'],
    ['update', 'maxUnavailablePercentage'],
    ['update', 'strategy'],
  ],
  nodeRepair: [['nodeRepair']],
  version: [['version']],
  releaseVersion: [['releaseVersion']],
  launchTemplate: [['launchTemplate']],
} as const

type Asking = keyof typeof pathsOf

/** `metav1.ManagedFieldsEntry`, as far as it matters here. */
interface ManagedFields {
  readonly manager?: string
  readonly time?: string
  readonly fieldsV1?: FieldSet
}

/** `FieldsV1`: a member `f:<name>` for each field that is owned, and in it those below. */
interface FieldSet {
  readonly [member: string]: FieldSet | undefined
}

/** What is kept of it: who set one field last. Without `of`: `scaling.desiredSize`. */
interface Kept {
  readonly manager: string
  readonly of?: Exclude<Asking, 'desiredSize'>
}

type Metadata<M> = KubeObject['metadata'] & { readonly managedFields?: readonly M[] }

/**
 * What is kept of an EksNodeGroup: everything but the managed fields, of which only the names stay of who set last what asks for an operation: a history
 * that says who asked is worth more than one that does not. For words only: decisions never look at it (kinds.md).
 */
export function projectGroup(raw: KubeObject): EksNodeGroup {
  const kept = keepAll(raw)
  const managedFields = lastManagers((raw.metadata as Metadata<ManagedFields>).managedFields ?? [])
  return (managedFields.length === 0 ? kept : { ...kept, metadata: { ...kept.metadata, managedFields } }) as EksNodeGroup
}

/** The field manager that was the last to set one of these fields of the spec; other names are passed over. `undefined` where nobody has. */
export function managerOf({ metadata }: Frozen<EksNodeGroup>, fields: readonly string[]): string | undefined {
  const { managedFields = [] } = metadata as Frozen<Metadata<Kept>>
  return managedFields.findLast(({ of = 'desiredSize' }) => fields.includes(of))?.manager
}

/** One for each field that somebody set, in the order of their writing. Several own a field when they agree on it; the one who wrote last is meant. */
function lastManagers(entries: readonly ManagedFields[]): readonly Kept[] {
  const inOrder = entries.toSorted((a, b) => ((a.time ?? '') < (b.time ?? '') ? -1 : 1))
  const last = new Map<Asking, number>()
  for (const [index, { fieldsV1 }] of inOrder.entries()) {
    const owned = fieldsV1?.['f:spec']
    for (const [field, paths] of Object.entries(pathsOf) as [Asking, readonly (readonly string[])[]][])
      if (paths.some((path) => owns(owned, path))) last.set(field, index)
  }
  return [...last]
    .toSorted(([, a], [, b]) => a - b)
    .flatMap(([field, index]) => {
      const manager = inOrder[index]?.manager?.slice(0, 128)
      if (manager === undefined) return []
      return [field === 'desiredSize' ? { manager } : { manager, of: field }]
    })
}

function owns(fields: FieldSet | undefined, path: readonly string[]): boolean {
  let found = fields
  for (const name of path) found = found?.[`f:${name}`]
  return found !== undefined
}
