import type { Node } from '../../../kube/objects.ts'
import { groupLabel } from '../../../aws/eks/group-label.ts'
import type { Pass } from '../pass.ts'

/** Whether the API server knows a Node of the group that the watch has not shown: it may be that of an instance without one. Errors: `KubeError`. */
export async function hasUnseenNode({ target, name, context }: Pick<Pass, 'target' | 'name' | 'context'>): Promise<boolean> {
  const names = await target.nodes.namesInGroup(name, context)
  return names.some((found) => target.nodes.byName(found) === undefined)
}

/**
 * A Node of the group that names none of its instances, in words: an instance without a Node may run it, with pods (P1). Its provider ID is not set, as by an
 * image of one's own, or is that of a machine before, whose name the new one has got: it never changes. One that names another machine and is not Ready is
 * what that machine left behind. That it is older than the instance says nothing: under the name of a machine before, a kubelet takes its Node over as it is.
 * Only a person can say that the machine runs on outside the group, and takes its Node out too. `undefined` where there is none. As the cache shows it, so
 * nothing is asked.
 */
export function strangerInWords({ target, seen, name }: Pick<Pass, 'target' | 'seen' | 'name'>): string | undefined {
  const ids = new Set(seen.scalingGroup?.instances.map(({ instanceId }) => instanceId))
  const stranger = target.nodes.inGroup(name).find((node) => !ids.has(instanceOf(node)) && (instanceOf(node) === '' || isReady(node)))
  if (stranger === undefined) return undefined
  const found = stranger.metadata.name
  const id = stranger.spec.providerID ?? ''
  const remedy = `to let it join anew: kubectl drain ${found} --ignore-daemonsets, then kubectl delete node ${found}`
  const says = `Node ${found} of the group may run on it: its spec.providerID`
  if (id === '') return `${says} is not set; ${remedy}`
  const ofAnother = `if ${instanceOf(stranger)} runs on and was taken out of the group on purpose: kubectl label node ${found} ${groupLabel}-`
  return `${says} names no instance of the group (${id}); ${ofAnother}; otherwise, ${remedy}`
}

function instanceOf({ spec }: Node): string {
  return spec.providerID?.split('/').at(-1) ?? ''
}

function isReady({ status }: Node): boolean {
  return status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
}
