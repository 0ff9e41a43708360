import type { EksNodeGroup } from '../../../crds/eks-node-group.ts'
import { describeMark, loadBalancerLabel } from '../../../drain/mark.ts'
import { firstNames } from '../../../lib/first-names.ts'
import type { Frozen } from '../../../runtime/reconciler.ts'
import type { GroupDraft } from '../pass.ts'
import { nameOf } from '../removals/in-words.ts'
import { markOfRemoval } from '../removals/mark.ts'
import type { Removal } from '../removals/removal.ts'

const mostNamed = 5

/** Whether our mark may stand on the node of this removal. */
export function mayBeMarked({ nodeUID, state, drain }: Removal): boolean {
  if (nodeUID === undefined || state === 'Gone') return false
  // The pass that marked it may have lost its status to the very write that ends the object: one that is only accepted counts.
  return state !== 'Refused' || drain?.isolatedAt !== undefined
}

/** What of ours stands on nodes and in AWS beside the group itself, as far as the status knows, in words; empty when nothing does. */
export function standing({ object, status }: Pick<GroupDraft, 'object' | 'status'>): readonly string[] {
  const { removals = [], withdrawal, rebalance, deletion } = status
  const nodes = removals.filter(mayBeMarked)
  return [
    ...marksOnNodes(object, nodes),
    ...(deletion?.taintedAt === undefined ? [] : [groupTaintInWords(object, status)]),
    ...(withdrawal === undefined ? [] : [protectionInWords(withdrawal)]),
    ...(rebalance === undefined ? [] : [`the ${rebalance.resumedAt === undefined ? '' : 'tag of the '}suspension of AZRebalance on ${rebalance.scalingGroup}`]),
  ]
}

function protectionInWords({ protected: ids }: NonNullable<GroupDraft['status']['withdrawal']>): string {
  return ids.length === 0 ? 'the tag of the protection from scale-in' : `protection from scale-in on ${firstNames(ids, mostNamed)}`
}

/** A person who looks a moment later may find it gone. */
function groupTaintInWords({ metadata: { uid } }: Frozen<EksNodeGroup>, { deletion, operation }: GroupDraft['status']): string {
  const wasAsked = deletion?.takingBackSince !== undefined && operation?.kind === 'UpdateConfig' && (operation.updateId !== undefined || operation.attempt > 1)
  const asked = wasAsked ? ' (EKS was asked to take it off, and does not show that yet)' : ''
  return `${describeMark({ kind: 'leaving', uid })} of the node group and its nodes${asked}`
}

function marksOnNodes(object: Frozen<EksNodeGroup>, nodes: readonly Removal[]): readonly string[] {
  const [first] = nodes
  if (first === undefined) return []
  const names = firstNames(nodes.map(nameOf), mostNamed)
  // It keeps a node out of load balancers for as long as it stands, and nothing would say why.
  return [`${describeMark(markOfRemoval(object, first))} on ${names}, with label ${loadBalancerLabel}`]
}
