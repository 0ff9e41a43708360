/** Whether the node still ends its pods: a kubelet that nobody hears of does not, one that is ill may. */
export type Reach = 'Reachable' | 'NotReady' | 'Unreachable'

const toleratedMs = 5 * 60_000

/**
 * From the node's condition `Ready`: what it has been for 5 min. `Unknown` means that the kubelet no longer reports. A time that is absent, or none, tells
 * of no 5 min.
 */
export function reachOf(ready: { readonly status: string; readonly since: Date | undefined } | undefined, now: Date): Reach {
  const forMs = now.getTime() - (ready?.since?.getTime() ?? Number.NaN)
  if (ready === undefined || ready.status === 'True' || !(forMs >= toleratedMs)) return 'Reachable'
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
