import type { EksNodeGroup } from '../../crds/eks-node-group.ts'
import type { KubeObject } from '../../kube/objects.ts'
import type { Frozen } from '../../runtime/reconciler.ts'
import { keepAll } from '../../runtime/informer-projection.ts'
import type { Pass } from './pass.ts'

/** `metav1.ManagedFieldsEntry`, as far as it matters here. */
interface ManagedFields {
  readonly manager?: string
  readonly time?: string
  readonly fieldsV1?: { readonly 'f:spec'?: { readonly 'f:scaling'?: { readonly 'f:desiredSize'?: object } } }
}

type Managed = KubeObject['metadata'] & { readonly managedFields?: readonly ManagedFields[] }

/**
 * What is kept of an EksNodeGroup: everything but the managed fields, of which only the name of who set `scaling.desiredSize` last stays: a history
 * that says who asked is worth more than one that does not. For words only: decisions never look at it (kinds.md).
 */
export function projectGroup(raw: KubeObject): EksNodeGroup {
  const manager = lastManager((raw.metadata as Managed).managedFields ?? [])
  const kept = keepAll(raw)
  return (manager === undefined ? kept : { ...kept, metadata: { ...kept.metadata, managedFields: [{ manager }] } }) as EksNodeGroup
}

/**
 * The field manager that set `scaling.desiredSize` last; `undefined` where nobody has. Nor has whoever scales to 0 by `/scale`: in a Scale a 0 is left out
 * (autoscaling/v1, `replicas,omitempty`), and the API server then takes the field for nobody's.
 */
export function sizeManagerOf({ metadata }: Frozen<EksNodeGroup>): string | undefined {
  return (metadata as Frozen<Managed>).managedFields?.[0]?.manager
}

/** Who lowered the number to `keep`, where it is the number that asks for so few, and not a bound or a deletion. For words only. */
export function shrinkerOf({ draft, spec: { scaling } }: Pick<Pass, 'draft' | 'spec'>, keep: number): string | undefined {
  const isDeleted = draft.object.metadata.deletionTimestamp !== undefined
  return isDeleted || scaling.sizeOwner === 'External' || scaling.desiredSize !== keep ? undefined : sizeManagerOf(draft.object)
}

/** Several own the field when they agree on it; the one who wrote last is meant. */
function lastManager(entries: readonly ManagedFields[]): string | undefined {
  return entries
    .filter(({ fieldsV1 }) => fieldsV1?.['f:spec']?.['f:scaling']?.['f:desiredSize'] !== undefined)
    .toSorted((a, b) => ((a.time ?? '') < (b.time ?? '') ? -1 : 1))
    .at(-1)
    ?.manager?.slice(0, 128)
}
