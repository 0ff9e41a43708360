import type { JsonPatchOperation } from '../kube/client.ts'
import type { Node, Taint } from '../kube/objects.ts'
import { type Mark, loadBalancerLabel, loadBalancerValue, marksOf, sameMark, taintOf } from './mark.ts'

/**
 * What has to be sent to a Node, judged from one reading of it. Every patch begins with `test` on what it was judged from, so that one that was
 * overtaken is refused (422) and judged anew. `spec.unschedulable` is never read nor written: cordons are other people's.
 */
export type NodeChange =
  | { readonly kind: 'patch'; readonly operations: readonly JsonPatchOperation[] }
  /** It is as it should be. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'held'; readonly by: Mark }

const nothing: NodeChange = { kind: 'nothing' }

/** Puts the mark on, and takes the node out of load balancers where nobody has done so before. */
export function isolation(node: Node, mark: Mark): NodeChange {
  const other = marksOf(node).find((found) => !sameMark(found, mark))
  if (other !== undefined) return { kind: 'held', by: other }
  const isMarked = marksOf(node).length > 0
  const { labels } = node.metadata
  if (isMarked && labels?.[loadBalancerLabel] !== undefined) return nothing
  const operations = isMarked ? [] : addTaint(node, taintOf(mark))
  if (labels === undefined) operations.push({ op: 'add', path: '/metadata/labels', value: { [loadBalancerLabel]: loadBalancerValue } })
  else if (labels[loadBalancerLabel] === undefined) {
    // that it is absent can only be tested by testing them all
    operations.push({ op: 'test', path: '/metadata/labels', value: labels }, { op: 'add', path: labelPath, value: loadBalancerValue })
  }
  return guarded(node, operations)
}

/** Takes exactly our mark off, and the label only where its value is ours and no other mark needs it. */
export function restoration(node: Node, mark: Mark): NodeChange {
  const operations = removeTaint(node, taintOf(mark))
  const others = marksOf(node).some((found) => !sameMark(found, mark))
  if (!others && node.metadata.labels?.[loadBalancerLabel] === loadBalancerValue) {
    operations.push({ op: 'test', path: labelPath, value: loadBalancerValue }, { op: 'remove', path: labelPath })
  }
  return operations.length === 0 ? nothing : guarded(node, operations)
}

/** Kubernetes' word that the machine is gone for good: its volumes are released, its pods forgotten (KEP-2268). */
const outOfServiceTaint: Taint = { key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' }

/** Only for a Node that is not Ready; a Ready one lives, whatever we were told. */
export function outOfServiceMark(node: Node): NodeChange {
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready')
  if (ready?.status === 'True' || node.spec.taints?.some(({ key }) => key === outOfServiceTaint.key) === true) return nothing
  return guarded(node, addTaint(node, outOfServiceTaint))
}

const labelPath = `/metadata/labels/${loadBalancerLabel.replaceAll('/', '~1')}`

function guarded(node: Node, operations: readonly JsonPatchOperation[]): NodeChange {
  return { kind: 'patch', operations: [{ op: 'test', path: '/metadata/uid', value: node.metadata.uid }, ...operations] }
}

/** The whole list of taints is tested. Where there is none, absence cannot be tested, and the version of the whole Node is. */
function addTaint(node: Node, taint: Taint): JsonPatchOperation[] {
  const { taints } = node.spec
  if (taints === undefined || taints.length === 0) {
    return [
      { op: 'test', path: '/metadata/resourceVersion', value: node.metadata.resourceVersion },
      { op: 'add', path: '/spec/taints', value: [taint] },
    ]
  }
  return [
    { op: 'test', path: '/spec/taints', value: taints },
    { op: 'add', path: '/spec/taints/-', value: taint },
  ]
}

function removeTaint(node: Node, { key, value, effect }: Taint): JsonPatchOperation[] {
  const { taints = [] } = node.spec
  const index = taints.findIndex((taint) => taint.key === key && taint.value === value && taint.effect === effect)
  if (index < 0) return []
  return [
    { op: 'test', path: '/spec/taints', value: taints },
    { op: 'remove', path: `/spec/taints/${index}` },
  ]
}
