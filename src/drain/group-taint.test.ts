import { expect, test } from 'vitest'
import { KubeError } from '../kube/kube-error.ts'
import type { Node } from '../kube/objects.ts'
import type { RawPod } from '../kube/pod-summary.ts'
import { projectPod } from '../kube/projections.ts'
import { FakeClock } from '../lib/fake-clock.ts'
import { seededRandom } from '../lib/random.ts'
import { createMetrics } from '../observability/metrics.ts'
import { defaultDrainRules } from '../scaling/drain/rules.ts'
import { loadBalancerLabel, loadBalancerValue, taintOf } from './mark.ts'
import type { DrainState } from './request.ts'
import { DrainService } from './service.ts'

const context = { signal: new AbortController().signal }
const mark = { kind: 'leaving', uid: 'group-1' } as const

function podsOn(name: string): readonly RawPod[] {
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'rs', controller: true }]
  const metadata = { namespace: 'team', name: `on-${name}`, uid: `on-${name}`, resourceVersion: '1', ownerReferences }
  return [{ metadata, spec: { nodeName: name }, status: { phase: 'Running' } }]
}

async function unexpected(): Promise<never> {
  throw new Error('nothing of this is asked for')
}

/** Nodes whose group carries our mark as its own taint, each with a pod that a budget holds. */
function setUp(names: readonly string[], maxConcurrentDrains: number, labels: Readonly<Record<string, string>> = {}) {
  const clock = new FakeClock()
  const nodes = new Map(
    names.map((name): [string, Node] => [name, { metadata: { name, uid: name, resourceVersion: '1', labels }, spec: { taints: [taintOf(mark)] } }]),
  )
  const patched: unknown[] = []
  const start = (): DrainService =>
    new DrainService({
      target: 'demo',
      api: {
        node: async (name) => nodes.get(name),
        patchNode: async (name, operations) => {
          patched.push(operations.filter(({ op }) => op !== 'test'))
          const node = nodes.get(name) as Node
          const after = { ...node, metadata: { ...node.metadata, labels: { [loadBalancerLabel]: loadBalancerValue } } }
          nodes.set(name, after)
          return after
        },
        podsOn: async (name) => podsOn(name),
        evict: async () => {
          throw new KubeError(429, 'TooManyRequests', 'held')
        },
        deletePod: unexpected,
        attachments: unexpected,
        volumeOf: unexpected,
        mayDeletePods: unexpected,
      },
      cache: { node: (name) => nodes.get(name), markedNodes: () => [...nodes.values()], podsOn: (name) => podsOn(name).map(projectPod) },
      budget: { maxConcurrentDrains, evictionsPerSecond: 1000 },
      clock,
      begun: () => new Set([...states].flatMap(([name, { isolatedAt }]) => (isolatedAt === undefined ? [] : [name]))),
      random: seededRandom(1),
      metrics: createMetrics(),
    })
  const states = new Map<string, DrainState>()
  /** `isNew`: no status says anything yet. */
  const drain = async (service: DrainService, { isNew = true, only = names } = {}): Promise<readonly string[]> => {
    const steps: string[] = []
    if (isNew) states.clear()
    for (const name of only) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, as the queue has them
      const { state } = await service.drainNode(
        { node: { name, uid: name }, mark, rules: defaultDrainRules, deadline: undefined, state: states.get(name) },
        context,
      )
      states.set(name, state)
      steps.push(state.step)
    }
    return steps
  }
  return { start, drain, patched, clock }
}

test('a mark that the group put on its nodes is ours, and begins no drain: the budget holds, also after a restart', async () => {
  const { start, drain, patched } = setUp(['a', 'b', 'c'], 1)
  expect(await drain(start())).toEqual(['Draining', 'Waiting', 'Waiting'])
  expect(await drain(start())).toEqual(['Draining', 'Waiting', 'Waiting'])
  const label = `/metadata/labels/${loadBalancerLabel.replaceAll('/', '~1')}`
  expect(patched).toEqual([[{ op: 'add', path: label, value: loadBalancerValue }]])
})

test('beside another’s label for load balancers it begins none either: the status tells which has begun, also after a restart, and the label stays', async () => {
  const { start, drain, patched } = setUp(['a', 'b', 'c'], 1, { [loadBalancerLabel]: 'true' })
  const first = start()
  expect(await drain(first)).toEqual(['Draining', 'Waiting', 'Waiting'])
  expect(await drain(first, { isNew: false })).toEqual(['Draining', 'Waiting', 'Waiting'])
  expect(await drain(start(), { isNew: false })).toEqual(['Draining', 'Waiting', 'Waiting'])
  expect(patched).toEqual([])
})

test.each(['in the same process', 'after a restart'])('beside another’s label a drain keeps its place also while nobody goes on with it: %s', async (where) => {
  const { start, drain, clock } = setUp(['a', 'b'], 1, { [loadBalancerLabel]: 'true' })
  const first = start()
  expect(await drain(first)).toEqual(['Draining', 'Waiting'])
  await clock.advance(180_000)
  const next = where === 'after a restart' ? start() : first
  expect(await drain(next, { isNew: false, only: ['b'] })).toEqual(['Waiting'])
})
