import { type DestinationStream, type Logger as PinoLogger, pino, stdSerializers } from 'pino'
import { KnownError } from '../lib/known-error.ts'

export type Logger = Pick<PinoLogger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'child' | 'level'>

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** Names whose values never reach a log, at the top level and one and two levels down. */
const secretNames = ['authorization', 'Authorization', 'token', 'password', 'secret', 'secretAccessKey', 'sessionToken', 'clientKeyData', 'kubeconfig', 'data']
const redactPaths = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`])

/**
 * JSON lines on standard error (standard output belongs to what a command prints). Messages are constant strings; what varies is a field.
 *
 * Guarantees: values under the names above are replaced by `[redacted]`; errors under `err` keep their cause, and
 * their stack where they are of no known kind (`KnownError`).
 */
export function createLogger(options: { readonly level?: LogLevel; readonly destination?: DestinationStream } = {}): Logger {
  const { level = 'info', destination = pino.destination({ fd: 2, sync: true }) } = options
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: serializeError },
      redact: { paths: redactPaths, censor: '[redacted]' },
    },
    destination,
  )
}

/** As pino's own, but a known refusal and what it was made from come without their stacks, which say nothing and are nine tenths of the line. */
function serializeError(error: unknown): unknown {
  const said: unknown = stdSerializers.errWithCause(error as Error)
  leaveOutKnownStacks(said, false)
  return said
}

function leaveOutKnownStacks(said: unknown, isInside: boolean): void {
  if (typeof said !== 'object' || said === null || !('raw' in said)) return
  const { raw, cause, aggregateErrors } = said as { readonly raw: unknown; readonly cause?: unknown; readonly aggregateErrors?: readonly unknown[] }
  const isKnown = isInside || raw instanceof KnownError
  if (isKnown && !isDefect(raw)) Reflect.deleteProperty(said, 'stack')
  for (const inner of [cause, ...(aggregateErrors ?? [])]) leaveOutKnownStacks(inner, isKnown)
}

/** What a fault in our code, or in a client library's, throws. Translated it may pass for an answer that did not come. */
function isDefect(error: unknown): boolean {
  return error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError
}
