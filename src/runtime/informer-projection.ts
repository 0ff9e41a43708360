import type { KubeObject } from '../kube/objects.ts'

/** Everything but what nobody here reads: managed fields, and the copy of the object that kubectl leaves in an annotation. */
export function keepAll(raw: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = raw.metadata as KubeObject['metadata'] & { readonly managedFields?: unknown }
  const { annotations } = metadata
  if (annotations?.['kubectl.kubernetes.io/last-applied-configuration'] === undefined) return { ...raw, metadata }
  const { 'kubectl.kubernetes.io/last-applied-configuration': __, ...kept } = annotations
  return { ...raw, metadata: { ...metadata, annotations: kept } }
}

/** Freezes `value` and all that hangs on it; what is frozen already is taken as frozen throughout. */
export function frozen<V>(value: V): V {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const inner of Object.values(value)) frozen(inner)
  return value
}
