import { onTestFinished } from 'vitest'
import { systemClock } from '../../../src/lib/clock.ts'
import { type Random, seededRandom } from '../../../src/lib/random.ts'
import { type ClusterAccess, loadKubeConfig } from '../../../src/kube/cluster-access.ts'
import { connect } from '../../../src/kube/connection.ts'
import type { KubeObject } from '../../../src/kube/objects.ts'
import { keyOf, resources } from '../../../src/kube/resource.ts'
import { RestClient } from '../../../src/kube/rest.ts'
import type { ControlPlane } from '../../../src/local/control-plane.ts'
import { createLogger } from '../../../src/observability/logger.ts'
import { createMetrics } from '../../../src/observability/metrics.ts'
import type { InformerTuning } from '../../../src/runtime/informer-options.ts'
import { Informer } from '../../../src/runtime/informer.ts'
import { eventually } from '../../support/eventually.ts'
import { FaultProxy } from '../../support/fault-proxy.ts'

/** As short as a test wants them; the server's bookmarks come every minute, so a quiet watch stalls here, which must harm nothing. */
const tuning: Partial<InformerTuning> = {
  stallMs: 2500,
  backoff: { baseMs: 50, capMs: 500 },
  pageSize: 5,
  pageTimeoutMs: 5000,
  staleToleranceMs: 60_000,
}

const fieldManager = 'informer-test'
let worlds = 0

/** A namespace, an informer that sees it through a faulty proxy, and a way past the proxy to change and to know what is there. */
export class World {
  readonly namespace: string
  readonly proxy: FaultProxy
  readonly informer: Informer<KubeObject>
  readonly stop = new AbortController()
  /** What the handlers were told, played back. */
  readonly replayed = new Map<string, string>()
  readonly faults: string[] = []
  /** Names of what went without our seeing it go. */
  readonly unseen: string[] = []
  readonly metrics = createMetrics()
  readonly #direct: RestClient
  readonly #signal = new AbortController().signal
  readonly #random: Random
  #ended: Promise<void> | undefined

  private constructor(proxy: FaultProxy, viaProxy: RestClient, direct: RestClient, namespace: string, over: Partial<InformerTuning>) {
    this.proxy = proxy
    this.#direct = direct
    this.namespace = namespace
    this.#random = seededRandom(worlds)
    this.informer = new Informer({
      client: viaProxy,
      resource: resources.configMaps,
      namespace,
      clock: systemClock,
      random: this.#random,
      log: createLogger({ level: 'silent' }),
      metrics: this.metrics,
      indexers: { color: ({ metadata }) => [metadata.labels?.['color'] ?? ''] },
      tuning: { ...tuning, ...over },
    })
    this.informer.addHandler({
      added: (object) => {
        if (this.replayed.has(keyOf(object.metadata))) this.faults.push(`added ${object.metadata.name} twice`)
        this.replayed.set(keyOf(object.metadata), identity(object))
      },
      updated: (object, before) => {
        if (this.replayed.get(keyOf(object.metadata)) !== identity(before)) this.faults.push(`updated ${object.metadata.name} from something else`)
        this.replayed.set(keyOf(object.metadata), identity(object))
      },
      deleted: ({ metadata }, { finalStateUnknown }) => {
        if (!this.replayed.delete(keyOf(metadata))) this.faults.push(`deleted ${metadata.name} that was not there`)
        if (finalStateUnknown) this.unseen.push(metadata.name)
      },
    })
  }

  /** Ends with the test. */
  static async open(plane: ControlPlane, over: Partial<InformerTuning> = {}): Promise<World> {
    worlds += 1
    const access = await loadKubeConfig({ path: plane.kubeconfig })
    const proxy = await FaultProxy.start(access)
    const [direct, viaProxy] = [clientOf(access), clientOf(proxy.access)]
    const namespace = `informer-${worlds}`
    const world = new World(proxy, viaProxy.client, direct.client, namespace, over)
    onTestFinished(async () => {
      await world.end()
      await Promise.all([viaProxy.close(), proxy.close(), direct.close()])
    })
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }
    await direct.client.apply(resources.namespaces, { name: namespace }, body, { fieldManager, signal: new AbortController().signal })
    return world
  }

  start(): void {
    this.#ended = this.informer.run(this.stop.signal)
  }

  async end(): Promise<void> {
    this.stop.abort()
    await this.#ended
  }

  async put(name: string): Promise<KubeObject> {
    const color = ['red', 'green', 'blue'][Math.floor(this.#random.next() * 3)]
    const key = { namespace: this.namespace, name }
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...key, labels: { color } }, data: { at: this.#random.id(), text: 'Größe ✓'.repeat(20) } }
    return await this.#direct.apply(resources.configMaps, key, body, { fieldManager, signal: this.#signal })
  }

  async remove(name: string): Promise<void> {
    await this.#direct.delete(resources.configMaps, { namespace: this.namespace, name }, { signal: this.#signal })
  }

  async recreate(name: string): Promise<void> {
    await this.remove(name)
    await this.put(name)
  }

  /** Writes, deletions and recreations of a dozen objects. */
  async churn(times: number): Promise<void> {
    for (let time = 0; time < times; time += 1) {
      const name = `c${Math.floor(this.#random.next() * 12)}`
      const present = (await this.truth()).has(`${this.namespace}/${name}`)
      const dice = this.#random.next()
      if (!present || dice < 0.5) await this.put(name)
      else if (dice < 0.75) await this.remove(name)
      else await this.recreate(name)
    }
  }

  /** What the server holds, asked past the proxy. */
  async truth(): Promise<Map<string, string>> {
    const { items } = await this.#direct.list<KubeObject>(resources.configMaps, { namespace: this.namespace, signal: this.#signal })
    return new Map(items.map((object) => [keyOf(object.metadata), identity(object)]))
  }

  /** The cache, its index, and the played back events come to be what the server holds; throws with both where they do not. */
  async converges(): Promise<boolean> {
    const { cache } = this.informer
    return await eventually(async () => {
      const truth = sorted(await this.truth())
      const [cached, replayed] = [sorted(new Map(cache.list().map((object) => [keyOf(object.metadata), identity(object)]))), sorted(this.replayed)]
      const indexed = ['red', 'green', 'blue'].flatMap((color) => cache.byIndex('color', color)).length
      if (cached === truth && replayed === truth && indexed === cache.size && this.faults.length === 0) return true
      throw new Error(JSON.stringify({ truth, cached, replayed, indexed, faults: this.faults }, undefined, 2))
    })
  }

  async restarts(reason: string): Promise<number> {
    const counter = await this.metrics.registry.getSingleMetric('informer_restarts_total')?.get()
    return counter?.values.find(({ labels }) => (labels as { readonly reason?: string }).reason === reason)?.value ?? 0
  }
}

function identity({ metadata }: KubeObject): string {
  return `${metadata.uid} ${metadata.resourceVersion}`
}

function sorted(objects: ReadonlyMap<string, string>): string {
  return [...objects]
    .map(([key, value]) => `${key} ${value}`)
    .toSorted()
    .join('\n')
}

function clientOf(access: ClusterAccess): { readonly client: RestClient; readonly close: () => Promise<void> } {
  const connection = connect(access)
  return { client: new RestClient({ connection, clock: systemClock, metrics: createMetrics() }), close: connection.close }
}
