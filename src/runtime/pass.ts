import type { Clock } from '../lib/clock.ts'
import type { KubeClient } from '../kube/client.ts'
import { isKubeError } from '../kube/kube-error.ts'
import type { CustomObject } from '../kube/objects.ts'
import type { Resource } from '../kube/resource.ts'
import type { Logger } from '../observability/logger.ts'
import { ConditionSet } from './conditions.ts'
import type { EventRecorder } from './events.ts'
import { hasFinalizer, isAnotherObject, removeFinalizer, storeFinalizer } from './finalizer.ts'
import { startDeadline } from './pass-deadline.ts'
import { type Draft, type FinalizeResult, type Frozen, type Reconciler, type ReconcileContext, type Result, TerminalError } from './reconciler.ts'
import { applyStatus, composeStatus, fieldNotInSchema, statusChanged } from './status.ts'

/** The reason of `Reconciling` while passes of an object throw. Beside `schemaTooOld` the only reason that the runtime itself gives. */
export const retryingAfterError = 'RetryingAfterError'
/** The reason of `Stalled` while the CRD in the cluster does not know a field of the status. */
const schemaTooOld = 'SchemaTooOld'

type Failure =
  | { readonly kind: 'conflict'; readonly error: unknown }
  | { readonly kind: 'terminal'; readonly error: TerminalError }
  | { readonly kind: 'schemaTooOld'; readonly error: unknown; readonly path: string }
  | { readonly kind: 'error'; readonly error: unknown }
  /** The process stops or leadership went: nothing is known, nothing is counted. */
  | { readonly kind: 'aborted' }
  /** What may be changed is another thing now: the key runs again at once. As after a kill, nothing of the pass is stored. */
  | { readonly kind: 'interrupted' }

export type Outcome = Exclude<Result, { readonly kind: 'wrote' }> | Failure

/** How a pass ended, and the resourceVersion of what it wrote. */
export interface Finished {
  readonly outcome: Outcome
  readonly written?: string
}

export interface PassOptions<T extends CustomObject> {
  readonly resource: Resource
  readonly conditions: readonly string[]
  readonly client: KubeClient
  readonly reconciler: Reconciler<T>
  readonly events: EventRecorder
  readonly passTimeoutMs: number
  readonly clock: Clock
}

/** What ends a pass before its time. */
interface Ends {
  /** The process stops, or leadership went. */
  readonly stop: AbortSignal
  /** Only the reconciler's own part: what it may change is another thing now (`Controller.interrupt`). */
  readonly interrupt: AbortSignal
}

const gone: Finished = { outcome: { kind: 'awaitChange' } }

/**
 * One pass over one object: store the finalizer and end there, or hand out a draft, then apply the status once if it changed.
 * Never rejects; at most one write, plus a second one where a finalizer that somebody else applied too has to be patched out.
 */
export async function runPass<T extends CustomObject>(object: T, options: PassOptions<T>, log: Logger, ends: Ends): Promise<Finished> {
  const { client, resource } = options
  const { stop } = ends
  const deleting = object.metadata.deletionTimestamp !== undefined
  try {
    if (!hasFinalizer(object)) {
      if (deleting) return gone
      const stored = await storeFinalizer(client, resource, object, stop)
      return { outcome: { kind: 'checkpoint' }, written: stored.metadata.resourceVersion }
    }
    const draft = makeDraft(object, options.conditions)
    const outcome = await attempt(draft, object, options, log, ends)
    if (outcome.kind === 'aborted' || outcome.kind === 'interrupted') return { outcome }
    if (outcome.kind === 'wrote') return { outcome: { kind: 'checkpoint' }, written: outcome.resourceVersion }
    if (outcome.kind !== 'finalized') return await store(object, draft, outcome, options, log, stop)
    await removeFinalizer(client, resource, object, stop)
    return gone
  } catch (error) {
    if (isKubeError(error, 'NotFound')) return gone
    return { outcome: !stop.aborted && isAnotherObject(error) ? { kind: 'conflict', error } : judge(error, stop) }
  }
}

function makeDraft<T extends CustomObject>(object: T, conditions: readonly string[]): Draft<T> {
  const { conditions: before = [], observedGeneration: _, ...status } = structuredClone(object.status) ?? {}
  const set = new ConditionSet(conditions, before)
  if (object.metadata.deletionTimestamp !== undefined) set.leaving()
  return { object: object as Frozen<T>, status: status as Draft<T>['status'], conditions: set }
}

/** The reconciler's own part, under its deadline. */
async function attempt<T extends CustomObject>(
  draft: Draft<T>,
  object: T,
  options: PassOptions<T>,
  log: Logger,
  { stop, interrupt }: Ends,
): Promise<FinalizeResult | Failure> {
  const { reconciler, events, resource, clock, passTimeoutMs } = options
  const deadline = startDeadline(clock, passTimeoutMs, [stop, interrupt], () => new Error(`the pass took longer than ${passTimeoutMs} ms`))
  const context: ReconcileContext = { signal: deadline.signal, log, event: (event) => events.record(resource, object, event) }
  try {
    const result = object.metadata.deletionTimestamp === undefined ? reconciler.reconcile(draft, context) : reconciler.finalize(draft, context)
    return await result
  } catch (error) {
    return interrupt.aborted && !stop.aborted ? { kind: 'interrupted' } : judge(error, stop)
  } finally {
    deadline.end()
  }
}

function judge(error: unknown, stop: AbortSignal): Failure {
  if (stop.aborted) return { kind: 'aborted' }
  if (isKubeError(error, 'Conflict')) return { kind: 'conflict', error }
  if (error instanceof TerminalError) return { kind: 'terminal', error }
  return { kind: 'error', error }
}

/** Applies what the pass left in the draft, also when it threw: what it found out before must not be lost. */
async function store<T extends CustomObject>(
  object: T,
  draft: Draft<T>,
  outcome: Outcome,
  options: PassOptions<T>,
  log: Logger,
  stop: AbortSignal,
): Promise<Finished> {
  if (outcome.kind === 'terminal') draft.conditions.stalled(outcome.error.reason, outcome.error.message)
  if (outcome.kind === 'error') draft.conditions.reconciling(retryingAfterError, failureMessage(object, outcome.error))
  const complete = isComplete(outcome)
  if (!complete && outcome.kind !== 'error') draft.conditions.keepStalled()
  const status = composeStatus(object, draft, { now: options.clock.now(), complete })
  if (!statusChanged(object, status)) {
    if (outcome.kind !== 'checkpoint') return { outcome }
    return { outcome: { kind: 'error', error: new Error('a checkpoint without anything new to store would run for ever') } }
  }
  try {
    const stored = await applyStatus(options.client, options.resource, object, status, stop)
    return { outcome, written: stored.metadata.resourceVersion }
  } catch (error) {
    if (isKubeError(error, 'NotFound')) return gone
    const path = fieldNotInSchema(error)
    if (path !== undefined) return await storeTooOld(object, { kind: 'schemaTooOld', error, path }, options, log, stop)
    if (outcome.kind !== 'error') return { outcome: judge(error, stop) }
    log.debug({ err: error }, 'status of a failed pass not stored')
    return { outcome }
  }
}

/** An old CRD takes what it took before: the status as it stands, with the one condition that says why nothing of it is renewed. */
async function storeTooOld<T extends CustomObject>(
  object: T,
  outcome: Extract<Outcome, { readonly kind: 'schemaTooOld' }>,
  options: PassOptions<T>,
  log: Logger,
  stop: AbortSignal,
): Promise<Finished> {
  const draft = makeDraft(object, options.conditions)
  draft.conditions.stalled(
    schemaTooOld,
    `the CRD in the cluster does not know ${outcome.path}, so the status shows nothing new: apply the CRDs of this version (npm run -s tidegate -- crds | kubectl apply --server-side --force-conflicts -f -)`,
  )
  const status = composeStatus(object, draft, { now: options.clock.now(), complete: false })
  if (!statusChanged(object, status)) return { outcome }
  try {
    const stored = await applyStatus(options.client, options.resource, object, status, stop)
    return { outcome, written: stored.metadata.resourceVersion }
  } catch (err) {
    log.debug({ err }, 'an old CRD does not take the condition that says so')
    return { outcome }
  }
}

/** Whether the pass has judged the whole spec. */
function isComplete(outcome: Outcome): boolean {
  if (outcome.kind === 'requeueAfter') return outcome.unjudged !== true
  return outcome.kind === 'awaitChange' || outcome.kind === 'terminal'
}

/**
 * While passes keep throwing, the message of the first one stays: a text that changes with every attempt would be a write, and so an event that
 * wakes the object, at every attempt.
 */
function failureMessage(object: CustomObject, error: unknown): string {
  const before = object.status?.conditions?.find(({ type, reason }) => type === 'Reconciling' && reason === retryingAfterError)
  return before?.message ?? (error instanceof Error ? error.message : String(error))
}
