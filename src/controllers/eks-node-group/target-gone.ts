import { type FinalizeResult, finalized, requeueAfter } from '../../runtime/reconciler.ts'
import type { Look } from './look.ts'
import { restMs } from './pace.ts'
import { type GroupContext, type GroupDraft, groupName } from './pass.ts'
import type { TargetState } from './ports.ts'
import { refuseRead } from './refusal.ts'
import { waysOut } from './ways-out.ts'

/**
 * The end of a group whose target is gone: what was marked in Kubernetes counts as removed. A cluster that EKS no longer has took its node groups with
 * it. Where only another cluster answers at the address, the node group may live on: it is never deleted unseen, since its pods could not be looked for.
 */
export async function endWithoutTarget(
  draft: GroupDraft,
  context: GroupContext,
  { eks, reason, message }: Extract<TargetState, { readonly state: 'gone' }>,
  look: Pick<Look, 'mayArrive'>,
): Promise<FinalizeResult> {
  const name = groupName(draft.object)
  let lives = eks !== undefined
  try {
    if (eks !== undefined) lives = look.mayArrive(draft) || (await isThere(draft, context, eks))
  } catch (error) {
    return refuseRead(draft, error)
  }
  if (lives) {
    draft.conditions.reconciling(reason, `${message}. Node group ${name} is still in EKS. ${waysOut(draft.object)}`)
    return requeueAfter(restMs)
  }
  context.event({ type: 'Normal', reason: 'Released', action: 'Delete', note: `${message}; node group ${name} is not in EKS` })
  return finalized
}

async function isThere(
  { object }: GroupDraft,
  { signal }: GroupContext,
  { aws, clusterName }: NonNullable<Extract<TargetState, { readonly state: 'gone' }>['eks']>,
): Promise<boolean> {
  return (await aws.nodeGroups.describe(clusterName, groupName(object), { signal, maxAgeMs: 0 })) !== undefined
}
