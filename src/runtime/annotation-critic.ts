import type { KubeObject } from '../kube/objects.ts'
import type { Frozen } from './reconciler.ts'

type Metadata = Frozen<KubeObject['metadata']>

interface Teller {
  readonly event: (event: { readonly type: 'Warning'; readonly reason: 'AnnotationUnclear'; readonly action: string; readonly note: string }) => void
}

/** As much of a value as stands in an Event. */
const shown = 64

/** An annotation with its value, fit for a message. */
export function annotationInWords({ annotations }: Metadata, name: string): string {
  return `${name} is ${JSON.stringify((annotations?.[name] ?? '').slice(0, shown))}`
}

/** Which of the annotations `names`, whose value has to be the object's own UID, have another one; fit for an Event. */
export function notOwnUid(metadata: Metadata, names: readonly string[]): readonly string[] {
  const { uid, annotations } = metadata
  return names.flatMap((name) => {
    const value = annotations?.[name]
    return value === undefined || value === uid ? [] : [`${annotationInWords(metadata, name)}, which is not the UID of this object (${uid}); it does nothing`]
  })
}

/**
 * Tells people whose annotations mean nothing, and therefore do nothing, each time as a Warning.
 *
 * Guarantees: the same words about the same object are told once for each life of the process; what was corrected and comes back is told again.
 */
export class AnnotationCritic {
  readonly #told = new Map<string, string>()
  readonly #judge: (metadata: Metadata) => readonly string[]

  /** `judge`: what is wrong with an object's annotations, each fit for an Event. */
  constructor(judge: (metadata: Metadata) => readonly string[]) {
    this.#judge = judge
  }

  tell(metadata: Metadata, { event }: Teller): void {
    const notes = this.#judge(metadata)
    const all = notes.join('\n')
    if (all === (this.#told.get(metadata.uid) ?? '')) return
    if (notes.length === 0) this.#told.delete(metadata.uid)
    else this.#told.set(metadata.uid, all)
    for (const note of notes) event({ type: 'Warning', reason: 'AnnotationUnclear', action: 'Reconcile', note })
  }

  /** For an object that is gone. */
  forget(uid: string): void {
    this.#told.delete(uid)
  }
}
