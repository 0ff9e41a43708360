import type { Node, Taint } from '../kube/objects.ts'

/** Whose a node is while it is isolated, and for what. `uid` is that of the object that asked: an order, or a group that removes by itself. */
export interface Mark {
  readonly kind: 'leaving' | 'maintenance'
  readonly uid: string
}

const effect = 'NoSchedule'

/** No plain object: the keys of taints are anybody's, and every object has a `constructor`. */
const kinds: ReadonlyMap<string, Mark['kind']> = new Map([
  ['tidegate.io/leaving', 'leaving'],
  ['tidegate.io/maintenance', 'maintenance'],
])

/** Taken as an example from the service controller: load balancers stop sending to a node that has it, whatever the value. */
export const loadBalancerLabel = 'node.kubernetes.io/exclude-from-external-load-balancers'
export const loadBalancerValue = 'tidegate'

export function taintOf({ kind, uid }: Mark): Taint {
  return { key: `tidegate.io/${kind}`, value: uid, effect }
}

/** The marks that a node carries, ours and other objects'. What wakes the owner of a drain when a pod of the node changes. */
export function marksOf(node: Pick<Node, 'spec'>): readonly Mark[] {
  return (node.spec.taints ?? []).flatMap((taint) => {
    const kind = kinds.get(taint.key)
    return kind === undefined ? [] : [{ kind, uid: taint.value ?? '' }]
  })
}

/**
 * Whether the node tells that we isolated it: marked, and out of load balancers by our label. The mark alone stands also on every node of a group that carries
 * it as the group's own taint, and no drain of those has begun; beside another's label it says as little, so that there only `DrainState.isolatedAt` tells.
 */
export function isIsolated(node: Pick<Node, 'metadata' | 'spec'>): boolean {
  return marksOf(node).length > 0 && node.metadata.labels?.[loadBalancerLabel] === loadBalancerValue
}

export function sameMark(a: Mark, b: Mark): boolean {
  return a.kind === b.kind && a.uid === b.uid
}

/** The commands that take a mark off by hand; the label goes only where it is ours, as kubectl finds it by its value. */
export function unmarkLines(node: string, { kind }: Pick<Mark, 'kind'>): string {
  const label = `kubectl label nodes -l ${loadBalancerLabel}=${loadBalancerValue} --field-selector metadata.name=${node} ${loadBalancerLabel}-`
  return `kubectl taint node ${node} tidegate.io/${kind}-; ${label}`
}

/** For people: `taint tidegate.io/leaving=<uid>`. */
export function describeMark({ kind, uid }: Mark): string {
  return `taint tidegate.io/${kind}=${uid}`
}
