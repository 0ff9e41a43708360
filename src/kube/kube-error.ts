import { KnownError } from '../lib/known-error.ts'

/** What the API server said when it said no. `status` 0 means that no answer came: the write may have happened. */
export class KubeError extends KnownError {
  readonly status: number
  /**
   * The server's own word (`Conflict`, `NotFound`, `Invalid`, `Expired`, …); `Unknown` where it gave none. With status 0 ours: `NoAnswer`, and
   * `BrokenStream` for a watch that carried something else than whole lines of JSON.
   */
  readonly reason: string
  readonly details: unknown
  /** How long the server asked us to wait (`Retry-After`), in milliseconds. */
  readonly retryAfterMs: number | undefined
  /** The words of no API server, but the page of somebody on the way, such as a proxy that reaches none: nothing was judged, whatever the status says. */
  readonly isPage: boolean

  constructor(
    status: number,
    reason: string,
    message: string,
    options?: ErrorOptions & { readonly details?: unknown; readonly retryAfterMs?: number | undefined; readonly isPage?: boolean },
  ) {
    super(message, options)
    this.name = 'KubeError'
    this.status = status
    this.reason = reason
    this.details = options?.details
    this.retryAfterMs = options?.retryAfterMs
    this.isPage = options?.isPage ?? false
  }
}

/** Whether `error` came from the API server, and for one of `reasons` where some are named. */
export function isKubeError(error: unknown, ...reasons: readonly string[]): error is KubeError {
  return error instanceof KubeError && (reasons.length === 0 || reasons.includes(error.reason))
}
