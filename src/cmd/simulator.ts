import { connect } from '../kube/connection.ts'
import type { KubeClient } from '../kube/client.ts'
import { RestClient } from '../kube/rest.ts'
import { systemClock } from '../lib/clock.ts'
import { seededRandom, systemRandom } from '../lib/random.ts'
import { createLogger, type LogLevel } from '../observability/logger.ts'
import { createMetrics } from '../observability/metrics.ts'
import { readScenario } from '../simulator/scenario/scenario.ts'
import { startSimulator } from '../simulator/start.ts'
import { namedCluster } from './named-cluster.ts'
import { UsageError } from './process.ts'

export interface SimulatorFlags {
  readonly port: number
  readonly speed: number
  readonly scenario?: string
  readonly kubeconfig?: ReadonlyMap<string, string>
  readonly seed?: number
  readonly logLevel: LogLevel
}

/** `tidegate simulator`: prints its address and the ids of its scenario, then its log, until `signal`. */
export async function runSimulator(flags: SimulatorFlags, signal: AbortSignal): Promise<void> {
  const { port, speed, seed } = flags
  const log = createLogger({ level: flags.logLevel })
  const scenario = flags.scenario === undefined ? undefined : await readScenario(flags.scenario).catch(usage)
  const kube = await clients(flags.kubeconfig ?? new Map())
  const random = seed === undefined ? systemRandom : seededRandom(seed)
  const simulator = await startSimulator({ port, speed, clock: systemClock, random, log, kube, ...(scenario === undefined ? {} : { scenario }) }).catch(usage)
  const { scenarioSummary: summary } = simulator
  process.stdout.write(
    [
      `simulator ready on ${simulator.url}`,
      `scenario ${summary.name}: account ${summary.account}, region ${summary.region}, EKS clusters ${summary.clusters.join(', ')}`,
      ...summary.subnets.map(({ id, zone }) => `  subnet ${id} in ${zone}`),
      ...summary.roleArns.map((arn) => `  role ${arn}`),
      ...(kube.size === 0 ? ['no --kubeconfig: instances run, and no Node joins'] : []),
      '',
    ].join('\n'),
  )
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
    if (signal.aborted) resolve()
  })
  await simulator.close()
}

async function clients(paths: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, KubeClient>> {
  const metrics = createMetrics()
  const found = new Map<string, KubeClient>()
  for (const [cluster, path] of paths) {
    const connection = connect(await namedCluster(path))
    found.set(cluster, new RestClient({ connection, clock: systemClock, metrics, rateLimit: { qps: 1000, burst: 2000 }, userAgent: 'tidegate-simulator' }))
  }
  return found
}

function usage(error: unknown): never {
  throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error })
}
