import type { EksNodeGroupStatus } from '../../../crds/eks-node-group-status.ts'

type Removal = NonNullable<EksNodeGroupStatus['removals']>[number]

/** So long Kubernetes gets to remove the Node of an instance that AWS was asked to end; after that a person has to look. */
const patienceMs = 300_000

/** Whether a machine has been on its way out for long. Where it is not there any more its Node is stuck, and AWS has nothing new to say of it. */
export function isOverdue({ state, since, call }: Removal, now: Date): boolean {
  const began = call?.at ?? since
  return state === 'Removing' && began !== undefined && now.getTime() - Date.parse(began) >= patienceMs
}

/** What a person does about a Node that nobody removes. Its name is Kubernetes' own, and fit for a command. */
export function stuckInWords({ instanceId, nodeName = '' }: Removal): string {
  const finalizers = `kubectl get node ${nodeName} -o jsonpath='{.metadata.finalizers}'`
  return `instance ${instanceId} is gone and Kubernetes keeps its Node: look at who holds it with a finalizer (${finalizers}), then kubectl delete node ${nodeName}`
}
