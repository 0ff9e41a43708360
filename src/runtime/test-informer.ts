import { FakeClock } from '../lib/fake-clock.ts'
import { seededRandom } from '../lib/random.ts'
import { KubeError } from '../kube/kube-error.ts'
import type { KubeObject } from '../kube/objects.ts'
import { resources } from '../kube/resource.ts'
import { createLogger } from '../observability/logger.ts'
import { createMetrics } from '../observability/metrics.ts'
import type { InformerOptions } from './informer-options.ts'
import { TestListWatch } from './informer-test-server.ts'
import { Informer } from './informer.ts'

const silent = createLogger({ level: 'silent' })

/** An informer of nodes on a server in memory, and in `seen` what its handler was told: `+` added, `~` updated, `-` deleted. */
export function setUp(options: Partial<InformerOptions<KubeObject>> = {}) {
  const server = new TestListWatch()
  const clock = new FakeClock()
  const metrics = createMetrics()
  const stop = new AbortController()
  const informer = new Informer({ client: server.client, resource: resources.nodes, clock, random: seededRandom(1), log: silent, metrics, ...options })
  const seen: string[] = []
  informer.addHandler({
    added: ({ metadata }) => seen.push(`+${metadata.name}/${metadata.uid}`),
    updated: ({ metadata }, before) => seen.push(`~${metadata.name} ${before.metadata.resourceVersion}>${metadata.resourceVersion}`),
    deleted: ({ metadata }, info) => seen.push(`-${metadata.name}/${metadata.uid}${info.finalStateUnknown ? ' unseen' : ''}`),
  })
  const start = async (): Promise<void> => {
    void informer.run(stop.signal)
    await clock.advance(0)
  }
  const metric = async (name: string, labels: Readonly<Record<string, string>> = {}): Promise<number | undefined> => {
    const found = await metrics.registry.getSingleMetric(name)?.get()
    return found?.values.find((value) => Object.entries(labels).every(([label, wanted]) => value.labels[label as never] === wanted))?.value
  }
  return { server, clock, informer, seen, stop, start, metric }
}

/** A connection that broke. */
export const reset = (): KubeError => new KubeError(0, 'NoAnswer', 'ECONNRESET')
