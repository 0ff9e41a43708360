import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import type { KubeClient } from '../../kube/client.ts'
import { KubeError } from '../../kube/kube-error.ts'
import type { Node } from '../../kube/objects.ts'
import { FakeClock } from '../../lib/fake-clock.ts'
import { seededRandom } from '../../lib/random.ts'
import { createNodegroup } from '../eks/create-nodegroup.ts'
import { testRegion } from '../test-region.ts'
import { runJoiner } from './joiner.ts'

type Verb = 'list' | 'create' | 'apply' | 'delete'

/** Nodes in memory, and the verbs that fail next. Only what the joiner calls is there. */
function nodesPort(): { readonly kube: KubeClient; readonly nodes: Map<string, Node>; readonly fail: Verb[] } {
  const nodes = new Map<string, Node>()
  const fail: Verb[] = []
  const maybeFail = (verb: Verb): void => {
    const index = fail.indexOf(verb)
    if (index < 0) return
    fail.splice(index, 1)
    throw new KubeError(500, 'InternalError', `${verb} failed`)
  }
  let uid = 0
  const port = {
    list: async () => {
      maybeFail('list')
      return await Promise.resolve({ items: [...nodes.values()], metadata: { resourceVersion: '1' } })
    },
    create: async (_resource: unknown, body: object) => {
      maybeFail('create')
      uid += 1
      const node = body as Node
      const made = { ...node, metadata: { ...node.metadata, uid: `uid-${uid}` } }
      nodes.set(node.metadata.name, made)
      return await Promise.resolve(made)
    },
    apply: async (_resource: unknown, key: { readonly name: string }, body: object) => {
      maybeFail('apply')
      const node = nodes.get(key.name)
      if (node === undefined) throw new KubeError(404, 'NotFound', key.name)
      nodes.set(key.name, { ...node, ...('status' in body ? { status: body.status as NonNullable<Node['status']> } : {}) })
      return await Promise.resolve(node)
    },
    delete: async (_resource: unknown, key: { readonly name: string }) => {
      maybeFail('delete')
      nodes.delete(key.name)
      await Promise.resolve()
    },
  }
  return { kube: port as unknown as KubeClient, nodes, fail }
}

const input = { clusterName: 'demo', nodegroupName: 'workers', subnets: ['subnet-0a1b2c3d4e5f60001'], nodeRole: 'arn:aws:iam::111122223333:role/demo-node' }

describe('runJoiner', () => {
  it.each([
    { when: 'nothing fails', failures: [] },
    { when: 'the list fails', failures: ['list', 'list'] },
    { when: 'a create fails', failures: ['create'] },
    { when: 'it dies between create and status', failures: ['apply', 'apply'] },
    { when: 'a removal fails', failures: ['delete'] },
  ] as const)('ends with the nodes of the instances when $when', async ({ failures }) => {
    const { world, region, cluster, advance } = testRegion()
    const { kube, nodes, fail } = nodesPort()
    const clock = new FakeClock()
    const stop = new AbortController()
    fail.push(...failures)
    const running = runJoiner(
      {
        kube,
        isHere: (name) => name === 'demo',
        regions: () => world.regions(),
        onChange: (listener) => world.onChange(listener),
        clock,
        random: seededRandom(3),
        log: pino({ level: 'silent' }),
      },
      stop.signal,
    )
    createNodegroup(region, cluster, { ...input, scalingConfig: { minSize: 0, maxSize: 5, desiredSize: 3 } })
    advance(120)
    await clock.advance(60_000)
    expect(nodes.size).toBe(3)
    expect([...nodes.values()].every(({ status }) => status?.capacity?.['cpu'] === '2')).toBe(true)
    world.reset()
    await clock.advance(60_000)
    expect(nodes.size).toBe(0)
    stop.abort()
    await clock.advance(60_000)
    await running
  })
})
