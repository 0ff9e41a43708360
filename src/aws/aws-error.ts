import { KnownError } from '../lib/known-error.ts'

/**
 * What kind of "no" AWS gave, as far as a controller needs to tell them apart.
 *
 * - `NotFound`: the thing that was named is not there.
 * - `AlreadyExists`: a thing of this name is there (EKS says ResourceInUse for both this and `Busy`: the port tells them apart).
 * - `Busy`: another operation runs, or state does not allow it now; wait.
 * - `Throttled`: too fast; wait.
 * - `AccessDenied`: our credentials may not do this.
 * - `QuotaExceeded`: a limit of the account.
 * - `NoCapacity`: AWS has no such instances now.
 * - `Invalid`: AWS refused the input.
 * - `Unavailable`: no answer, a time-out, or a 5xx. For a write: it may have happened.
 */
export type AwsErrorKind = 'NotFound' | 'AlreadyExists' | 'Busy' | 'Throttled' | 'AccessDenied' | 'QuotaExceeded' | 'NoCapacity' | 'Invalid' | 'Unavailable'

/**
 * One failed call, translated once (errors.ts): `kind` for decisions, `reason` for a condition, `message` for a person, without request ids, so
 * that the same failure has the same text each time.
 */
export class AwsError extends KnownError {
  readonly kind: AwsErrorKind
  /** PascalCase, stable; fit for a condition's `reason`. */
  readonly reason: string
  /** `eks:DescribeNodegroup`. */
  readonly action: string
  /** The service's own code, for logs. */
  readonly code: string

  constructor(
    kind: AwsErrorKind,
    fields: { readonly reason: string; readonly action: string; readonly code: string; readonly message: string },
    options?: ErrorOptions,
  ) {
    super(fields.message, options)
    this.name = 'AwsError'
    this.kind = kind
    this.reason = fields.reason
    this.action = fields.action
    this.code = fields.code
  }
}

export function isAwsError(error: unknown, ...kinds: readonly AwsErrorKind[]): error is AwsError {
  return error instanceof AwsError && (kinds.length === 0 || kinds.includes(error.kind))
}
