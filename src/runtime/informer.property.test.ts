import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { seededRandom } from '../lib/random.ts'
import { KubeError } from '../kube/kube-error.ts'
import type { KubeObject } from '../kube/objects.ts'
import { resources } from '../kube/resource.ts'
import { createLogger } from '../observability/logger.ts'
import { createMetrics } from '../observability/metrics.ts'
import type { InformerHandler } from './informer-handlers.ts'
import { TestListWatch } from './informer-test-server.ts'
import { Informer } from './informer.ts'

type Step =
  | { readonly do: 'put' | 'remove' | 'recreate'; readonly name: string }
  | { readonly do: 'fail' | 'end'; readonly status: number }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'bookmark' | 'clean' | 'halfOpen' | 'compact' | 'fallBehind' | 'catchUp' | 'refuse' | 'take' | 'lateHandler' }

const names = fc.constantFrom('a', 'b', 'c', 'd')
const statuses = fc.constantFrom(0, 403, 404, 410, 422, 429, 500, 503)
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('put', 'remove', 'recreate'), name: names }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('fail', 'end'), status: statuses }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('advance'), ms: fc.constantFrom(0, 500, 2000, 40_000, 160_000) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('bookmark', 'clean', 'halfOpen', 'compact', 'fallBehind', 'catchUp', 'refuse', 'take', 'lateHandler'),
    }),
  },
)

/** Replays what it is told, and refuses what cannot follow on what it was told before. */
function replay(): { readonly held: Map<string, KubeObject>; readonly handler: InformerHandler<KubeObject>; readonly faults: string[] } {
  const held = new Map<string, KubeObject>()
  const faults: string[] = []
  const check = (ok: boolean, what: string): void => {
    if (!ok) faults.push(what)
  }
  return {
    held,
    faults,
    handler: {
      added: (object) => {
        check(!held.has(object.metadata.name), `added ${object.metadata.name} twice`)
        held.set(object.metadata.name, object)
      },
      updated: (object, before) => {
        check(held.get(object.metadata.name) === before, `updated ${object.metadata.name} from something else`)
        check(object.metadata.uid === before.metadata.uid, `updated ${object.metadata.name} to another UID`)
        check(object.metadata.resourceVersion !== before.metadata.resourceVersion, `updated ${object.metadata.name} to the same`)
        held.set(object.metadata.name, object)
      },
      deleted: (object) => {
        check(held.get(object.metadata.name)?.metadata.uid === object.metadata.uid, `deleted ${object.metadata.name} that was not there`)
        held.delete(object.metadata.name)
      },
    },
  }
}

async function play(server: TestListWatch, clock: FakeClock, step: Step, late: () => void): Promise<void> {
  switch (step.do) {
    case 'put':
      server.put(step.name)
      break
    case 'remove':
      server.remove(step.name)
      break
    case 'recreate':
      server.remove(step.name)
      server.put(step.name)
      break
    case 'fail':
      server.failNext.push(new KubeError(step.status, 'Scripted', 'scripted'))
      break
    case 'end':
      server.end(new KubeError(step.status, 'Scripted', 'scripted'))
      break
    case 'advance':
      await clock.advance(step.ms)
      break
    case 'clean':
      server.end('clean')
      break
    case 'refuse':
    case 'take':
      server.refuseWatchList = step.do === 'refuse'
      break
    case 'lateHandler':
      late()
      break
    case 'bookmark':
    case 'halfOpen':
    case 'compact':
    case 'fallBehind':
    case 'catchUp':
      server[step.do]()
      break
  }
}

function versions(objects: ReadonlyMap<string, KubeObject> | readonly KubeObject[]): Record<string, string> {
  return Object.fromEntries([...objects.values()].map(({ metadata }) => [`${metadata.name}/${metadata.uid}`, metadata.resourceVersion]))
}

test('whatever happens on the way, in the end the cache and every replay of its events are what the server holds', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 40 }), fc.integer(), async (script, seed) => {
      const server = new TestListWatch()
      const clock = new FakeClock()
      const stop = new AbortController()
      const informer = new Informer({
        client: server.client,
        resource: resources.nodes,
        clock,
        random: seededRandom(seed),
        metrics: createMetrics(),
        log: createLogger({ level: 'silent' }),
        indexers: { uid: ({ metadata }) => [metadata.uid] },
        tuning: { pageSize: 2 },
      })
      const replays = [replay()]
      informer.addHandler({
        added: () => {
          throw new Error('a handler that is broken')
        },
      })
      informer.addHandler(replays[0]?.handler ?? {})
      const ended = informer.run(stop.signal)
      const late = (): void => {
        const another = replay()
        replays.push(another)
        informer.addHandler(another.handler)
      }
      for (const one of script) await play(server, clock, one, late)
      server.catchUp()
      server.failNext.length = 0
      // a stall, a backoff, and a list
      await clock.advance(400_000)
      const truth = versions(server.truth())
      expect(informer.hasSynced).toBe(true)
      expect(versions(informer.cache.list())).toEqual(truth)
      for (const object of informer.cache.list()) expect(informer.cache.byIndex('uid', object.metadata.uid)).toEqual([object])
      for (const { held, faults } of replays) {
        expect(faults).toEqual([])
        expect(versions(held)).toEqual(truth)
      }
      stop.abort()
      await ended
      expect(clock.sleeping).toBe(0)
    }),
    { numRuns: 300 },
  )
}, 30_000)
