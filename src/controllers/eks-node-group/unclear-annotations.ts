import type { KubeObject } from '../../kube/objects.ts'
import type { Frozen, ReconcileContext } from '../../runtime/reconciler.ts'
import { confirmAnnotation } from './deletion/confirmation.ts'
import { takeOverAnnotation, uidShape } from './ownership.ts'
import { abandonAnnotation } from './ways-out.ts'

type Metadata = Frozen<KubeObject['metadata']>

/** As much of a value as stands in an Event. */
const shown = 64

/**
 * What people have said in an annotation that means nothing, and therefore does nothing: each of these lets go of nodes or of AWS resources, so a value
 * that is not exactly right is no consent. Words that are only tokens (`retry`, `refresh`) are always right; `frozen-until` and `approve-update` are
 * told where they are judged.
 */
export function unclearAnnotations({ uid, annotations }: Metadata): readonly string[] {
  const told = (name: string): string => `${name} is ${JSON.stringify((annotations?.[name] ?? '').slice(0, shown))}`
  const ofItself = [confirmAnnotation, abandonAnnotation].flatMap((name) => {
    const value = annotations?.[name]
    return value === undefined || value === uid ? [] : [`${told(name)}, which is not the UID of this object (${uid}); it does nothing`]
  })
  const owner = annotations?.[takeOverAnnotation]
  if (owner === undefined || uidShape.test(owner)) return ofItself
  return [...ofItself, `${told(takeOverAnnotation)}, which is no UID; nothing is taken over`]
}

/**
 * Tells each of them once, as a Warning.
 *
 * Guarantees: the same words about the same object are told once for each life of the process; what was corrected and comes back is told again.
 */
export class AnnotationCritic {
  readonly #told = new Map<string, string>()

  tell(metadata: Metadata, { event }: Pick<ReconcileContext, 'event'>): void {
    const notes = unclearAnnotations(metadata)
    const all = notes.join('\n')
    if (all === (this.#told.get(metadata.uid) ?? '')) return
    if (notes.length === 0) this.#told.delete(metadata.uid)
    else this.#told.set(metadata.uid, all)
    for (const note of notes) event({ type: 'Warning', reason: 'AnnotationUnclear', action: 'Reconcile', note })
  }

  forget(uid: string): void {
    this.#told.delete(uid)
  }
}
