import type { NodeGroupTaint } from '../../../aws/eks/port.ts'
import type { EksNodeGroupStatus } from '../../../crds/eks-node-group.ts'
import { taintOf } from '../../../drain/mark.ts'

/** Keys that our specs brought to the group, as `status.applied` keeps them. */
export type Applied = NonNullable<EksNodeGroupStatus['applied']>

/** EKS and Kubernetes put labels under these on nodes by themselves, and nobody else may (CreateNodegroup refuses them). */
const reserved = /(^|\.)(kubernetes\.io|k8s\.io|eks\.amazonaws\.com)\//

/** Whether a label can be the spec's at all. */
export function specMaySetLabel(key: string): boolean {
  return !reserved.test(key)
}

/** The deletion of a group puts a taint under `tidegate.io/` on it, to keep pods off nodes that arrive late (aws-rules B8): no spec holds it. */
export function specMaySetTaint({ key }: Pick<NodeGroupTaint, 'key'>): boolean {
  return !key.startsWith('tidegate.io/')
}

/** Whether a taint is that of a deletion which is none: the object with one of these UIDs is not being deleted, or is no more. */
export function isOfEndedDeletion({ key, value = '' }: Pick<NodeGroupTaint, 'key' | 'value'>, ended: readonly string[]): boolean {
  return ended.includes(value) && key === taintOf({ kind: 'leaving', uid: value }).key
}

/** What two taints of one group cannot share; EKS updates one by it, and needs the old one removed when the effect changes. */
export function identityOf({ key, effect }: Pick<NodeGroupTaint, 'key' | 'effect'>): string {
  return `${key}:${effect}`
}
