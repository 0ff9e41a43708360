import type { Removal } from './removal.ts'

/** So long Kubernetes gets to remove the Node of an instance that is not there any more; after that a person has to look. */
const patienceMs = 300_000

/**
 * Whether a Node has outlived its machine for long: AWS has nothing new to say of it. It counts from when the instance was first not there, and not from the
 * call: hooks may hold an instance for hours before it ends.
 */
export function isOverdue({ state, outSince }: Removal, now: Date): boolean {
  return state === 'Removing' && outSince !== undefined && now.getTime() - Date.parse(outSince) >= patienceMs
}

/** What a person does about a Node that nobody removes. Its name is Kubernetes' own, and fit for a command. */
export function stuckInWords({ instanceId, nodeName = '' }: Removal): string {
  const finalizers = `kubectl get node ${nodeName} -o jsonpath='{.metadata.finalizers}'`
  return `instance ${instanceId} is gone and Kubernetes keeps its Node: look at who holds it with a finalizer (${finalizers}), then kubectl delete node ${nodeName}`
}
