import type { ClusterAccess } from '../kube/cluster-access.ts'
import { connect } from '../kube/connection.ts'
import type { KubeObject } from '../kube/objects.ts'
import type { RateLimit } from '../kube/rate-limiter.ts'
import { RestClient } from '../kube/rest.ts'
import type { BeforeWrite } from '../lib/outside-write.ts'
import { collectProcessMetrics, EventLoopMonitor } from '../observability/event-loop.ts'
import { HealthServer } from '../observability/health.ts'
import { KubeEventRecorder } from '../runtime/events.ts'
import type { Informer } from '../runtime/informer.ts'
import { LeaderElector, type LeaderElectorOptions } from '../runtime/leader-election.ts'
import { Manager, type Runnable } from '../runtime/manager.ts'
import { gate } from './gate.ts'
import { managementClusterId } from './identity.ts'
import { version } from './project-root.ts'
import { type Caches, type ControllersOptions, type Foundation, createCaches, createControllers } from './wire.ts'

export interface OperatorOptions extends Foundation, Pick<ControllersOptions, 'releaseNamespace' | 'concurrency' | 'awsRates' | 'aws'> {
  /** The management cluster. */
  readonly access: ClusterAccess
  /** Unique for each process and each of its starts. */
  readonly identity: string
  readonly leaderElect: boolean
  /** Of the leader's Lease, where `clock` does not run as fast as the machine answers; the elector's defaults when absent. */
  readonly leaseTimes?: Pick<LeaderElectorOptions, 'leaseDurationMs' | 'renewDeadlineMs'>
  readonly kubeRate: RateLimit
  /** Absent: no port is opened. */
  readonly health: { readonly host: string; readonly port: number } | undefined
  /** In tests: the kill point, and what loses an answer. Asked after leadership. */
  readonly beforeWrite?: BeforeWrite
}

export interface Operator {
  /** Runs until `signal` aborts, then stops within 5 s. Rejects with what made a part end by itself. */
  run(signal: AbortSignal): Promise<void>
  /** Whether this process leads now. */
  isLeader(): boolean
}

/** The whole operator, made and not yet started. */
export function createOperator(options: OperatorOptions): Operator {
  const { access, clock, random, log, metrics, releaseNamespace, identity, leaderElect, kubeRate, health } = options
  const foundation: Foundation = { clock, random, log, metrics }
  const connection = connect(access)
  const stopEvents = new AbortController()

  // Leases pass by the gate: they are how we come to lead.
  const leaseClient = new RestClient({ connection, clock, metrics })
  const elector = leaderElect
    ? new LeaderElector({
        client: leaseClient,
        lease: { namespace: releaseNamespace, name: 'tidegate-operator' },
        identity,
        ...options.leaseTimes,
        ...foundation,
      })
    : undefined
  const isLeader = (): boolean => elector?.isLeader() ?? true
  const inContact = (): boolean => elector?.inContact() ?? true
  const checks = { isLeader, log, ...(options.beforeWrite === undefined ? {} : { next: options.beforeWrite }) }
  const beforeWrite = gate({ ...checks, inContact })
  const client = new RestClient({ connection, clock, metrics, beforeWrite: gate(checks), rateLimit: kubeRate })
  const caches = createCaches(client, foundation)
  const events = new KubeEventRecorder({
    client,
    reportingController: 'tidegate.io/operator',
    reportingInstance: identity,
    signal: stopEvents.signal,
    ...foundation,
  })

  const controllers: Runnable = {
    name: 'controllers',
    run: async (signal) => {
      const id = await managementClusterId(client, releaseNamespace, random, signal)
      log.info({ managementCluster: id }, 'leading')
      await createControllers(caches, id, { ...options, client, events, beforeWrite }).run(signal)
    },
  }
  const server = health === undefined ? undefined : new HealthServer({ ...health, metrics, log, ready: readiness(caches) })
  const manager = new Manager({
    servers: server === undefined ? [] : [server],
    caches: Object.entries(caches).map(([name, informer]) => runnable(name, informer)),
    elector,
    leaders: [controllers],
    clock,
    log,
  })
  return {
    isLeader,
    run: async (signal) => {
      // before anything starts and is logged: a port that is taken is a mistake at the command line
      await server?.listen()
      log.info({ version: version(), server: access.server.href, context: access.context, namespace: releaseNamespace, identity, leaderElect }, 'starting')
      collectProcessMetrics(metrics)
      const stalls = new EventLoopMonitor(metrics)
      try {
        await manager.run(signal)
      } finally {
        stalls.stop()
        stopEvents.abort(new Error('the process stops'))
        await connection.close()
      }
    },
  }
}

function runnable<T extends KubeObject>(name: string, informer: Informer<T>): Runnable {
  return {
    name: `cache of ${name}`,
    run: async (signal) => await informer.run(signal),
    ready: async (signal) => await informer.synced({ signal }),
  }
}

/** Ready means that the caches are filled; never that we lead, or a rollout would wait for the old leader. */
function readiness(caches: Caches): Readonly<Record<string, () => void>> {
  return Object.fromEntries(
    Object.entries(caches).map(([name, informer]: [string, { readonly hasSynced: boolean }]) => [
      `cache-of-${name}`,
      () => {
        if (!informer.hasSynced) throw new Error('not synced yet')
      },
    ]),
  )
}
