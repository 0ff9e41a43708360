import { LocalError } from '../local/local-error.ts'
import { KubeconfigError } from '../kube/kubeconfig.ts'

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

/** Prints what went wrong, for people: known mistakes as one line, everything else with its stack. */
export function fail(error: unknown): never {
  const known = error instanceof UsageError || error instanceof LocalError || error instanceof KubeconfigError
  const text = error instanceof Error ? (known ? error.message : (error.stack ?? error.message)) : String(error)
  process.stderr.write(`tidegate: ${text}\n`)
  process.exit(error instanceof UsageError || error instanceof KubeconfigError ? 2 : 1)
}
