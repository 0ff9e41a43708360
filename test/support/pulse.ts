import type { KubeClient } from '../../src/kube/client.ts'
import { resources } from '../../src/kube/resource.ts'
import { systemClock } from '../../src/lib/clock.ts'

const everyMs = 100
const { signal } = new AbortController()

/** How slow the machine is while a test measures. */
export interface Pulse {
  /** Ends it, after the sample under way. The slowest sample in milliseconds; infinite where the API server refused one. Never rejects. */
  stop(): Promise<number>
}

/** Writes a Lease of its own each tenth of a second: as long takes the API server, or this process, with all that a test runs in it. */
export function startPulse(client: KubeClient): Pulse {
  const ending = new AbortController()
  let slowestMs = 0
  const sample = async (sequence: number): Promise<number> => {
    const since = systemClock.monotonicMs()
    await systemClock.sleep(everyMs)
    const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', spec: { holderIdentity: String(sequence) } }
    await client.apply(resources.leases, { namespace: 'default', name: 'pulse' }, body, { fieldManager: 'pulse', signal })
    return systemClock.monotonicMs() - since - everyMs
  }
  const sampling = (async () => {
    for (let sequence = 0; !ending.signal.aborted; sequence += 1) slowestMs = Math.max(slowestMs, await sample(sequence).catch(() => Number.POSITIVE_INFINITY))
  })()
  return {
    stop: async () => {
      ending.abort()
      await sampling
      return slowestMs
    },
  }
}
