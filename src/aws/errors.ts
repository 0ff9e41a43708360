import { type AwsAction, serviceOf } from './api.ts'
import { AwsError, type AwsErrorKind } from './aws-error.ts'
import { type ErrorRow, allowIt } from './error-row.ts'
import { errorTable } from './error-table.ts'
import { stableText } from './stable-text.ts'

/** What the SDK throws, as far as it is read here: `ServiceException` of @smithy, or an error of Node's network. */
interface RawError {
  readonly name: string
  readonly message: string
  readonly code?: string
  readonly httpStatus?: number
}

/**
 * Translates what the SDK threw into an `AwsError`; the raw error stays as its `cause`.
 *
 * Guarantees: the same fault gives the same `message` (stable-text.ts). Whatever is not known by its code is judged by its HTTP status, and what
 * has none never reached AWS or lost its answer: `Unavailable`.
 */
export function translateAwsError(error: unknown, action: AwsAction): AwsError {
  if (error instanceof AwsError) return error
  const raw = read(error)
  const code = raw.code ?? raw.name
  const misread = isMisread(raw)
  const text = stableText(misread ? raw.message.replace(deserializationHint, '') : raw.message)
  const row = misread ? notAws : errorTable.find((candidate) => fits(candidate, raw, action))
  const { kind, reason, remedy } = row ?? byStatus(raw.httpStatus)
  const said = kind === 'AccessDenied' && (reason === 'AccessDenied' || reason === 'RoleNotAssumed') ? denied(text, action) : words(text, action)
  return new AwsError(kind, { reason, action, code, message: `${said} ${remedy}` }, { cause: error })
}

/**
 * An answer without an error that says nothing of what was asked for: nothing follows from it, least of all that the thing is gone. `member` is what
 * AWS always gives.
 */
export function answerWithout(member: string, action: AwsAction): AwsError {
  const { kind, reason, remedy } = notAws
  return new AwsError(kind, { reason, action, code: reason, message: `${action}: the answer has no ${member}. ${remedy}` })
}

/** What the SDK adds to the parser's error when an answer is no JSON or XML (seen: a proxy's HTML page, a service of another protocol). */
const deserializationHint = /\s*Deserialization error: to see the raw response.*$/s

const notAws = {
  kind: 'Unavailable',
  reason: 'AnswerNotUnderstood',
  remedy: 'What answered does not speak like AWS: check the endpoint and the proxies before it. It is tried again.',
} as const

function isMisread({ message, httpStatus }: RawError): boolean {
  return deserializationHint.test(message) && httpStatus !== 401 && httpStatus !== 403 && httpStatus !== 429
}

function fits(row: ErrorRow, raw: RawError, action: AwsAction): boolean {
  const codes = typeof row.code === 'string' ? [row.code] : row.code
  if (!codes.includes(raw.name) && (raw.code === undefined || !codes.includes(raw.code))) return false
  if (row.service !== undefined && row.service !== serviceOf(action)) return false
  if (row.action !== undefined && row.action !== action) return false
  return row.text === undefined || row.text.test(raw.message)
}

function byStatus(status: number | undefined): { readonly kind: AwsErrorKind; readonly reason: string; readonly remedy: string } {
  if (status === 401 || status === 403) return { kind: 'AccessDenied', reason: 'AccessDenied', remedy: allowIt }
  // AWS names what it does not find; whoever else answers may know no such page, and then nothing is known to be gone.
  if (status === 404) return notAws
  if (status === 409) return { kind: 'Busy', reason: 'Conflict', remedy: 'It is tried again.' }
  if (status === 429) return { kind: 'Throttled', reason: 'Throttled', remedy: 'AWS asks for fewer calls; it is tried again more slowly.' }
  if (status !== undefined && status >= 400 && status < 500) return { kind: 'Invalid', reason: 'RefusedByAws', remedy: 'Correct what AWS names.' }
  return { kind: 'Unavailable', reason: 'AwsUnavailable', remedy: 'It is tried again.' }
}

function words(text: string, action: AwsAction): string {
  return text === '' ? `${action} failed.` : `${action}: ${withFullStop(text)}`
}

/**
 * Names the action that is missing, which is often not the one that was called: "User: arn:… is not authorized to perform: iam:PassRole on
 * resource: arn:…". The caller's own ARN holds a session name that changes with each pod, so it is left out.
 */
function denied(text: string, action: AwsAction): string {
  const missing =
    /not authorized to perform:?\s*["']?([a-z0-9-]+:[A-Za-z0-9*]+)/.exec(text)?.[1] ?? /permissions? for ["']?([a-z0-9-]+:[A-Za-z0-9*]+)/.exec(text)?.[1]
  const resource = /on resource:?\s*["']?(arn:[^\s"']+)/.exec(text)?.[1]
  const explicit = /with an explicit deny/.test(text) ? ' by an explicit deny' : ''
  if (missing === undefined) return `AWS denies ${action}.`
  return `AWS denies ${missing}${missing === action ? '' : ` (which ${action} needs)`}${resource === undefined ? '' : ` on ${resource}`}${explicit}.`
}

function withFullStop(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}

function read(error: unknown): RawError {
  if (!(error instanceof Error)) return { name: 'UnknownError', message: String(error) }
  const fields = error as Error & { readonly code?: unknown; readonly $metadata?: { readonly httpStatusCode?: number }; readonly errors?: readonly unknown[] }
  // A connection that failed on both IPv6 and IPv4 is an AggregateError without a text of its own.
  const [first] = fields.errors ?? []
  if (error.message === '' && first instanceof Error) return read(first)
  const httpStatus = fields.$metadata?.httpStatusCode
  return {
    name: error.name,
    message: error.message,
    ...(typeof fields.code === 'string' && { code: fields.code }),
    ...(httpStatus !== undefined && { httpStatus }),
  }
}
