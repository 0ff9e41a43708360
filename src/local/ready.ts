import { readFile } from 'node:fs/promises'
import type { Clock } from '../lib/clock.ts'
import { type ApiAccess, apiRequest } from './api-request.ts'
import { LocalError } from './local-error.ts'
import type { Supervisor } from './supervisor.ts'
import { type PartName, programs } from './part-flags.ts'

/** A part that does not answer for this long at its start has failed. Ready in 3 s on a machine at rest. */
const readyMs = 90_000
const pollMs = 50

/**
 * Waits until the API server answers `path` with 200, and gives the way to it (its certificate is made at its first start).
 *
 * Errors: `LocalError` when a part ended, or `NotReady` with the last words of `part`.
 */
export async function waitForAnswer(
  path: string,
  options: {
    readonly part: PartName
    readonly port: number
    readonly caFile: string
    readonly token: string
    readonly supervisor: Supervisor
    readonly clock: Clock
    readonly signal: AbortSignal
  },
): Promise<ApiAccess> {
  const { part, port, caFile, token, supervisor, clock, signal } = options
  const deadline = clock.monotonicMs() + readyMs
  for (;;) {
    signal.throwIfAborted()
    if (supervisor.failure !== undefined) throw supervisor.failure
    const caPem = await readFile(caFile, 'utf8').catch(() => undefined)
    const access = caPem === undefined ? undefined : { port, caPem, token }
    if (access !== undefined && (await answers(access, path, signal))) return access
    if (clock.monotonicMs() > deadline) {
      const last = await supervisor.lastLine(part)
      throw new LocalError('NotReady', `${programs[part]} was not ready after ${readyMs / 1000} s; the last it wrote: ${last}`)
    }
    await clock.sleep(pollMs, { signal })
  }
}

async function answers(access: ApiAccess, path: string, signal: AbortSignal): Promise<boolean> {
  try {
    return (await apiRequest(access, path, { signal })).status === 200
  } catch {
    return false // not there yet
  }
}
