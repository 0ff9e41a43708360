import type { KubeClient } from '../kube/client.ts'
import { isKubeError } from '../kube/kube-error.ts'
import type { KubeObject } from '../kube/objects.ts'
import { apiVersion, type Resource } from '../kube/resource.ts'

/** The one finalizer of the product (kinds.md, fixed names). */
export const finalizer = 'tidegate.io/cleanup'

/** Applies finalizers and nothing else; both places that apply under it are in this file. */
const fieldManager = 'tidegate-finalizer'

export function hasFinalizer(object: KubeObject): boolean {
  return object.metadata.finalizers?.includes(finalizer) ?? false
}

/**
 * Stores our finalizer. The apply carries the UID, so that it neither creates an object that is gone nor marks one that took its name.
 * Errors: `isAnotherObject` when the object is gone or another one now.
 */
export async function storeFinalizer(client: KubeClient, resource: Resource, object: KubeObject, signal: AbortSignal): Promise<KubeObject> {
  return applyFinalizers(client, resource, object, [finalizer], signal)
}

/**
 * Takes our finalizer off and leaves those of others. An apply gives up only what is ours alone: where somebody else applied our finalizer too
 * (a restored backup), it is removed by a patch that tests the UID and the place.
 * Errors: `isAnotherObject` when the object is gone or another one now, or when the list of finalizers moved meanwhile.
 */
export async function removeFinalizer(client: KubeClient, resource: Resource, object: KubeObject, signal: AbortSignal): Promise<void> {
  const { metadata } = await applyFinalizers(client, resource, object, [], signal)
  const index = metadata.finalizers?.indexOf(finalizer) ?? -1
  if (index < 0) return
  const path = `/metadata/finalizers/${index}`
  await client.jsonPatch(
    resource,
    object.metadata,
    [
      { op: 'test', path: '/metadata/uid', value: object.metadata.uid },
      { op: 'test', path, value: finalizer },
      { op: 'remove', path },
    ],
    { signal, fieldManager },
  )
}

/**
 * Whether a write of this file met another object than the one it was meant for. The server answers 409 to an apply with the UID of an object that
 * is gone, 422 about `metadata.uid` when another one has its name (both seen on 1.36), and 422 without causes to a failed `test` of a patch.
 */
export function isAnotherObject(error: unknown): boolean {
  if (isKubeError(error, 'Conflict')) return true
  if (!isKubeError(error, 'Invalid')) return false
  const { causes = [] } = (error.details ?? {}) as { readonly causes?: readonly { readonly field?: string }[] }
  return causes.every(({ field }) => field === 'metadata.uid')
}

async function applyFinalizers(
  client: KubeClient,
  resource: Resource,
  object: KubeObject,
  finalizers: readonly string[],
  signal: AbortSignal,
): Promise<KubeObject> {
  const { name, namespace, uid } = object.metadata
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }), uid, ...(finalizers.length === 0 ? {} : { finalizers }) }
  return client.apply(resource, object.metadata, { apiVersion: apiVersion(resource), kind: resource.kind, metadata }, { signal, fieldManager })
}
