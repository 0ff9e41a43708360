import { checkpoint, requeueAfter } from '../../../runtime/reconciler.ts'
import { managerOf } from '../field-managers.ts'
import { takesChanges } from '../group-state.ts'
import { ageMs, intend, isIntended, isResting } from '../operation.ts'
import { pollDelayMs } from '../pace.ts'
import type { Act } from '../pass.ts'
import { succeed } from '../succeed.ts'
import { refuseSettings, tagsCall, waitsAsRefused } from '../settings/calls.ts'
import { type TagsPlan, planTags } from '../settings/tags-plan.ts'

/**
 * Brings the spec's tags to the node group and takes off those that an earlier spec brought (aws-rules A6: foreign ones stay). Both calls are
 * idempotent and have no token; the keys stand in `status.applied` before they are sent. What AWS refuses holds up nothing but an update (`RefusedSettings`).
 */
export const correctTags: Act = async (pass) => {
  const { draft, spec, seen, context, target, surroundings, name, refused } = pass
  const { group } = seen
  const { status, conditions } = draft
  const { operation } = status
  if (!takesChanges(group)) return undefined
  const now = surroundings.now()
  const plan = planTags(spec.tags, group, status.applied ?? {})
  if (plan === undefined) {
    refused.forget(draft.object.metadata, { kind: 'Tag' })
    if (operation?.kind === 'Tag') succeed(pass, { reason: 'Corrected', note: `${name} has the tags of the spec in EKS` })
    return undefined
  }
  if (operation !== undefined && operation.kind !== 'Tag' && !isResting(operation, now)) return undefined
  const call = tagsCall(plan, group)
  const { paramsHash } = call
  if (waitsAsRefused(pass, call)) return undefined
  if (!isIntended(operation, 'Tag', paramsHash, now)) {
    const fieldManager = managerOf(draft.object, ['tags'])
    status.operation = intend('Tag', paramsHash, { token: surroundings.newToken(), now, before: operation, to: inWords(plan), fieldManager })
    return checkpoint
  }
  try {
    if (plan.remove.length > 0) await target.aws.nodeGroups.untag(group.arn, plan.remove, { signal: context.signal })
    if (Object.keys(plan.set).length > 0) await target.aws.nodeGroups.tag(group.arn, plan.set, { signal: context.signal })
    refused.forget(draft.object.metadata, call)
  } catch (error) {
    return refuseSettings(pass, call, error)
  }
  conditions.reconciling('Correcting', `setting ${inWords(plan)}`)
  // Both are sent until they show: the same words are one Event.
  context.event({ type: 'Normal', reason: 'Correcting', action: 'Tag', note: `setting ${inWords(plan)}` })
  return requeueAfter(pollDelayMs(ageMs(operation, now)))
}

/** `tags team=web, -old` */
function inWords({ set, remove }: TagsPlan): string {
  return `tags ${[...Object.entries(set).map(([key, value]) => `${key}=${value}`), ...remove.map((key) => `-${key}`)].join(', ')}`.slice(0, 256)
}
