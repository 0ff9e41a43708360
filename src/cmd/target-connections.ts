import type { ConnectionsPort, NodeCache, TargetConnection } from '../controllers/target-cluster/ports.ts'
import type { KubeClient } from '../kube/client.ts'
import { kubeconfigFromSecret } from '../kube/cluster-access.ts'
import { connect } from '../kube/connection.ts'
import type { Node } from '../kube/objects.ts'
import { projectNode } from '../kube/projections.ts'
import { resources } from '../kube/resource.ts'
import type { Clock } from '../lib/clock.ts'
import { stableHash } from '../lib/hash.ts'
import type { BeforeWrite } from '../lib/outside-write.ts'
import type { Random } from '../lib/random.ts'
import type { Logger } from '../observability/logger.ts'
import type { Metrics } from '../observability/metrics.ts'
import { Informer } from '../runtime/informer.ts'
import { TargetRegistry } from '../runtime/target-registry.ts'
import { RestClient } from '../kube/rest.ts'

interface Options {
  /** The cluster that holds our objects: what `inCluster` means. */
  readonly management: KubeClient
  readonly beforeWrite: BeforeWrite
  /** Called for every Node that came, changed or went. */
  readonly onNode: (target: string, node: Node, before: Node | undefined) => void
  /** Called once the nodes of a target are known. */
  readonly onSynced: (target: string) => void
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly metrics: Metrics
}

interface Kubeconfig {
  readonly text: string
  readonly context: string | undefined
}

const byInstance = 'byInstance'

/** `aws:///us-west-2a/i-0123` → `i-0123` (cloud-provider-aws, providerID). */
function instanceOf({ spec }: Node): readonly string[] {
  const id = spec.providerID?.split('/').at(-1)
  return id?.startsWith('i-') === true ? [id] : []
}

/** One client and one set of informers per target, shared by every controller, started at first use and stopped when the target goes. */
export class TargetConnections implements ConnectionsPort {
  readonly #options: Options
  readonly #registry = new TargetRegistry<TargetConnection>()
  readonly #running = new Set<Promise<unknown>>()

  constructor(options: Options) {
    this.#options = options
  }

  async open(name: string, kubeconfig: Kubeconfig | undefined): Promise<TargetConnection> {
    // oxlint-disable-next-line typescript/require-await -- a refused kubeconfig is to reject, not to throw
    return await this.#registry.acquire(name, stableHash(kubeconfig ?? 'inCluster'), async (signal) => this.#start(name, kubeconfig, signal))
  }

  close(name: string): void {
    this.#registry.release(name)
  }

  /** Resolves when every connection and informer has ended. */
  async closeAll(): Promise<void> {
    this.#registry.releaseAll()
    await Promise.all(this.#running)
  }

  #start(name: string, kubeconfig: Kubeconfig | undefined, signal: AbortSignal): TargetConnection {
    const { management, beforeWrite, clock, log, metrics } = this.#options
    const connection = kubeconfig === undefined ? undefined : connect(kubeconfigFromSecret(kubeconfig.text, kubeconfig.context, { clock }))
    const client = connection === undefined ? management : new RestClient({ connection, clock, metrics, beforeWrite })
    const { nodes, running } = this.#watchNodes(name, client, signal)
    const failed = (err: unknown): void => log.error({ err, target: name }, 'connection to a target failed')
    // Nobody waits for it before the end of the process: a rejection would be unhandled, and must not keep the connection open.
    const ended: Promise<unknown> = running
      .catch(failed)
      .then(() => connection?.close())
      .catch(failed)
      .finally(() => this.#running.delete(ended))
    this.#running.add(ended)
    return { client, nodes }
  }

  #watchNodes(name: string, client: KubeClient, signal: AbortSignal): { readonly nodes: NodeCache; readonly running: Promise<unknown> } {
    const { clock, random, log, metrics, onNode, onSynced } = this.#options
    const informer = new Informer<Node>({
      client,
      resource: resources.nodes,
      projection: projectNode,
      indexers: { [byInstance]: instanceOf },
      cluster: name,
      clock,
      random,
      log,
      metrics,
    })
    informer.addHandler({
      added: (node) => onNode(name, node, undefined),
      updated: (node, before) => onNode(name, node, before),
      deleted: (node) => onNode(name, node, undefined),
    })
    const synced = informer.synced({ signal }).then(
      () => onSynced(name),
      () => undefined, // stopped before
    )
    // What a listener throws says nothing about the nodes: they are watched on. The informer itself sees to `onNode`.
    const told = synced.catch((err: unknown) => log.error({ err, target: name }, 'listener failed when the nodes of a target were known'))
    const running = Promise.all([informer.run(signal), told])
    return {
      nodes: {
        list: () => informer.cache.list(),
        byInstance: (id) => informer.cache.byIndex(byInstance, id)[0],
        get hasSynced() {
          return informer.hasSynced
        },
      },
      running,
    }
  }
}
