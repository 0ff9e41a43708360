import { isAwsError } from '../../../aws/aws-error.ts'
import { stableHash } from '../../../lib/hash.ts'
import { type Result, checkpoint, requeueAfter } from '../../../runtime/reconciler.ts'
import { attemptsOf } from '../attempts.ts'
import { creationOf, mayArrive } from '../creation.ts'
import { isDeletedOutside } from '../deleted-outside.ts'
import { markOf } from '../mark.ts'
import { ageMs, conclude, intend, isIntended } from '../operation.ts'
import { pollDelayMs } from '../pace.ts'
import type { Act, Pass } from '../pass.ts'
import { refuse } from '../refusal.ts'
import { appliedOf } from '../settings/applied.ts'

/** The target's change of readiness wakes the object; this is for what nobody tells. */
const clusterMs = 600_000

/** No clock of ours is believed to differ by more from that of AWS, which takes no signature that is older (AWS general reference, "Signing AWS API requests"). */
const clockSkewMs = 300_000

/** Of a group that is not there. */
const noSettings = { labels: {}, taints: [], tags: {} } as const

/**
 * Asks EKS for a group that is not there. The intent with its token is stored first, so that a kill at any point ends in one group: the same token
 * gives the same answer (aws-rules A1), and a group that turns up without an answer is recognised by its mark. What was made and is gone again ends the attempt.
 */
export const create: Act = async (pass) => {
  const { draft, spec, context, target, seen, calls, surroundings, name } = pass
  if (seen.group !== undefined) return undefined
  const { conditions, status } = draft
  if (target.clusterState !== 'Active' && target.clusterState !== 'Updating') {
    conditions.setFalse('Provisioned', 'EksClusterNotActive', `cluster ${target.clusterName} is ${target.clusterState}; the group is made once it is Active`)
    return requeueAfter(clusterMs)
  }
  conditions.setFalse('Provisioned', 'Creating', `EKS has no node group ${name} yet`)
  conditions.reconciling('Creating', `asking EKS for node group ${name}`)
  const creation = creationOf(name, spec, markOf(draft.object, surroundings))
  const paramsHash = stableHash(creation)
  const now = surroundings.now()
  const { operation } = status
  if (isDeletedOutside(status)) return begin(pass, paramsHash, 'DeletedOutside')
  // The deletion of a group that EKS could not make ends here: it is gone.
  if (!isIntended(operation, 'Create', paramsHash, now)) return begin(pass, paramsHash, status.operation?.kind === 'Delete' ? 'Succeeded' : 'Superseded')
  let madeAt: string | undefined
  // Asked before the call is noted as sent, which makes any token look as if it were under way.
  const mayBeTaken = mayArrive(pass)
  try {
    calls.sent(operation.token, now)
    madeAt = await target.aws.nodeGroups.create(target.clusterName, creation, { token: operation.token, signal: context.signal })
  } catch (error) {
    // Somebody was first, or our own call arrived after all: the next pass sees whose it is.
    if (isAwsError(error, 'AlreadyExists')) return requeueAfter(2_000)
    return refuse(draft, error, { waitedMs: ageMs(operation, now), keepsIntent: mayBeTaken })
  } finally {
    // What was taken may show a moment later, and what nobody read the answer to may be taken until then: who deletes the object waits for both.
    calls.sent(operation.token, surroundings.now())
  }
  // It came and went while nobody looked. A new intent has no old answer, whatever the clocks say.
  if (madeAt !== undefined && Math.min(ageMs(operation, now), now.getTime() - Date.parse(madeAt)) > clockSkewMs)
    return begin(pass, paramsHash, 'DeletedOutside')
  context.event({ type: 'Normal', reason: 'Creating', action: 'Create', note: `asked EKS for node group ${name}` })
  return requeueAfter(pollDelayMs(ageMs(operation, now)))
}

/** Ends what was under way, and stores the intent of a creation with a token of its own; waits first while the call of the intent that stands may be taken. */
function begin(pass: Pass, paramsHash: string, outcome: 'DeletedOutside' | 'Succeeded' | 'Superseded'): Result {
  const { draft, spec, context, calls, surroundings, name } = pass
  const { status, conditions } = draft
  const now = surroundings.now()
  const { operation } = status
  // Whoever deletes the object waits for the call of the intent that stands, and for no other.
  if (outcome === 'Superseded' && mayArrive(pass)) {
    conditions.reconciling(
      'Creating',
      `waits until the last call for node group ${name} shows or can no longer arrive; EKS is then asked for what the spec says now`,
    )
    return requeueAfter(2_000)
  }
  if (outcome === 'DeletedOutside')
    context.event({ type: 'Warning', reason: 'DeletedOutside', action: 'Create', note: `node group ${name} was deleted in AWS; it is made again` })
  conclude(status, outcome, now)
  delete status.arn
  // Of the group that was: one that somebody else makes first is a found one, and was never updated by us.
  delete status.ownership
  delete status.update
  if (status.creation !== undefined) status.creation = attemptsOf(pass)
  // What is made has them from its beginning, and by then the spec may leave some of them out.
  const applied = appliedOf(spec, noSettings, status.applied ?? {}, true)
  if (applied !== undefined) status.applied = applied
  const token = surroundings.newToken()
  calls.made(token, now)
  status.operation = intend('Create', paramsHash, { token, now, before: operation })
  return checkpoint
}
