/** Whether the node still ends its pods: a kubelet that nobody hears of does not, one that is ill may. */
export type Reach = 'Reachable' | 'NotReady' | 'Unreachable'

const toleratedMs = 5 * 60_000

/** From the node's condition `Ready`: what it has been for 5 min. `Unknown` means that the kubelet no longer reports. */
export function reachOf(ready: { readonly status: string; readonly since: Date | undefined } | undefined, now: Date): Reach {
  if (ready?.since === undefined || ready.status === 'True' || now.getTime() - ready.since.getTime() < toleratedMs) return 'Reachable'
  return ready.status === 'Unknown' ? 'Unreachable' : 'NotReady'
}

/**
 * Whether a pod that is being deleted need not be waited for, since nobody will report its end: on an unreachable node any, on one that is not
 * Ready those whose grace period is over.
 */
export function isAsGoodAsGone(pod: { readonly graceEndsAt?: Date | undefined }, reach: Reach, now: Date): boolean {
  if (pod.graceEndsAt === undefined || reach === 'Reachable') return false
  return reach === 'Unreachable' || pod.graceEndsAt.getTime() < now.getTime()
}
