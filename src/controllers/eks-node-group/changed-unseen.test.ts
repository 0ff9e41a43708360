import { expect, test } from 'vitest'
import type { EksNodeGroup } from '../../crds/eks-node-group.ts'
import type { Frozen } from '../../runtime/reconciler.ts'
import { aGroup, aPass, aScalingGroup } from './test-pass.ts'
import { EksNodeGroupReconciler } from './reconciler.ts'

const now = '2026-11-21T06:00:00Z'
const member = { zone: 'a', lifecycleState: 'InService', protectedFromScaleIn: false, instanceType: 'm6i.large' }
const draining = { nodeUID: 'i-1', nodeName: 'i-1', instanceId: 'i-1', state: 'Draining', message: '', since: now } as const
const waiting = { type: 'Reconciling', status: 'True', reason: 'RemovingNodes', message: 'node-1 is drained', lastTransitionTime: now } as const

interface Given {
  readonly leaves?: boolean
  /** As the pass has them. */
  readonly annotations?: Record<string, string>
}

type Live = (object: Frozen<EksNodeGroup>) => Frozen<EksNodeGroup> | undefined

/** One pass over a group of two nodes that wants one; `leaves`: the other is drained already. */
async function pass(kind: 'reconcile' | 'finalize', live: Live, { leaves = true, annotations = {} }: Given = {}) {
  const done: string[] = []
  let reads = 0
  const scalingGroup = aScalingGroup({
    minSize: 0,
    desiredCapacity: leaves ? 2 : 1,
    instances: leaves
      ? [
          { ...member, instanceId: 'i-1' },
          { ...member, instanceId: 'i-2' },
        ]
      : [{ ...member, instanceId: 'i-2' }],
  })
  const status = { arn: 'arn:workers', conditions: [waiting], ...(leaves ? { removals: [draining] } : {}) }
  const { draft, context, sizes, surroundings, target } = aPass({
    object: { generation: 3, annotations, ...(kind === 'finalize' ? { deletionTimestamp: now } : {}) },
    spec: { scaling: { minSize: 0, maxSize: 10, desiredSize: 1, sizeOwner: 'Spec', allowLarge: false } },
    status,
    now: new Date(now),
    nodeGroups: { describe: async () => aGroup({ scaling: { minSize: 0, maxSize: 10, desiredSize: 1 } }) },
    scalingGroups: { describe: async () => [scalingGroup], ofCluster: async () => [scalingGroup], activities: async () => [] },
    nodes: {
      byInstance: (id) => ({ metadata: { name: id, uid: id, resourceVersion: '1' }, spec: {}, status: { conditions: [{ type: 'Ready', status: 'True' }] } }),
    },
    drain: {
      drainNode: async () => {
        done.push('drain')
        throw new Error('far enough')
      },
      release: async () => {
        done.push('release')
        return { kind: 'gone' }
      },
    },
  })
  draft.conditions.setTrue('Provisioned', 'Active')
  draft.conditions.setTrue('NodesReady', 'NodesReady')
  const askObject = async (object: Frozen<EksNodeGroup>) => {
    reads += 1
    return live(object)
  }
  const object = { ...draft.object, status: { ...status, observedGeneration: 3 } } as unknown as EksNodeGroup
  const reconciler = new EksNodeGroupReconciler({ targets: { find: () => ({ state: 'ready', target }) }, sizes, surroundings: { ...surroundings, askObject } })
  const given = { ...draft, object }
  const result = await reconciler[kind](given, context).catch((error: unknown) => error)
  return { result, done, reads, conditions: draft.conditions.compose(new Date(now), 3), status: draft.status }
}

const withMeta =
  (changed: Partial<EksNodeGroup['metadata']>): Live =>
  (object) => ({ ...object, metadata: { ...object.metadata, ...changed } })

const changes: Record<string, Live> = {
  'a freeze of the object': withMeta({ annotations: { 'tidegate.io/frozen-until': '2026-11-22T06:00:00Z' } }),
  'another spec, such as a raised number or a cancelled removal': withMeta({ generation: 4 }),
  'a deletion': withMeta({ deletionTimestamp: '2026-11-21T05:59:00Z' }),
  'another object of the same name': withMeta({ uid: 'u2' }),
  'that the object is gone': () => undefined,
}

test.each(Object.entries(changes))('P10: %s that a silent watch does not show stops a drain, and what was said stays', async (_, live) => {
  const { result, done, conditions, status } = await pass('reconcile', live)
  expect(done).toEqual([])
  expect(result).toEqual({ kind: 'requeueAfter', ms: 2_000, unjudged: true })
  expect(status.removals).toEqual([draining])
  expect(conditions.find(({ type }) => type === 'Reconciling')).toMatchObject({ reason: 'RemovingNodes', message: 'node-1 is drained' })
})

test('P10: a freeze that a silent watch does not show stops a deletion', async () => {
  const { result, done } = await pass('finalize', changes['a freeze of the object']!)
  expect({ result, done }).toEqual({ result: { kind: 'requeueAfter', ms: 2_000, unjudged: true }, done: [] })
})

const consents: Record<string, [Parameters<typeof pass>[0], Record<string, string>, Record<string, string>]> = {
  'a confirmed deletion: it is not any more': ['finalize', { 'tidegate.io/confirm-deletion': 'u1' }, {}],
  'a confirmed deletion: another one is': ['finalize', { 'tidegate.io/confirm-deletion': 'u1' }, { 'tidegate.io/confirm-deletion': 'u2' }],
  'an approved update: it is not any more': ['reconcile', { 'tidegate.io/approve-update': '3' }, {}],
  'an approved update: another one is': ['reconcile', { 'tidegate.io/approve-update': '3' }, { 'tidegate.io/approve-update': '2' }],
}

test.each(Object.entries(consents))('P10: %s, behind a silent watch, and nothing is done', async (_, [kind, annotations, live]) => {
  const { result, done } = await pass(kind, withMeta({ annotations: live }), { annotations })
  expect({ result, done }).toEqual({ result: { kind: 'requeueAfter', ms: 2_000, unjudged: true }, done: [] })
})

test('a consent that stands, or is only given now, stops nothing', async () => {
  const annotations = { 'tidegate.io/confirm-deletion': 'u1' }
  const more = { ...annotations, 'tidegate.io/approve-update': '3' }
  expect((await pass('reconcile', withMeta({ annotations: more }), { annotations })).done).toEqual(['drain'])
})

test('a write of the status alone stops nothing', async () => {
  const { done, reads } = await pass('reconcile', withMeta({ resourceVersion: '2', annotations: { 'example.com/other': 'x' } }))
  expect(done).toEqual(['drain'])
  expect(reads).toBeGreaterThan(0)
})

test('P7: at rest the API server is not asked for the object', async () => {
  const { result, reads } = await pass('reconcile', (object) => object, { leaves: false })
  expect(result).toEqual({ kind: 'requeueAfter', ms: 30_000 })
  expect(reads).toBe(0)
})
