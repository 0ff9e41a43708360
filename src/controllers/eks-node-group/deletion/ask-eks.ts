import { isAwsError } from '../../../aws/aws-error.ts'
import type { EksNodeGroupOperation } from '../../../crds/eks-node-group.ts'
import { firstNames } from '../../../lib/first-names.ts'
import { stableHash } from '../../../lib/hash.ts'
import { type FinalizeResult, checkpoint, requeueAfter } from '../../../runtime/reconciler.ts'
import { stillFreeNow } from '../free-gate.ts'
import { hasUnseenScalingGroup, isBusy } from '../group-state.ts'
import { ageMs, conclude, intend, isIntended } from '../operation.ts'
import { unsharedMs } from '../pace.ts'
import type { Pass } from '../pass.ts'
import { refuse } from '../refusal.ts'
import { isCounted } from '../removals/member.ts'
import { sayBusy } from '../busy.ts'

/** Asks EKS to delete the group, after a last look for pods. */
export async function askEks(pass: Pass): Promise<FinalizeResult> {
  const { draft, seen, surroundings, name } = pass
  const { status, conditions } = draft
  if (isBusy(pass)) return sayBusy(pass)
  const blocked = await podsInTheWay(pass)
  if (blocked !== undefined) {
    conditions.reconciling('DrainBlocked', blocked)
    return requeueAfter(15_000)
  }
  const now = surroundings.now()
  conditions.reconciling('Deleting', `asking EKS to delete node group ${name}`)
  const paramsHash = stableHash({ arn: seen.group?.arn })
  if (!isIntended(status.operation, 'Delete', paramsHash, now)) {
    conclude(status, 'Superseded', now)
    status.operation = intend('Delete', paramsHash, { token: surroundings.newToken(), now })
    return checkpoint
  }
  return await deleteGroup(pass, status.operation, paramsHash)
}

async function deleteGroup(pass: Pass, operation: EksNodeGroupOperation, paramsHash: string): Promise<FinalizeResult> {
  const { draft, spec, target, seen, surroundings, name, context } = pass
  const { status, conditions } = draft
  const now = surroundings.now()
  const failed = seen.group?.state === 'DeleteFailed'
  if (failed && ageMs(operation, now) < repeatDelayMs(operation)) {
    conditions.reconciling('Deleting', `EKS could not delete node group ${name}; it is asked again with growing delays`)
    // What holds the group may hold it for days.
    return requeueAfter(Math.min(unsharedMs, repeatDelayMs(operation) - ageMs(operation, now)))
  }
  // AWS was read, and each node looked at, since the pass asked; what was agreed to may be taken back meanwhile, and nothing stops EKS afterwards (P10).
  const stopped = await stillFreeNow(pass)
  if (stopped !== undefined) return stopped
  try {
    await target.aws.nodeGroups.delete(target.clusterName, name, { signal: context.signal })
    if (failed) status.operation = intend('Delete', paramsHash, { token: surroundings.newToken(), now, before: operation })
  } catch (error) {
    if (isAwsError(error, 'NotFound')) return requeueAfter(1_000)
    return refuse(draft, error)
  }
  const evicts = spec.scaleDown.drain === 'None' ? '; scaleDown.drain is None: EKS evicts for 5 min and ends the nodes then, whatever budgets say' : ''
  context.event({ type: 'Normal', reason: 'Deleting', action: 'Delete', note: `asked EKS to delete node group ${name}${evicts}` })
  return requeueAfter(2_000)
}

/** How old the intent must be before a deletion that failed is asked for again: its cause rarely goes by itself. */
function repeatDelayMs({ attempt }: EksNodeGroupOperation): number {
  return Math.min(600_000, 15_000 * 2 ** attempt)
}

/** Last look, from the API server: a node with a workload is not handed to EKS, whose own eviction ends after 5 min whatever a budget says. */
async function podsInTheWay(pass: Pass): Promise<string | undefined> {
  const { spec, target, context, name: group } = pass
  if (spec.scaleDown.drain === 'None') return undefined
  const { signal } = context
  for (const name of await target.nodes.namesInGroup(group, { signal })) {
    const pods = await target.nodes.podsInTheWay(name, { signal })
    if (pods.length === 0) continue
    return `${name} still runs ${firstNames(pods, 1)}, ${whyUndrained(pass, name)}: kubectl drain ${name} --ignore-daemonsets`
  }
  return undefined
}

/** Why nobody drains the node by itself. */
function whyUndrained({ seen, target }: Pass, nodeName: string): string {
  if (hasUnseenScalingGroup(seen)) return 'and the Auto Scaling group that could end it does not show'
  const instanceId = target.nodes.byName(nodeName)?.spec.providerID?.split('/').at(-1)
  if (seen.scalingGroup?.instances.some((one) => one.instanceId === instanceId && isCounted(one)) === true) return 'though it was drained'
  return 'and no instance of the Auto Scaling group stands behind it that could be removed'
}
