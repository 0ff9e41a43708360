import type { KubeObject } from '../kube/objects.ts'

/** What stood in the object when a pass said that it cannot move on, and when it is tried again in any case. */
export interface Stall {
  readonly uid: string
  readonly generation: number | undefined
  readonly deleting: boolean
  readonly retryToken: string | undefined
  readonly otherMarks: string
  /** On the monotonic clock; absent for what only an edit can help. */
  readonly retryAtMs: number | undefined
}

/** A new value asks for another try at once. */
const retryAnnotation = 'tidegate.io/retry'

/** `retryAtMs` undefined: only an edit helps. */
export function stallOf(object: KubeObject, retryAtMs: number | undefined): Stall {
  const { uid, generation, deletionTimestamp, annotations } = object.metadata
  const others = Object.entries(annotations ?? {}).filter(([name]) => name.startsWith('tidegate.io/') && name !== retryAnnotation)
  return {
    uid,
    generation,
    deleting: deletionTimestamp !== undefined,
    retryToken: annotations?.[retryAnnotation],
    otherMarks: JSON.stringify(others.toSorted(([a], [b]) => (a < b ? -1 : 1))),
    retryAtMs,
  }
}

/**
 * Whether a stalled object is worth another pass: another object under the name, a changed spec, a deletion, another mark of ours that a person
 * set (freeze, confirm, abandon: people keep the last word), and, unless only an edit helps, a new retry token or the time.
 */
export function isWorthARetry(stall: Stall, object: KubeObject, nowMs: number): boolean {
  const now = stallOf(object, stall.retryAtMs)
  if (now.uid !== stall.uid || now.generation !== stall.generation || now.deleting !== stall.deleting || now.otherMarks !== stall.otherMarks) return true
  if (stall.retryAtMs === undefined) return false
  return now.retryToken !== stall.retryToken || nowMs >= Math.floor(stall.retryAtMs)
}
