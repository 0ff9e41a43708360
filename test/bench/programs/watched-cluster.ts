import { performance } from 'node:perf_hooks'
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

const tickMs = 5

/** The longest time that the event loop was held up since the last `reset`. */
export interface StallProbe {
  /** As others see it, and how much of it this thread really worked: the rest it waited for a core. */
  readonly longest: () => { readonly ms: number; readonly cpuMs: number }
  readonly reset: () => void
}

/** Ticks for as long as the process lives. A tick that comes late by more than any before is the longest stall. */
export function stallProbe(): StallProbe {
  let longest = { ms: 0, cpuMs: 0 }
  const tick = async (): Promise<never> => {
    for (;;) {
      const [started, cpu] = [systemClock.monotonicMs(), process.threadCpuUsage()]
      await systemClock.sleep(tickMs)
      const ms = systemClock.monotonicMs() - started - tickMs
      if (ms <= longest.ms) continue
      const { user, system } = process.threadCpuUsage(cpu)
      longest = { ms, cpuMs: (user + system) / 1000 }
    }
  }
  void tick()
  return {
    longest: () => longest,
    reset: () => {
      longest = { ms: 0, cpuMs: 0 }
    },
  }
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
