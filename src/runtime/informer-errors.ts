import { KubeError } from '../kube/kube-error.ts'
import type { RestartReason } from './informer-metrics.ts'
import { StaleServerError } from './informer-state.ts'

/** The stream was silent for too long. */
export class StalledError extends Error {
  constructor(silentMs: number) {
    super(`nothing came for ${silentMs} ms`)
    this.name = 'StalledError'
  }
}

/** The stream ended, as watches do, but before the first list was whole: a server that does not know WatchList. */
export class InitialEventsError extends Error {
  constructor() {
    super('the watch ended before its initial events did')
    this.name = 'InitialEventsError'
  }
}

/** What to do about an end of list or watch. */
export interface Verdict {
  readonly error: unknown
  readonly reason: RestartReason
  /** The resource version is of no use any more: list again. */
  readonly relist: boolean
  /** How long the server asked us to wait. */
  readonly retryAfterMs: number
}

/** Decides by the kind of error only; anything unknown keeps the resource version and is tried again. */
export function judge(error: unknown): Verdict {
  const verdict = (reason: RestartReason, relist = false): Verdict => {
    return { error, reason, relist, retryAfterMs: error instanceof KubeError ? (error.retryAfterMs ?? 0) : 0 }
  }
  if (error === undefined) return verdict('ended')
  if (error instanceof StalledError) return verdict('stalled')
  if (error instanceof StaleServerError) return verdict('stale_server')
  if (error instanceof InitialEventsError) return verdict('initial_events')
  if (!(error instanceof KubeError)) return verdict('unavailable')
  if (error.status === 410 || error.reason === 'Expired' || error.reason === 'Gone') return verdict('expired', true)
  if (isTooLarge(error)) return verdict('stale_server')
  if (error.reason === 'BrokenStream') return verdict('broken_stream')
  if (error.status === 429) return verdict('throttled')
  // the kind may come back with other objects, whose going we did not see
  if (error.status === 404) return verdict('not_found', true)
  // the server does not take what we ask it to go on from
  if (error.status === 400 || error.status === 422) return verdict('refused', true)
  return error.status === 0 || error.status >= 500 ? verdict('unavailable') : verdict('refused')
}

/** `Too large resource version`: this API server has not got as far as we have (apimachinery metav1.CauseTypeResourceVersionTooLarge). */
function isTooLarge(error: KubeError): boolean {
  const { causes } = (error.details ?? {}) as { readonly causes?: readonly { readonly reason?: string }[] }
  return causes?.some(({ reason }) => reason === 'ResourceVersionTooLarge') ?? false
}

/** Whether a server said no to `sendInitialEvents` itself: unknown parameter, forbidden by validation, or a gateway that does not take it. */
export function refusesWatchList(error: unknown): boolean {
  return error instanceof KubeError && [400, 405, 406, 415, 422, 501].includes(error.status)
}
