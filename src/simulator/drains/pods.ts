import type { KubeObject } from '../../kube/objects.ts'

/** What of a Pod decides whether it has to leave. */
export interface Pod extends KubeObject {
  readonly status?: { readonly phase?: string }
}

/**
 * Whether EKS moves this pod away before its node ends: not those of DaemonSets, not mirrors of static pods, not what has finished, as
 * `kubectl drain` does. One that is going already counts until it is gone.
 */
export function mustLeave({ metadata, status }: Pod): boolean {
  if (metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return false
  if (metadata.ownerReferences?.some(({ kind, controller }) => kind === 'DaemonSet' && controller === true) === true) return false
  return status?.phase !== 'Succeeded' && status?.phase !== 'Failed'
}
