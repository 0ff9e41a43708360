import type { ConnectionsPort, EksTokenWay, KubeconfigWay, TargetConnection } from '../controllers/target-cluster/ports.ts'
import { ClusterAutoscaler } from '../controllers/target-cluster/cluster-autoscaler.ts'
import { TargetLease } from '../controllers/target-cluster/target-lease.ts'
import { kubeDrainApi } from '../drain/kube-api.ts'
import { DrainService } from '../drain/service.ts'
import type { KubeClient } from '../kube/client.ts'
import { type ClusterAccess, kubeconfigFromSecret } from '../kube/cluster-access.ts'
import { connect } from '../kube/connection.ts'
import { tokenAccess } from '../kube/token-access.ts'
import type { RateLimit } from '../kube/rate-limiter.ts'
import type { Clock } from '../lib/clock.ts'
import { stableHash } from '../lib/hash.ts'
import type { BeforeWrite } from '../lib/outside-write.ts'
import type { Random } from '../lib/random.ts'
import type { Logger } from '../observability/logger.ts'
import type { Metrics } from '../observability/metrics.ts'
import { TargetRegistry } from '../runtime/target-registry.ts'
import { RestClient } from '../kube/rest.ts'
import { TargetCaches, type TargetListeners } from './target-caches.ts'

interface Options extends TargetListeners {
  /** The cluster that holds our objects: what `inCluster` means. */
  readonly management: KubeClient
  readonly beforeWrite: BeforeWrite
  /** Of each other target's client. */
  readonly kubeRate: RateLimit
  /** The namespace that this process runs in, where the target is the cluster that it runs in. */
  readonly ownNamespace: (target: string) => string | undefined
  /** The node groups of a target that EKS updates now, each UID with a name. */
  readonly updating: (target: string) => ReadonlyMap<string, string>
  /** The Nodes of a target, by UID, whose drains have begun as objects show. */
  readonly begunDrains: (target: string) => ReadonlySet<string>
  /** An object of the management cluster by its UID, as `Kind namespace/name`: whose a mark on a Node may be. */
  readonly ownerOf: (uid: string) => string | undefined
  /** Who we are in a target's Lease. */
  readonly leaseHolder: () => string
  /** Called when the Lease of a target was lost, or is held again. */
  readonly onLease: (target: string) => void
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly metrics: Metrics
}

/** A token is good for 15 min, and the API server asks AWS about each new one. */
const tokenForMs = 10 * 60_000

type Way = KubeconfigWay | EksTokenWay | undefined

/** One client, one set of informers and one drain service per target, shared by every controller, started at first use and stopped when the target goes. */
export class TargetConnections implements ConnectionsPort {
  readonly #options: Options
  readonly #registry = new TargetRegistry<TargetConnection>()
  readonly #running = new Set<Promise<unknown>>()

  constructor(options: Options) {
    this.#options = options
  }

  async open(name: string, way: Way): Promise<TargetConnection> {
    // oxlint-disable-next-line typescript/require-await -- a refused kubeconfig is to reject, not to throw
    return await this.#registry.acquire(name, fingerprint(way), async (signal) => this.#start(name, way, signal))
  }

  close(name: string): void {
    this.#registry.release(name)
  }

  /** Resolves when every connection and informer has ended. */
  async closeAll(): Promise<void> {
    this.#registry.releaseAll()
    await Promise.all(this.#running)
  }

  #start(name: string, way: Way, signal: AbortSignal): TargetConnection {
    const { management, beforeWrite, kubeRate, ownNamespace, updating, begunDrains, ownerOf, leaseHolder, onLease, clock, random, log, metrics } = this.#options
    const connection = way === undefined ? undefined : connect(accessBy(way, clock))
    const client = connection === undefined ? management : new RestClient({ connection, clock, metrics, beforeWrite, rateLimit: kubeRate })
    const caches = new TargetCaches({ ...this.#options, target: name, client })
    const drain = new DrainService({
      target: name,
      api: kubeDrainApi(client),
      cache: caches.drain,
      ownNamespace: () => ownNamespace(name),
      updating: () => updating(name),
      begun: () => begunDrains(name),
      ownerOf,
      clock,
      random,
      metrics,
    })
    const lease = new TargetLease({ client, holder: leaseHolder(), onChange: () => onLease(name), clock, log })
    const autoscaler = new ClusterAutoscaler({ client, signal, clock, log: log.child({ target: name }) })
    const failed = (err: unknown): void => log.error({ err, target: name }, 'connection to a target failed')
    // Nobody waits for it before the end of the process: a rejection would be unhandled, and must not keep the connection open.
    const ended: Promise<unknown> = Promise.all([caches.run(signal), lease.keep(signal)])
      .catch(failed)
      .then(() => connection?.close())
      .catch(failed)
      .finally(() => this.#running.delete(ended))
    this.#running.add(ended)
    return { client, nodes: caches.nodes, drain, lease, autoscaler }
  }
}

/** What must not change under an open connection. */
function fingerprint(way: Way): string {
  if (way === undefined) return stableHash('inCluster')
  if ('text' in way) return stableHash(way)
  const { clusterName, endpoint, certificateAuthority, place } = way
  return stableHash({ clusterName, endpoint, certificateAuthority, place })
}

function accessBy(way: NonNullable<Way>, clock: Clock): ClusterAccess {
  if ('text' in way) return kubeconfigFromSecret(way.text, way.context, { clock })
  const { clusterName, endpoint, certificateAuthority, tokens } = way
  const token = async (): Promise<string> => await tokens.tokenFor(clusterName)
  return tokenAccess({ name: clusterName, server: endpoint, certificateAuthority, token, tokenForMs, clock })
}
