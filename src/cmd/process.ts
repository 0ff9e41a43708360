import { KubeconfigError } from '../kube/kubeconfig.ts'
import { LocalError } from '../local/local-error.ts'
import { PortTakenError } from '../observability/health.ts'

/** What stands in the way is known, and its message says all there is to say: printed without a stack; the exit code is 1. */
export class PlainError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'PlainError'
  }
}

/** A mistake in what was typed or set: its message is one line for people, and the exit code is 2. */
export class UsageError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'UsageError'
  }
}

/**
 * Runs until it ends by itself, or until Ctrl-C or SIGTERM aborts its signal. A second Ctrl-C at once (npm and the terminal both send one) is the
 * same wish; one after two seconds ends the process without waiting.
 */
export async function runUntilSignal(main: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stop = new AbortController()
  let first: number | undefined
  const onSignal = (name: NodeJS.Signals): void => {
    const now = process.uptime()
    if (first !== undefined && now - first > 2) process.exit(name === 'SIGINT' ? 130 : 143)
    first ??= now
    stop.abort(new Error(`stopped by ${name}`))
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal)
  try {
    await main(stop.signal)
  } catch (error) {
    if (!stop.signal.aborted) throw error
  }
}

/**
 * Prints to standard output and waits until it has left the process: a pipe takes 64 KiB at once, and what is left is lost when the process exits. A reader
 * that has seen enough (`| head`) ends it without a complaint.
 */
export async function print(text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') resolve()
      else reject(error)
    })
    process.stdout.write(text, (error) => {
      if (error === null || error === undefined) resolve()
    })
  })
}

/** Prints what went wrong, for people: known causes, however deep, as one line, everything else with its stack. */
export function fail(error: unknown): never {
  const known = knownCause(error)
  process.stderr.write(`tidegate: ${known?.message ?? (error instanceof Error ? (error.stack ?? error.message) : String(error))}\n`)
  process.exit(known instanceof UsageError || known instanceof KubeconfigError ? 2 : 1)
}

const knownErrors = [UsageError, PlainError, LocalError, KubeconfigError, PortTakenError] as const

/** The first error of the chain whose message was written for people. */
export function knownCause(error: unknown): Error | undefined {
  if (!(error instanceof Error)) return undefined
  return knownErrors.some((known) => error instanceof known) ? error : knownCause(error.cause)
}
