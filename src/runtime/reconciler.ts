import type { CustomObject } from '../kube/objects.ts'
import { KnownError } from '../lib/known-error.ts'
import type { Logger } from '../observability/logger.ts'
import type { ConditionSet } from './conditions.ts'

/**
 * What a pass asks for next. Errors are not used for waiting: a pass that waits for something known returns one of these.
 *
 * - `awaitChange`: converged, or something that we watch will wake us.
 * - `requeueAfter`: a known wait; an earlier wake-up wins. With `unjudged` this pass could not look at anything: `observedGeneration` stays, and so does
 *   what was `Stalled`.
 * - `checkpoint`: the draft now holds an intent that must be stored before it is acted on. The runtime applies the status and runs the key again
 *   at once; the next pass acts only on what it reads from the object.
 * - `wrote`: the pass has written the object itself, so that a status on the version that it read would lose. Nothing of the draft is stored; the key
 *   runs again once the cache shows that version.
 */
export type Result =
  | { readonly kind: 'awaitChange' }
  | { readonly kind: 'requeueAfter'; readonly ms: number; readonly unjudged?: true }
  | { readonly kind: 'checkpoint' }
  | { readonly kind: 'wrote'; readonly resourceVersion: string }

export const awaitChange: Result = { kind: 'awaitChange' }
export const checkpoint: Result = { kind: 'checkpoint' }
export function wrote(resourceVersion: string): Result {
  return { kind: 'wrote', resourceVersion }
}
export function requeueAfter(ms: number, options: { readonly unjudged?: true } = {}): Result {
  return { kind: 'requeueAfter', ms, ...options }
}

/** Nothing of this object is left outside: the runtime takes the finalizer off. */
export const finalized = { kind: 'finalized' } as const
export type FinalizeResult = Result | typeof finalized

/** Deeply read-only, as everything from a cache is. */
export type Frozen<T> = T extends (infer E)[] | readonly (infer E)[] ? readonly Frozen<E>[] : T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T

/** What one pass works on: the object as read (frozen), and a status that is its own copy. */
export interface Draft<T extends CustomObject> {
  readonly object: Frozen<T>
  /** A deep copy of the object's status; what stands here at the end of the pass is applied if it differs. `conditions` is composed from below. */
  readonly status: Omit<NonNullable<T['status']>, 'conditions' | 'observedGeneration'>
  readonly conditions: ConditionSet
}

export interface ReconcileContext {
  /**
   * Aborts when the pass takes too long, when what holds the object back changes (a freeze holds within milliseconds: P10), when leadership goes, and
   * when the process stops. Every outside write takes it; a loop over many asks it before each.
   */
  readonly signal: AbortSignal
  readonly log: Logger
  readonly event: (event: { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly action: string; readonly note: string }) => void
}

/**
 * Guarantees by the runtime: one pass per key at a time; the finalizer is stored before the first `reconcile`; `Ready`, `Reconciling`, `Stalled`
 * and `observedGeneration` are computed; the status is applied once per pass, only when it changed; a throw means backoff, a `TerminalError`
 * means `Stalled`, a conflict is routine.
 */
export interface Reconciler<T extends CustomObject> {
  reconcile(draft: Draft<T>, context: ReconcileContext): Promise<Result>
  /** Called instead of `reconcile` once the object is being deleted. */
  finalize(draft: Draft<T>, context: ReconcileContext): Promise<FinalizeResult>
}

/**
 * The object cannot move on until something outside this controller changes: `Stalled` with this reason. Retried on a spec change, on the
 * annotation `tidegate.io/retry`, and every 10 min with jitter; with `needsEdit` only on an edit.
 */
export class TerminalError extends KnownError {
  readonly reason: string
  readonly needsEdit: boolean

  constructor(reason: string, message: string, options?: ErrorOptions & { readonly needsEdit?: boolean }) {
    super(message, options)
    this.name = 'TerminalError'
    this.reason = reason
    this.needsEdit = options?.needsEdit ?? false
  }
}
