import type { EksNodeGroup } from '../../../crds/eks-node-group.ts'
import type { Frozen } from '../../../runtime/reconciler.ts'

/** UIDs of the Nodes of which the status says that their drain has begun, and not that it has ended. Pure. */
export function begunDrains({ status }: Frozen<Pick<EksNodeGroup, 'status'>>): readonly string[] {
  return (status?.removals ?? []).flatMap(({ state, nodeUID, drain }) =>
    state === 'Draining' && drain?.isolatedAt !== undefined && nodeUID !== undefined ? [nodeUID] : [],
  )
}
