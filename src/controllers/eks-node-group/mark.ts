import type { EksNodeGroup } from '../../crds/eks-node-group.ts'
import { keyOf } from '../../kube/resource.ts'
import type { Frozen } from '../../runtime/reconciler.ts'
import type { OwnershipMark } from './ownership.ts'
import type { Surroundings } from './ports.ts'

/** The mark that an object's resources carry in AWS. */
export function markOf(object: Frozen<EksNodeGroup>, { managementCluster }: Pick<Surroundings, 'managementCluster'>): OwnershipMark {
  return { uid: object.metadata.uid, object: keyOf(object.metadata), cluster: managementCluster }
}
