import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import type { KubeClient } from '../../kube/client.ts'
import { KubeError } from '../../kube/kube-error.ts'
import type { KubeObject } from '../../kube/objects.ts'
import type { Resource } from '../../kube/resource.ts'
import { FakeClock } from '../../lib/fake-clock.ts'
import { nodegroupEvents } from '../eks/nodegroup-life.ts'
import { terminate } from '../autoscaling/termination.ts'
import { nodeObject } from '../joiner/node-object.ts'
import type { Instance } from '../state.ts'
import { type TestGroup, testGroup } from '../test-group.ts'
import { runDrainer } from './drainer.ts'

/** One node and its pods in memory: what is asked to leave leaves at once, unless its name is among `held`. */
class OneNode {
  readonly pods = new Set<string>()
  readonly held = new Set<string>()
  readonly deleted: string[] = []
  cordons = 0
  /** Calls that fail before one works again. */
  failures = 0
  node: KubeObject | undefined

  readonly kube: KubeClient = {
    get: async () => await this.#answer(() => this.node ?? gone('node')),
    jsonPatch: async () =>
      await this.#answer(() => {
        this.cordons += 1
        return {}
      }),
    list: async () =>
      await this.#answer(() => ({
        items: [...this.pods].map((name) => ({ metadata: { name, namespace: 'ns', uid: name } })),
        metadata: { resourceVersion: '1' },
      })),
    evict: async ({ name }: { readonly name: string }) =>
      await this.#answer(() => {
        if (this.held.has(name)) throw new KubeError(429, 'TooManyRequests', 'a budget says no')
        this.pods.delete(name)
      }),
    delete: async (_resource: Resource, { name }: { readonly name: string }) =>
      await this.#answer(() => {
        this.deleted.push(name)
        this.pods.delete(name)
      }),
  } as unknown as KubeClient

  async #answer<T>(work: () => T): Promise<T> {
    await Promise.resolve()
    this.failures -= 1
    if (this.failures >= 0) throw new KubeError(500, 'InternalError', 'not now')
    return work()
  }
}

function gone(what: string): never {
  throw new KubeError(404, 'NotFound', what)
}

interface World extends TestGroup {
  readonly api: OneNode
  readonly victim: Instance
  readonly real: FakeClock
}

/** A group of one node whose termination has begun while the drainer runs. */
async function leaving(prepare: (api: OneNode) => void, check: (world: World) => Promise<void>): Promise<void> {
  const parts = testGroup(1, { attached: true })
  const [victim] = parts.members()
  if (victim === undefined) throw new Error('no member')
  const api = new OneNode()
  api.node = nodeObject(parts.region, parts.cluster, parts.nodegroup, victim) as KubeObject
  prepare(api)
  const real = new FakeClock()
  const stop = new AbortController()
  const options = {
    kube: api.kube,
    isHere: () => true,
    regions: () => parts.world.regions(),
    onChange: (listener: () => void) => parts.world.onChange(listener),
    clock: real,
    log: pino({ level: 'silent' }),
  }
  const running = runDrainer(options, stop.signal)
  terminate(parts.region, parts.group, victim, 'a user request', nodegroupEvents)
  await real.advance(5000)
  await check({ ...parts, api, victim, real })
  stop.abort()
  await real.advance(60_000)
  await running
}

describe('runDrainer', () => {
  it('cordons once and empties the node', async () => {
    await leaving(
      (api) => ['a', 'b'].forEach((name) => api.pods.add(name)),
      async ({ api, victim }) => {
        expect([victim.drain?.state, api.cordons, api.pods.size, api.deleted]).toEqual(['Drained', 1, 0, []])
        await Promise.resolve()
      },
    )
  })

  it('tries again what the API server could not answer', async () => {
    await leaving(
      (api) => {
        api.pods.add('a')
        api.failures = 5
      },
      async ({ victim }) => {
        expect(victim.drain?.state).toBe('Drained')
        await Promise.resolve()
      },
    )
  })

  it('waits for a budget, and names the pods that are left', async () => {
    await leaving(
      (api) => {
        api.pods.add('a').add('b')
        api.held.add('b')
      },
      async ({ api, victim, real }) => {
        expect([victim.drain?.state, victim.drain?.podsLeft]).toEqual(['Evicting', ['ns/b']])
        api.held.clear()
        await real.advance(5000)
        expect(victim.drain?.state).toBe('Drained')
      },
    )
  })

  it('ends where there is no node', async () => {
    await leaving(
      (api) => {
        api.node = undefined
        api.pods.add('a')
      },
      async ({ victim, api }) => {
        expect([victim.drain?.state, api.pods.size]).toEqual(['Drained', 1])
        await Promise.resolve()
      },
    )
  })

  it('never touches a node that another machine has under this name', async () => {
    await leaving(
      (api) => {
        api.node = { metadata: { name: 'n', uid: 'u', resourceVersion: '1' }, spec: { providerID: 'aws:///us-west-2a/i-00000000000000000' } } as KubeObject
      },
      async ({ victim, api }) => {
        expect([victim.drain?.state, api.cordons]).toEqual(['Drained', 0])
        await Promise.resolve()
      },
    )
  })
})
