import type { EksNodeGroup } from '../../../crds/eks-node-group.ts'
import type { Mark } from '../../../drain/mark.ts'
import type { NodeRef } from '../../../drain/request.ts'
import type { Frozen } from '../../../runtime/reconciler.ts'
import type { Removal } from './removal.ts'

/** Whose the node is while it leaves: the order's that asked for it, else the group's own. */
export function markOfRemoval(object: Frozen<EksNodeGroup>, { orderUID }: Removal): Mark {
  return { kind: 'leaving', uid: orderUID ?? object.metadata.uid }
}

/** The Node of an entry; `undefined` for an instance that never joined. */
export function nodeOf({ nodeName, nodeUID, instanceId }: Removal): NodeRef | undefined {
  return nodeName === undefined || nodeUID === undefined ? undefined : { name: nodeName, uid: nodeUID, instanceId }
}
