import { KubeError } from './kube-error.ts'

interface Status {
  readonly kind?: unknown
  readonly code?: unknown
  readonly reason?: unknown
  readonly message?: unknown
  readonly details?: { readonly retryAfterSeconds?: unknown }
}

/** Reasons for answers without a `Status` in them, such as a proxy's page. */
const reasonByStatus: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Gone',
  422: 'Invalid',
  429: 'TooManyRequests',
  503: 'ServiceUnavailable',
  504: 'Timeout',
}

/** `metav1.Status`, as the body of an answer or the object of an `ERROR` event, as an error. */
export function errorOfStatus(body: unknown, httpStatus: number, retryAfterMs?: number): KubeError {
  const status: Status = typeof body === 'object' && body !== null ? body : {}
  const code = httpStatus >= 400 ? httpStatus : typeof status.code === 'number' ? status.code : 500
  const reason = typeof status.reason === 'string' && status.reason !== '' ? status.reason : (reasonByStatus[code] ?? 'Unknown')
  const message = typeof status.message === 'string' && status.message !== '' ? status.message : `the API server answered ${code}`
  const seconds = status.details?.retryAfterSeconds
  const waitMs = retryAfterMs ?? (typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : undefined)
  return new KubeError(code, reason, message, { details: status.details, retryAfterMs: waitMs, isPage: status.kind !== 'Status' })
}

/** An error answer as an error; a body that is not a `Status` (HTML of a proxy, nothing at all) leaves the status code to speak. */
export function errorOfAnswer(httpStatus: number, body: string, retryAfter: string | undefined): KubeError {
  const seconds = retryAfter === undefined ? Number.NaN : Number(retryAfter)
  // dates, the other form of Retry-After, are not sent by API servers
  const retryAfterMs = Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    parsed = undefined
  }
  return errorOfStatus(parsed, httpStatus, retryAfterMs)
}

/** What we say when nothing came back; undici's own words are in the cause. */
export function noAnswer(what: string, cause: unknown): KubeError {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : undefined
  const message = cause instanceof Error ? cause.message : String(cause)
  return new KubeError(0, 'NoAnswer', `${what}: ${message === '' ? (code ?? 'no answer') : message}`, { cause })
}
