import { hostname } from 'node:os'
import type { AwsRates, parseAwsRate } from '../aws/budgets.ts'
import { loadKubeConfig } from '../kube/cluster-access.ts'
import { systemClock } from '../lib/clock.ts'
import { systemRandom } from '../lib/random.ts'
import { type LogLevel, createLogger } from '../observability/logger.ts'
import { createMetrics } from '../observability/metrics.ts'
import { createOperator } from './create-operator.ts'
import { demandKubeconfig, namedCluster } from './named-cluster.ts'

export interface OperatorFlags {
  readonly kubeconfig?: string
  readonly context?: string
  readonly namespace: string
  readonly healthPort: number
  readonly healthHost: string
  readonly kubeQps: number
  readonly awsRate?: readonly ReturnType<typeof parseAwsRate>[]
  readonly concurrency: number
  readonly leaderElect: boolean
  readonly logLevel: LogLevel
}

/** `tidegate operator`: runs until `signal`, and lets the Lease go so that the next replica leads at once. */
export async function runOperator(flags: OperatorFlags, signal: AbortSignal): Promise<void> {
  demandKubeconfig(flags)
  const log = createLogger({ level: flags.logLevel })
  process.on('unhandledRejection', (error) => {
    log.fatal({ err: error }, 'unhandled rejection')
    process.exit(1)
  })
  const { kubeconfig, context } = flags
  const access = kubeconfig === undefined ? await loadKubeConfig({ inCluster: true }) : await namedCluster(kubeconfig, context)
  const rates = Object.fromEntries((flags.awsRate ?? []).map(({ service, rate }) => [service, rate])) as Partial<AwsRates>
  const operator = createOperator({
    access,
    releaseNamespace: flags.namespace,
    identity: `${hostname()}_${systemRandom.id()}`,
    leaderElect: flags.leaderElect,
    concurrency: flags.concurrency,
    kubeRate: { qps: flags.kubeQps, burst: flags.kubeQps * 2 },
    awsRates: rates,
    aws: {},
    health: { host: flags.healthHost, port: flags.healthPort },
    clock: systemClock,
    random: systemRandom,
    log,
    metrics: createMetrics(),
  })
  await operator.run(signal)
}
