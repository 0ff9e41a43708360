import type { JsonPatchOperation } from '../../kube/client.ts'
import type { Node } from '../../kube/objects.ts'
import type { Instance } from '../state.ts'
import { kwokAnnotation, kwokValues } from './node-object.ts'

/** One patch of a Node, of its status where `subresource` says so. */
export interface NodeChange {
  readonly node: Node
  readonly subresource?: 'status'
  readonly operations: readonly JsonPatchOperation[]
}

/**
 * What makes a Node show the trouble of its machine. A machine whose `Ready` is not True has a silent kubelet: kwok lets go of its Node, which so
 * gets no heartbeat, and its pods do not end. Any other condition is what a monitoring agent on a living machine reports (EKS user guide, node-health-nma).
 * A mended kubelet is kwok's again and reports Ready by itself.
 */
export function troubleChanges(node: Node, { trouble }: Instance): readonly NodeChange[] {
  const silent = trouble?.condition === 'Ready' && trouble.status !== 'True'
  const { annotations = {}, uid } = node.metadata
  const test: JsonPatchOperation = { op: 'test', path: '/metadata/uid', value: uid }
  const holder = silent ? kwokValues.broken : kwokValues.fake
  const handOver: NodeChange[] =
    annotations[kwokAnnotation] === holder
      ? []
      : [{ node, operations: [test, { op: 'replace', path: `/metadata/annotations/${kwokAnnotation.replaceAll('/', '~1')}`, value: holder }] }]
  if (trouble === undefined || (trouble.condition === 'Ready' && !silent)) return handOver
  const conditions = node.status?.conditions ?? []
  const index = conditions.findIndex(({ type }) => type === trouble.condition)
  if (conditions[index]?.status === trouble.status) return handOver
  const { condition: type, status, reason, message, since } = trouble
  const value = { type, status, reason, message, lastTransitionTime: since.toISOString().replace(/\.\d+Z$/, 'Z') }
  const write: JsonPatchOperation =
    index >= 0
      ? { op: 'replace', path: `/status/conditions/${index}`, value }
      : node.status?.conditions === undefined
        ? { op: 'add', path: '/status/conditions', value: [value] }
        : { op: 'add', path: '/status/conditions/-', value }
  const guard: readonly JsonPatchOperation[] = index >= 0 ? [test, { op: 'test', path: `/status/conditions/${index}/type`, value: type }] : [test]
  return [...handOver, { node, subresource: 'status', operations: [...guard, write] }]
}
