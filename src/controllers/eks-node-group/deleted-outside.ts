import type { EksNodeGroupStatus } from '../../crds/eks-node-group.ts'

/**
 * Whether a group that is not there was there before, and our own deletion does not explain its absence. A creation that begins forgets the ARN of an earlier
 * life: one that stands beside it was seen since, so that its token would only get the old answer (aws-rules A1).
 */
export function isDeletedOutside({ arn, operation }: Pick<EksNodeGroupStatus, 'arn' | 'operation'>): boolean {
  return arn !== undefined && operation?.kind !== 'Delete'
}
