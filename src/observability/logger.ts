import { type DestinationStream, type Logger as PinoLogger, pino, stdSerializers } from 'pino'

export type Logger = Pick<PinoLogger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'child' | 'level'>

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** Names whose values never reach a log, at the top level and one and two levels down. */
const secretNames = ['authorization', 'Authorization', 'token', 'password', 'secret', 'secretAccessKey', 'sessionToken', 'clientKeyData', 'kubeconfig', 'data']
const redactPaths = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`])

/**
 * JSON lines on standard error (standard output belongs to what a command prints). Messages are constant strings; what varies is a field.
 *
 * Guarantees: values under the names above are replaced by `[redacted]`; errors under `err` keep their cause.
 */
export function createLogger(options: { readonly level?: LogLevel; readonly destination?: DestinationStream } = {}): Logger {
  const { level = 'info', destination = pino.destination({ fd: 2, sync: true }) } = options
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: stdSerializers.errWithCause },
      redact: { paths: redactPaths, censor: '[redacted]' },
    },
    destination,
  )
}
