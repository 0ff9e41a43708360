import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { loadKubeConfig } from '../../../src/kube/cluster-access.ts'
import { type Connection, connect } from '../../../src/kube/connection.ts'
import type { KubeObject } from '../../../src/kube/objects.ts'
import type { Resource } from '../../../src/kube/resource.ts'
import { RestClient } from '../../../src/kube/rest.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { systemRandom } from '../../../src/lib/random.ts'
import { createLogger } from '../../../src/observability/logger.ts'
import { createMetrics } from '../../../src/observability/metrics.ts'
import { Informer } from '../../../src/runtime/informer.ts'
import type { InformerOptions } from '../../../src/runtime/informer-options.ts'

/** What a measured program makes informers with. */
export interface WatchedCluster {
  readonly connection: Connection
  readonly informer: <T extends KubeObject>(resource: Resource, options?: Partial<InformerOptions<T>>) => Informer<T>
}

export async function openCluster(kubeconfig: string): Promise<WatchedCluster> {
  const connection = connect(await loadKubeConfig({ path: kubeconfig }))
  const metrics = createMetrics()
  const log = createLogger({ level: 'warn' })
  const client = new RestClient({ connection, clock: systemClock, metrics, userAgent: 'tidegate-bench' })
  return {
    connection,
    informer: (resource, options = {}) =>
      new Informer({ client, resource, cluster: 'bench', clock: systemClock, random: systemRandom, log, metrics, ...options }),
  }
}

/** Wall clock in nanoseconds, as digits: finer than the milliseconds of `Date`. */
export function unixNs(): string {
  return `${BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n}`
}

const resolutionMs = 5

/** The longest time that the event loop was held up since the last `reset`. */
export function stallProbe(): { readonly longestMs: () => number; readonly reset: () => void } {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs })
  histogram.enable()
  return { longestMs: () => Math.max(0, histogram.max / 1e6 - resolutionMs), reset: () => histogram.reset() }
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
