import { isAwsError } from '../../../aws/aws-error.ts'
import { stableHash } from '../../../lib/hash.ts'
import { checkpoint, requeueAfter } from '../../../runtime/reconciler.ts'
import { creationOf } from '../creation.ts'
import { isDeletedOutside } from '../deleted-outside.ts'
import { markOf } from '../mark.ts'
import { conclude, intend, isIntended } from '../operation.ts'
import type { Act } from '../pass.ts'
import { refuse } from '../refusal.ts'

/**
 * Asks EKS for a group that is not there. The intent with its token is stored first, so that a kill at any point ends in one group: the same token
 * gives the same answer (aws-rules A1), and a group that turns up without an answer is recognised by its mark.
 */
export const create: Act = async ({ draft, spec, context, target, seen, surroundings, name }) => {
  if (seen.group !== undefined) return undefined
  const { conditions, status } = draft
  if (target.clusterState !== 'Active' && target.clusterState !== 'Updating') {
    conditions.setFalse('Provisioned', 'EksClusterNotActive', `cluster ${target.clusterName} is ${target.clusterState}; the group is made once it is Active`)
    return requeueAfter(10_000)
  }
  conditions.setFalse('Provisioned', 'Creating', `EKS has no node group ${name} yet`)
  conditions.reconciling('Creating', `asking EKS for node group ${name}`)
  const creation = creationOf(name, spec, markOf(draft.object, surroundings))
  const paramsHash = stableHash(creation)
  const now = surroundings.now()
  const { operation } = status
  if (!isIntended(operation, 'Create', paramsHash, now)) {
    // Once: what AWS refuses drops the intent, and comes by here again every 10 min.
    const before = draft.object.status?.conditions?.find(({ type }) => type === 'Provisioned')
    if (isDeletedOutside(status) && before?.reason !== 'Creating')
      context.event({ type: 'Warning', reason: 'DeletedOutside', action: 'Create', note: `node group ${name} was deleted in AWS; it is made again` })
    // The deletion of a group that EKS could not make ends here: it is gone.
    conclude(status, status.operation?.kind === 'Delete' ? 'Succeeded' : 'Superseded', now)
    status.operation = intend('Create', paramsHash, { token: surroundings.newToken(), now, before: operation })
    return checkpoint
  }
  try {
    await target.aws.nodeGroups.create(target.clusterName, creation, { token: operation.token, signal: context.signal })
  } catch (error) {
    // Somebody was first, or our own call arrived after all: the next pass sees whose it is.
    if (isAwsError(error, 'AlreadyExists')) return requeueAfter(2_000)
    return refuse(draft, error)
  }
  context.event({ type: 'Normal', reason: 'Creating', action: 'Create', note: `asked EKS for node group ${name}` })
  return requeueAfter(2_000)
}
