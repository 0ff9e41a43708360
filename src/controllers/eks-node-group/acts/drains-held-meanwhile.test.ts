import { expect, test } from 'vitest'
import { kubeDrainApi } from '../../../drain/kube-api.ts'
import { DrainService } from '../../../drain/service.ts'
import type { ChangeOptions, KubeClient, ListOptions } from '../../../kube/client.ts'
import { KubeError } from '../../../kube/kube-error.ts'
import type { Node } from '../../../kube/objects.ts'
import type { RawPod } from '../../../kube/pod-summary.ts'
import { projectPod } from '../../../kube/projections.ts'
import { FakeClock } from '../../../lib/fake-clock.ts'
import { seededRandom } from '../../../lib/random.ts'
import { createMetrics } from '../../../observability/metrics.ts'
import type { Holder } from '../../../runtime/freeze.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import type { Pass } from '../pass.ts'
import { aRemoval } from '../removals/test-world.ts'
import { drainRemovals } from './drain-removals.ts'

const frozen: Holder = { what: 'TargetCluster demo', suspend: false, annotations: { 'tidegate.io/frozen-until': '2026-11-22T06:00:00Z' } }
const isolatedAt = '2026-11-21T05:59:00Z'

const taints = [{ key: 'tidegate.io/leaving', value: 'u1', effect: 'NoSchedule' as const }]
const labels = { 'node.kubernetes.io/exclude-from-external-load-balancers': 'tidegate' }
/** It bears our mark. */
const nodeOf = (name: string): Node => ({
  metadata: { name, uid: name.replace('node-', 'uid-'), resourceVersion: '1', labels },
  spec: { taints },
  status: { conditions: [{ type: 'Ready', status: 'True' }] },
})
/** Of a controller of its own. */
function podOf(on: string, name: string): RawPod {
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name, uid: `rs-${name}`, controller: true }]
  const metadata = { namespace: 'team', name, uid: name, resourceVersion: '1', creationTimestamp: isolatedAt, ownerReferences }
  return { metadata, spec: { nodeName: on }, status: { phase: 'Running' } }
}

interface Given {
  readonly nodes: number
  readonly podsEach: number
  /** How long AWS took, or the limit of calls to this API server holds each write up. */
  readonly slowReadsMs?: number
  readonly eachWriteMs?: number
  /** After so many writes somebody freezes the target, which no watch shows. */
  readonly frozenAfter?: number
  readonly asking?: Partial<Pass['surroundings']>
}

/** One pass over nodes that are isolated already, in a target with the widest budget. */
async function drains({ nodes, podsEach, slowReadsMs = 0, eachWriteMs = 0, frozenAfter = Number.POSITIVE_INFINITY, asking = {} }: Given) {
  const clock = new FakeClock()
  const freeAt = clock.now()
  let asked = 0
  let sent = 0
  let turn = Promise.resolve()
  // As the client does it: asks when its rate limit has let the call pass.
  const write = async ({ confirm }: ChangeOptions): Promise<void> => {
    turn = turn.then(async () => await clock.advance(eachWriteMs))
    await turn
    await confirm?.()
    sent += 1
  }
  const podsOn = (on: string): readonly RawPod[] => Array.from({ length: podsEach }, (_, index) => podOf(on, `${on}-${index}`))
  const client = {
    list: async (_: object, { fieldSelector = '' }: ListOptions) => ({ items: podsOn(fieldSelector.replace('spec.nodeName=', '')), metadata: {} }),
    evict: async (_: object, options: ChangeOptions) => await write(options),
  } as unknown as KubeClient
  const ids = Array.from({ length: nodes }, (_, index) => `i-${index}`)
  const drain = new DrainService({
    target: 'demo',
    api: kubeDrainApi(client),
    cache: { node: nodeOf, markedNodes: () => [], podsOn: (on) => podsOn(on).map(projectPod) },
    budget: { maxConcurrentDrains: 200, evictionsPerSecond: 1000 },
    clock,
    random: seededRandom(1),
    metrics: createMetrics(),
  })
  const removals = ids.map((id) => aRemoval(id, { state: 'Draining', drain: { step: 'Draining', isolatedAt } }))
  const pass = aPass({ group: aGroup(), scalingGroup: aScalingGroup(), status: { removals }, now: freeAt })
  const surroundings: Pass['surroundings'] = {
    ...pass.surroundings,
    now: () => clock.now(),
    askHolders: async () => {
      asked += 1
      return sent >= frozenAfter ? [frozen] : []
    },
    ...asking,
  }
  await clock.advance(slowReadsMs)
  const result = await drainRemovals({ ...pass, freeAt, surroundings, target: { ...pass.target, drain } }).catch((error: unknown) => error)
  return { result, sent, asked, conditions: pass.draft.conditions.compose(clock.now(), 1), removals: pass.draft.status.removals }
}

test('P10: AWS took twenty seconds, and a freeze of that time, which no watch shows, lets no pod be evicted', async () => {
  const { result, sent, conditions, removals } = await drains({ nodes: 2, podsEach: 3, slowReadsMs: 20_000, frozenAfter: 0 })
  expect(sent).toBe(0)
  expect(result).toEqual({ kind: 'requeueAfter', ms: 30_000 })
  expect(conditions.find(({ type }) => type === 'Paused')).toMatchObject({ status: 'True', reason: 'Frozen' })
  expect(conditions.find(({ type }) => type === 'InSync')).toMatchObject({ status: 'False', reason: 'Frozen' })
  expect(removals?.map(({ state }) => state)).toEqual(['Draining', 'Draining'])
})

test('P10: a freeze in the middle of many drains lets at most the batch of fifty go on, counted over all nodes', async () => {
  const { sent } = await drains({ nodes: 50, podsEach: 10, frozenAfter: 30 })
  expect(sent).toBeGreaterThanOrEqual(30)
  expect(sent).toBeLessThanOrEqual(100)
})

test('P10: where calls are slow a freeze lets go on what is sent within a second', async () => {
  const { sent } = await drains({ nodes: 5, podsEach: 9, eachWriteMs: 100, frozenAfter: 3 })
  expect(sent).toBeGreaterThanOrEqual(3)
  expect(sent).toBeLessThanOrEqual(14)
})

test('fifty nodes share their questions: one for each fifty writes', async () => {
  const { sent, asked } = await drains({ nodes: 50, podsEach: 10 })
  // What a limit of 1,000 a second gives at once; for the first fifty the pass has asked.
  expect(sent).toBe(250)
  expect(asked).toBe(4)
})

test('P10: an API server that does not say whether it may lets nothing go on, and its error is no answer to an eviction', async () => {
  const down = new KubeError(404, 'NotFound', 'the server could not find the requested resource')
  const { result, sent, removals } = await drains({
    nodes: 2,
    podsEach: 3,
    slowReadsMs: 2_000,
    asking: {
      askHolders: async () => {
        throw down
      },
    },
  })
  expect([result, sent]).toEqual([down, 0])
  expect(removals?.map(({ message }) => message)).toEqual(['', ''])
})
