import { createOperator } from '../../src/cmd/create-operator.ts'
import { type ClusterAccess, loadKubeConfig } from '../../src/kube/cluster-access.ts'
import type { Clock } from '../../src/lib/clock.ts'
import type { BeforeWrite } from '../../src/lib/outside-write.ts'
import { systemRandom } from '../../src/lib/random.ts'
import { createLogger, type Logger } from '../../src/observability/logger.ts'
import { createMetrics, type Metrics } from '../../src/observability/metrics.ts'
import { account, credentialsOf } from './simulator.ts'

export interface OperatorSetup {
  /** A kubeconfig's path, or a way of its own to the API server. */
  readonly access: string | ClusterAccess
  readonly cloudUrl: string
  readonly clock: Clock
  /** The account whose keys the operator has. */
  readonly accountId?: string
  readonly beforeWrite?: BeforeWrite
  /** Default false: a killed leader's Lease would hold up the next one. */
  readonly leaderElect?: boolean
  /** For who counts with it. */
  readonly metrics?: Metrics
  /** Default: silent, or at the level of `TIDEGATE_TEST_LOG`. */
  readonly log?: Logger
}

/** An operator in this process. */
export interface RunningOperator {
  /** Whether it leads now. */
  isLeader(): boolean
  /** Stops it as SIGTERM does. Rejects with what had made it end before. */
  stop(): Promise<void>
}

let started = 0

/** The whole operator under its own rights, in this process, with `tidegate-system` as its release namespace. */
export async function runOperator(setup: OperatorSetup): Promise<RunningOperator> {
  const { access, cloudUrl, clock, accountId = account, beforeWrite, leaderElect = false, metrics = createMetrics() } = setup
  started += 1
  const operator = createOperator({
    access: typeof access === 'string' ? await loadKubeConfig({ path: access }) : access,
    releaseNamespace: 'tidegate-system',
    identity: `test-${started}`,
    leaderElect,
    // On a fast clock a leader would have but two seconds for each renewal, and a busy machine takes longer: it would end, as leaders do, with nobody after it.
    leaseTimes: { leaseDurationMs: 180_000, renewDeadlineMs: 120_000 },
    concurrency: 20,
    kubeRate: { qps: 200, burst: 400 },
    awsRates: {},
    aws: { endpoint: cloudUrl, credentials: credentialsOf(accountId) },
    health: undefined,
    clock,
    random: systemRandom,
    log: setup.log ?? createLogger({ level: (process.env['TIDEGATE_TEST_LOG'] ?? 'silent') as 'silent' }),
    metrics,
    ...(beforeWrite === undefined ? {} : { beforeWrite }),
  })
  const stopping = new AbortController()
  const ended = operator.run(stopping.signal)
  ended.catch(() => undefined) // `stop` says it
  return {
    isLeader: () => operator.isLeader(),
    stop: async () => {
      stopping.abort(new Error('the test stops the operator'))
      await ended
    },
  }
}
