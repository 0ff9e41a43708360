import type { KubeClient } from '../kube/client.ts'
import { isKubeError } from '../kube/kube-error.ts'
import type { BaseStatus, CustomObject } from '../kube/objects.ts'
import { apiVersion, type Resource } from '../kube/resource.ts'
import { wellFormed } from '../lib/well-formed.ts'
import type { ConditionSet } from './conditions.ts'
import type { Draft } from './reconciler.ts'
import { sameJson } from './same-json.ts'

/**
 * The whole status that a pass leaves behind.
 *
 * `complete` says that the pass ran to its end. Only then `observedGeneration` moves on: a pass that threw or stopped at a checkpoint has not
 * judged all of the new spec, and conditions left from the last one must not look as if it had.
 */
export function composeStatus<T extends CustomObject>(
  object: T,
  draft: { readonly status: Draft<T>['status']; readonly conditions: ConditionSet },
  options: { readonly now: Date; readonly complete: boolean },
): BaseStatus {
  const generation = object.metadata.generation ?? 0
  const observedGeneration = options.complete ? generation : (object.status?.observedGeneration ?? 0)
  return wellFormed({ ...draft.status, observedGeneration, conditions: draft.conditions.compose(options.now, observedGeneration) })
}

/** Whether applying `status` would change anything. */
export function statusChanged(object: CustomObject, status: BaseStatus): boolean {
  return !sameJson(object.status ?? {}, status)
}

/**
 * Applies the whole status under the kind's own field manager, with the resourceVersion that was read: the server ignores the UID on `/status`
 * (seen), and an object that changed meanwhile must be looked at again.
 * Errors: `KubeError` `Conflict` when it changed, `NotFound` when it is gone.
 */
export async function applyStatus(
  client: KubeClient,
  resource: Resource,
  object: CustomObject,
  status: BaseStatus,
  signal: AbortSignal,
): Promise<CustomObject> {
  const { name, namespace, resourceVersion } = object.metadata
  const body = {
    apiVersion: apiVersion(resource),
    kind: resource.kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), resourceVersion },
    status,
  }
  return client.apply(resource, object.metadata, body, { signal, fieldManager: `tidegate-${resource.plural}`, subresource: 'status', force: true })
}

/**
 * The field that the server's CRD does not know, when that is why a status apply failed: server-side apply answers 500 with
 * `.status.some.field: field not declared in schema` (structured-merge-diff, typed/validate.go; seen on 1.36). There is only the text to go by.
 */
export function fieldNotInSchema(error: unknown): string | undefined {
  if (!isKubeError(error) || error.status !== 500 || !error.message.includes('field not declared in schema')) return undefined
  return /(\.[^\s:]+): field not declared in schema/.exec(error.message)?.[1] ?? 'status'
}
