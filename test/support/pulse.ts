import { resources } from '../../src/kube/resource.ts'
import type { KubeClient } from '../../src/kube/client.ts'
import { systemClock } from '../../src/lib/clock.ts'

const everyMs = 100

/** How slow the machine is while a test measures: a sample each tenth of a second asks the API server for something small. */
export interface Pulse {
  /** Ends the sampling. The longest that a sample was late, in milliseconds: what the API server, and this process with the simulated AWS in it, took. */
  stop(): Promise<number>
}

export function startPulse(client: KubeClient): Pulse {
  const ending = new AbortController()
  let longestMs = 0
  const sampling = (async () => {
    while (!ending.signal.aborted) {
      const since = systemClock.monotonicMs()
      await systemClock.sleep(everyMs)
      await client.get(resources.namespaces, { name: 'default' }, { signal: new AbortController().signal })
      longestMs = Math.max(longestMs, systemClock.monotonicMs() - since - everyMs)
    }
  })()
  sampling.catch(() => undefined) // `stop` says it
  return {
    stop: async () => {
      ending.abort()
      await sampling
      return longestMs
    },
  }
}
