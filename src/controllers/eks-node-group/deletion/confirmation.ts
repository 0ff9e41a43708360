import { type Result, requeueAfter } from '../../../runtime/reconciler.ts'
import { hasUnseenScalingGroup, takesChanges } from '../group-state.ts'
import type { Pass } from '../pass.ts'
import { counted } from '../../../lib/counted.ts'
import { roleSharedBy } from './role-shared.ts'

export const confirmAnnotation = 'tidegate.io/confirm-deletion'

/** The annotation, and nodes that go, wake the object; this is for what nobody tells. */
const confirmationMs = 600_000

/** Waits for a person's word while instances run; `undefined` when it was given, or nobody needs it. */
export function waitForConfirmation(pass: Pass): Result | undefined {
  if (!needsConfirmation(pass)) return undefined
  pass.draft.conditions.reconciling('WaitingForConfirmation', askForConfirmation(pass))
  return requeueAfter(confirmationMs)
}

/**
 * Whether a deletion that waited for a person's word before still does, as far as answers tell that may be minutes old. Whatever else they say has
 * to be seen afresh before anything follows from it.
 */
export function stillUnconfirmed({ draft, seen }: Pick<Pass, 'draft' | 'seen'>): boolean {
  return takesChanges(seen.group) && needsConfirmation({ draft, seen })
}

function needsConfirmation({ draft, seen }: Pick<Pass, 'draft' | 'seen'>): boolean {
  const { annotations, uid } = draft.object.metadata
  return countOf(seen) !== 0 && annotations?.[confirmAnnotation] !== uid
}

/**
 * How many instances would go: what was asked for and never ran is nobody's loss. `undefined` while the Auto Scaling group that EKS names does not show,
 * which says nothing about its instances.
 */
function countOf(seen: Pass['seen']): number | undefined {
  return hasUnseenScalingGroup(seen) ? undefined : seen.nodes.running
}

function askForConfirmation(pass: Pass): string {
  const { draft, seen, name } = pass
  const { name: object, namespace = 'default', uid } = draft.object.metadata
  const annotate = `kubectl annotate eksnodegroup ${object} -n ${namespace} --overwrite ${confirmAnnotation}=${uid}`
  const shared = roleSharedBy(pass)
  const others = shared === undefined ? '' : `. RoleShared: ${shared}`
  return `${counted(countOf(seen), 'node')} of ${name} would go. To confirm: ${annotate}; to keep them, set spec.policy.deletion to Retain${others}`
}
