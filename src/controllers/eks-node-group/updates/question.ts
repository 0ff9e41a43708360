import type { Node } from '../../../kube/objects.ts'
import { wholeOf } from '../../../kube/quantity.ts'
import type { Pass } from '../pass.ts'
import { openingOf } from '../opening.ts'
import { counted } from '../../../lib/counted.ts'
import { plannedCalls, refusedAmong } from '../settings/calls.ts'
import type { UpdateQuestion } from './decide.ts'
import { planVersion } from './version-plan.ts'

type Asked = Pick<Pass, 'draft' | 'spec' | 'seen' | 'target' | 'surroundings' | 'refused' | 'name'>

/** What the decision about an update is made from. */
export function questionOf(pass: Asked): UpdateQuestion {
  const { draft, spec, seen, target, surroundings, name } = pass
  const { group } = seen
  const hasGpus = isMadeForGpus(group) || target.nodes.inGroup(name).some(showsGpus)
  const plan = group === undefined ? undefined : planVersion(spec, group, target)
  return {
    metadata: draft.object.metadata,
    plan,
    before: begunBefore(draft),
    inherited: draft.status.inheritedApproval,
    mode: spec.update.approval,
    hasGpus,
    // Plans and calendars are slow, and a group that wants no update is asked twice in each pass.
    inTheWay: plan === undefined ? { hard: undefined, soft: undefined } : { hard: unfinished(pass), soft: notReady(pass) },
    opens: plan === undefined ? undefined : openingOf(target, surroundings.now())?.inWords,
    noPlace: plan === undefined ? undefined : target.drain.updateWaitsFor(draft.object.metadata.uid),
  }
}

/** What was begun, and whose intent is not there any more, may have failed: it is not begun again without a person's word (aws-rules B7). */
function begunBefore({ status: { update, operation } }: Pass['draft']): UpdateQuestion['before'] {
  if (update?.state !== 'Running' || operation?.kind === 'UpdateVersion') return update
  return { ...update, state: 'Failed', message: 'it was begun, and nobody knows what became of it: look at the updates of the group in EKS' }
}

/** A node shows no GPU while its device plugin restarts, and nobody has agreed to anything by that. */
function isMadeForGpus(group: Pass['seen']['group']): boolean {
  return /NVIDIA|NEURON|GPU/.test(group?.amiType ?? '') || group?.instanceTypes.some((type) => /^(p|g|gr|trn|inf|dl)\d/.test(type)) === true
}

function showsGpus({ status }: Node): boolean {
  return [status?.capacity, status?.allocatable].some((amounts) => wholeOf(amounts?.['nvidia.com/gpu']) > 0)
}

/** What has to end first, whoever agrees: EKS and we would choose nodes at the same time. */
function unfinished(pass: Asked): string | undefined {
  const { group, scalingGroup } = pass.seen
  const { status } = pass.draft
  const leaving = (status.removals ?? []).filter(({ state }) => state !== 'Gone' && state !== 'Refused')
  if (leaving.length > 0) return `${counted(leaving.length, 'node')} still on the way out of the group`
  if (status.withdrawal !== undefined) return 'instances that have not arrived are being withdrawn'
  if (group === undefined || scalingGroup === undefined) return 'EKS shows no Auto Scaling group of it'
  const calls = plannedCalls(pass, group)
  const refused = refusedAmong(pass, calls).flatMap((call) => call.fields)
  if (refused.length > 0) return `AWS refuses to set ${refused.join(', ')}, which come before an update: InSync says why`
  const settings = calls.flatMap((call) => call.fields)
  return settings.length === 0 ? undefined : `${settings.join(', ')} are brought to EKS first`
}

function notReady({ draft: { conditions } }: Pick<Pass, 'draft'>): string | undefined {
  const { status, message } = conditions.get('NodesReady')
  return status === 'True' ? undefined : `not all its nodes are Ready: ${message}`
}
