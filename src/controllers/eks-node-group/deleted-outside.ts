import type { EksNodeGroupStatus } from '../../crds/eks-node-group.ts'

/** Whether a group that is not there was there before, and neither our own deletion nor a creation under way explains its absence. */
export function isDeletedOutside({ arn, operation }: Pick<EksNodeGroupStatus, 'arn' | 'operation'>): boolean {
  return arn !== undefined && operation?.kind !== 'Create' && operation?.kind !== 'Delete'
}
