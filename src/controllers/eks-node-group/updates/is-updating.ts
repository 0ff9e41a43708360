import type { EksNodeGroup } from '../../../crds/eks-node-group.ts'
import type { Frozen } from '../../../runtime/reconciler.ts'

/** The target refuses the object before AWS is asked about its group, or the group is in another cluster. */
const unseen: ReadonlySet<string> = new Set(['NotAllowedInNamespace', 'RoleNotAllowed', 'NoEksCluster', 'WrongCluster'])

/**
 * Whether EKS replaces the nodes of a group, or is just being asked to, as far as its object shows. Pure. It has a place of the target's budget, whoever
 * started it.
 *
 * What was asked for and does not show counts only where somebody follows it up: of an object that is held back, or that goes, an update which has
 * ended long ago may stand in the status for weeks. Of an object that its target refuses nothing counts: nobody looks at its group, and what the
 * status says of it stays as it is until a person mends that.
 */
export function isUpdating({ metadata, status }: Frozen<Pick<EksNodeGroup, 'metadata' | 'status'>>): boolean {
  if (status?.conditions?.some(({ type, reason }) => type === 'Stalled' && unseen.has(reason)) === true) return false
  const asked = status?.operation?.kind
  if (status?.state === 'Updating' && (asked === undefined || asked === 'UpdateVersion')) return true
  const isHeld = status?.conditions?.some(({ type }) => type === 'Paused') === true
  return asked === 'UpdateVersion' && metadata.deletionTimestamp === undefined && !isHeld
}
