import { madeBy } from '../../../aws/eks/made-by.ts'
import { stableHash } from '../../../lib/hash.ts'
import { rfc3339 } from '../../../runtime/conditions.ts'
import { TerminalError, checkpoint, requeueAfter } from '../../../runtime/reconciler.ts'
import { rememberFormer } from '../former.ts'
import { markOf } from '../mark.ts'
import { conclude, intend, isIntended, lostCallMs } from '../operation.ts'
import { type Ownership, decideOwnership, originOf, tagsOfTaking, takeOverAnnotation } from '../ownership.ts'
import { unsharedMs } from '../pace.ts'
import type { Act, GroupDraft, Pass } from '../pass.ts'
import { refuse } from '../refusal.ts'

/** Makes sure that the group is ours before anything else touches it; takes it where the spec allows that, refuses it otherwise. */
export const adopt: Act = async ({ draft, spec, context, target, seen, calls, surroundings, name }) => {
  const { group } = seen
  const { object, status, conditions } = draft
  const mark = markOf(object, surroundings)
  const oldUid = object.metadata.annotations?.[takeOverAnnotation]
  const takeOver = oldUid === undefined ? undefined : { uid: oldUid, livingOwner: surroundings.livingOwner(oldUid) }
  const ownership = decideOwnership({ name, mark, tags: group?.tags, adoption: spec.policy.adoption, takeOver })
  const now = surroundings.now()
  if (ownership.kind === 'refused') {
    if (ownership.reason === 'NotFound') {
      conditions.setFalse('Provisioned', 'NotFound', ownership.message)
      return requeueAfter(unsharedMs)
    }
    throw new TerminalError(ownership.reason, ownership.message)
  }
  if (ownership.kind === 'absent' || group === undefined) return undefined
  const paramsHash = stableHash({ mark, arn: group.arn })
  if (ownership.kind === 'ours') {
    if (status.operation?.kind === 'Tag' && status.operation.paramsHash === paramsHash) conclude(status, 'Succeeded', now)
    return undefined
  }
  conditions.setFalse('InSync', 'Correcting', `node group ${name} is being taken: it does not carry our mark yet`)
  const isBeside = isMarkLost({ status }, ownership)
  if (!isBeside && !isIntended(status.operation, 'Tag', paramsHash, now)) {
    const managedElsewhere = madeBy(group.tags)
    status.ownership ??= { origin: originOf(group.tags, mark), since: rfc3339(now), ...(managedElsewhere === undefined ? {} : { managedElsewhere }) }
    if (ownership.kind === 'readopt') rememberFormer(status.ownership, ownership.oldUid, surroundings)
    const from = ownership.kind === 'readopt' ? ownership.oldUid : 'nobody'
    const token = surroundings.newToken()
    calls.made(token, now)
    status.operation = intend('Tag', paramsHash, { token, now, before: status.operation, from, to: mark.uid })
    return checkpoint
  }
  const token = isBeside ? undefined : status.operation?.token
  // Asked before the call is noted as sent, which makes any token look as if it were under way.
  const mayShow = mayBeMarkedYet({ draft, calls, surroundings })
  try {
    if (token !== undefined) calls.sent(token, now)
    const { origin } = status.ownership ?? { origin: originOf(group.tags, mark) }
    await target.aws.nodeGroups.tag(group.arn, tagsOfTaking(mark, origin), { signal: context.signal })
  } catch (error) {
    return refuse(draft, error, { keepsIntent: isBeside || mayShow })
  } finally {
    // Who deletes the object waits for the mark to show.
    if (token !== undefined) calls.sent(token, surroundings.now())
  }
  tellTaken({ draft, context, name }, ownership)
  return requeueAfter(1_000)
}

function tellTaken({ draft: { status }, context, name }: Pick<Pass, 'draft' | 'context' | 'name'>, ownership: Ownership): void {
  if (ownership.kind === 'readopt')
    context.event({ type: 'Normal', reason: 'Readopted', action: 'Adopt', note: `node group ${name} carried the mark of ${ownership.oldUid}` })
  else context.event({ type: 'Normal', reason: 'Adopted', action: 'Adopt', note: `node group ${name} was there and is ours now` })
  const elsewhere = status.ownership?.managedElsewhere
  if (elsewhere !== undefined)
    context.event({
      type: 'Warning',
      reason: 'ManagedElsewhere',
      action: 'Adopt',
      note: `node group ${name} was made by ${elsewhere}, which may change or delete it: take it out there`,
    })
}

/** Whether our mark may show yet on a group that was just being taken, by this process or by one that died: it would name an object that is gone. */
export function mayBeMarkedYet({ draft: { object, status }, calls, surroundings }: Pick<Pass, 'draft' | 'calls' | 'surroundings'>): boolean {
  const { operation } = status
  if (operation?.kind !== 'Tag' || operation.to !== object.metadata.uid) return false
  return calls.silentMs(operation.token, surroundings.now()) < lostCallMs
}

/**
 * Somebody took our mark off a group that is ours, while something else is under way there: it is put back beside it, since the intent of that is the only
 * one that there is, and an update whose intent is lost would be begun again. The call is the same however often it is made.
 */
function isMarkLost({ status }: Pick<GroupDraft, 'status'>, { kind }: { readonly kind: string }): boolean {
  return kind === 'adopt' && status.ownership !== undefined && status.operation !== undefined && status.operation.kind !== 'Tag'
}
