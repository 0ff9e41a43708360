import type { Node } from '../kube/objects.ts'
import type { PodSummary } from '../kube/pod-summary.ts'
import { marksOf, sameMark } from './mark.ts'

/**
 * Whether a change of a pod can let the drain of its node go on: it began to end, ended, or people let go of it. That a pod went, or came to a node,
 * is told by the events themselves.
 */
export function podMatters(pod: PodSummary, before: PodSummary): boolean {
  return (
    pod.phase !== before.phase ||
    pod.metadata.deletionTimestamp !== before.metadata.deletionTimestamp ||
    pod.nodeName !== before.nodeName ||
    annotationsOf(pod) !== annotationsOf(before)
  )
}

/** Whether a mark was put on a node or taken off, by whomever. A cordon, or anybody's other taint, is none of a drain's business. */
export function marksChanged(node: Node, before: Node): boolean {
  if (node.spec.taints === before.spec.taints) return false
  const [now, then] = [marksOf(node), marksOf(before)]
  return now.length !== then.length || now.some((mark) => !then.some((other) => sameMark(mark, other)))
}

/** The cache keeps the few that somebody reads. */
function annotationsOf({ metadata }: PodSummary): string {
  return JSON.stringify(metadata.annotations ?? {})
}
