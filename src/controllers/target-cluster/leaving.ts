import type { TargetCluster } from '../../crds/target-cluster.ts'
import { notOwnUid } from '../../runtime/annotation-critic.ts'
import type { Draft } from '../../runtime/reconciler.ts'
import { counted } from '../../lib/counted.ts'
import type { TargetPass } from './pass.ts'

/** Named with the object's own UID: the object may go, whatever still needs it. */
const abandonAnnotation = 'tidegate.io/abandon'

/** Read by the policy that guards deletions, `crds/policies/deletion.ts`; only words are said about it here. */
const confirmAnnotation = 'tidegate.io/confirm-deletion'

/** What people have said in an annotation that means nothing: only the object's own UID lets it go. `frozen-until` is told where it is judged. */
export function unclearAnnotations(metadata: TargetDraft['object']['metadata']): readonly string[] {
  return notOwnUid(metadata, [confirmAnnotation, abandonAnnotation])
}

type TargetDraft = Pick<Draft<TargetCluster>, 'object'>

export function isAbandoned({ object: { metadata } }: TargetDraft): boolean {
  return metadata.annotations?.[abandonAnnotation] === metadata.uid
}

/** For people who know that nothing needs it any more (P8). */
export function wayOut({ object: { metadata } }: TargetDraft): string {
  return `To let it go all the same, and leave what they made: kubectl annotate --overwrite targetcluster ${metadata.name} ${abandonAnnotation}=${metadata.uid}`
}

/** `3 objects (a/b, a/c, d/e)`; `undefined` when there are none. */
export function inWords(users: readonly { readonly object: string }[]): string | undefined {
  if (users.length === 0) return undefined
  const shown = users.slice(0, 5).map(({ object }) => object)
  return `${counted(users.length, 'object')} (${shown.join(', ')}${users.length > shown.length ? ', …' : ''})`
}

/** The last that is heard of an abandoned object: an Event and an audit line that say what was left behind. */
export function tellAbandoned({ draft, context, name }: TargetPass, left: readonly string[]): void {
  const note = `abandoned; left behind: ${left.length === 0 ? 'nothing' : left.join('; ')}`
  context.event({ type: 'Warning', reason: 'Abandoned', action: 'Delete', note })
  const { uid } = draft.object.metadata
  context.log.warn({ audit: { system: 'kubernetes', action: 'abandon', target: `targetclusters ${name}`, uid, left } }, 'object abandoned')
}
