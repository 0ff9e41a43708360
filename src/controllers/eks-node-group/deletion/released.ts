import type { EksNodeGroupStatus } from '../../../crds/eks-node-group.ts'
import type { GroupDraft } from '../pass.ts'
import type { TargetState } from '../ports.ts'
import { isAbandoned } from '../ways-out.ts'

/**
 * Why an object may go without a word to AWS; `undefined` when AWS has to be asked. Works also while AWS and the cluster are unreachable.
 *
 * That the status names nothing says nothing: somebody may have emptied it, and the group would be orphaned (P6). It is believed only where no target
 * ever was: a TargetCluster does not go while an object refers to it, and its `eksClusterName` is never removed once it is set.
 */
export function releasedUnasked({ object, status }: Pick<GroupDraft, 'object' | 'status'>, target: TargetState): string | undefined {
  const { policy } = object.spec
  const left = status.arn ?? 'nothing that we know of'
  if (isAbandoned({ object })) return `abandoned: ${left} is left as it is`
  if (policy.management === 'Observe') return 'it was only observed'
  if (policy.deletion === 'Retain') return `retained: ${left} stays in AWS`
  if (status.ownership?.origin === 'Adopted' && policy.deletion !== 'Delete') return `adopted, therefore retained: ${left} stays in AWS`
  if (namesNothing(status) && neverWas(target)) return 'nothing was made'
  return undefined
}

/** Whether the status knows of nothing in AWS: nothing was asked for yet, or it was lost. */
export function namesNothing({ arn, operation }: EksNodeGroupStatus): boolean {
  return arn === undefined && operation === undefined
}

function neverWas(target: TargetState): boolean {
  return target.state === 'missing' || (target.state === 'refused' && target.reason === 'NoEksCluster')
}
