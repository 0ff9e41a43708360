import { eksNodeGroups } from '../../crds/eks-node-group.ts'
import { targetClusters } from '../../crds/target-cluster.ts'
import type { KubeClient } from '../../kube/client.ts'
import type { CustomObject } from '../../kube/objects.ts'
import { keyOf } from '../../kube/resource.ts'
import { systemClock } from '../../lib/clock.ts'
import { systemRandom } from '../../lib/random.ts'
import { createLogger } from '../../observability/logger.ts'
import { createMetrics } from '../../observability/metrics.ts'
import { Informer } from '../../runtime/informer.ts'
import { commandApart, inWords, isReady } from './in-words.ts'

/** Says in one line whatever happens to our objects. */
export interface Narrator {
  /** Resolves when there are objects and all of them were Ready at once. */
  readonly allReady: Promise<void>
  stop(): Promise<void>
}

export function startNarrator(client: KubeClient, say: (line: string) => void): Narrator {
  const stop = new AbortController()
  const common = { client, clock: systemClock, random: systemRandom, log: createLogger({ level: 'silent' }), metrics: createMetrics() }
  const { promise: allReady, resolve } = Promise.withResolvers<void>()
  const informers = [targetClusters, eksNodeGroups].map((resource) => new Informer<CustomObject>({ ...common, resource }))
  const running = informers.map((informer, index) => {
    const { kind } = [targetClusters, eksNodeGroups][index] ?? targetClusters
    const name = ({ metadata }: CustomObject): string => `${kind} ${keyOf(metadata)}`
    const changed = (object: CustomObject, before?: CustomObject): void => {
      const now = inWords(object)
      if (now !== undefined && now !== (before === undefined ? undefined : inWords(before))) say(commandApart(`${name(object)}: ${now}`))
      const all = informers.map(({ cache }) => cache.list())
      if (all.every((objects) => objects.length > 0 && objects.every(isReady))) resolve()
    }
    informer.addHandler({ added: (object) => changed(object), updated: changed, deleted: (object) => say(`${name(object)}: gone`) })
    return informer.run(stop.signal)
  })
  return {
    allReady,
    stop: async () => {
      stop.abort()
      await Promise.all(running)
    },
  }
}
