import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../observability/logger.ts'
import { type ControlPlaneOptions, startControlPlane } from './control-plane.ts'

export interface RunControlPlaneOptions extends Pick<ControlPlaneOptions, 'assets' | 'environment' | 'parts'> {
  readonly dataDir?: string
  readonly stdout: { write(text: string): unknown }
  /** Ends it: the caller turns Ctrl-C and SIGTERM into this, once or twice at once. */
  readonly signal: AbortSignal
  readonly log: Logger
  readonly clock?: Clock
}

/**
 * `tidegate control-plane`: prints `kubeconfig: PATH` once it can be used, stays until the signal, and resolves when everything is gone.
 *
 * Errors: `LocalError` when it cannot start, or when a part ended by itself. An abort is no error.
 */
export async function runControlPlane(options: RunControlPlaneOptions): Promise<void> {
  const { stdout, signal, ...rest } = options
  try {
    const plane = await startControlPlane({ ...rest, signal })
    stdout.write(`kubeconfig: ${plane.kubeconfig}\n`)
    const failure = await plane.ended
    if (failure !== undefined) throw failure
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
