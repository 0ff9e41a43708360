import { expect, test } from 'vitest'
import type { Condition, Node } from '../../kube/objects.ts'
import type { FinalizeResult } from '../../runtime/reconciler.ts'
import { aGroup, aPass, aScalingGroup } from './test-pass.ts'
import { EksNodeGroupReconciler } from './reconciler.ts'

interface Given {
  readonly asked: boolean
  readonly suspend?: boolean
  readonly confirmed?: boolean
  readonly nodes?: number
  /** The nodes are drained, and a budget holds their pods. */
  readonly drains?: boolean
  /** None of it has begun, since no window is open. */
  readonly closed?: 'Evict' | 'None'
  /** The deadline asks for what the target does not permit. */
  readonly force?: boolean
  /** AWS may still take a lower number; for it the nodes are protected, or not. */
  readonly late?: 'Protected' | 'Unprotected'
}

/** The Node of an instance, which bears its id. */
function aNode(name: string): Node {
  return { metadata: { name, uid: name, resourceVersion: '1' }, spec: { providerID: `aws:///us-west-2a/${name}` } }
}

/** Among the ages: Auto Scaling was asked about this group alone. */
const ofScaling = 'Auto Scaling'

/** One pass of a deletion: the ages that it allowed the answers of AWS to have (0 is a call of its own), and how it ended. */
async function pass({
  asked,
  suspend = false,
  confirmed = false,
  nodes = 2,
  drains = false,
  closed,
  force = false,
  late,
}: Given): Promise<{ ages: unknown; result: FinalizeResult }> {
  const ages: (number | typeof ofScaling | undefined)[] = []
  const instances = Array.from({ length: nodes }, (_, n) => ({
    instanceId: `i-${n}`,
    zone: 'us-west-2a',
    lifecycleState: 'InService',
    protectedFromScaleIn: late === 'Protected',
    instanceType: 'm6i.large',
  }))
  const isUnderWay = drains || closed !== undefined
  const scalingGroup = aScalingGroup({ minSize: isUnderWay ? 0 : 1, maxSize: isUnderWay ? nodes : 10, desiredCapacity: nodes, instances })
  const withdrawal = { target: nodes, protected: instances.map(({ instanceId }) => instanceId), startedAt: '2026-11-21T05:00:00Z' }
  const taints = drains ? [{ key: 'tidegate.io/leaving', value: 'u1', effect: 'NoSchedule' } as const] : []
  const removals = instances.map(
    ({ instanceId }) => ({ instanceId, nodeUID: instanceId, nodeName: instanceId, state: drains ? 'Draining' : 'Accepted', message: '' }) as const,
  )
  const { context, sizes, surroundings, target, draft } = aPass({
    object: { annotations: confirmed ? { 'tidegate.io/confirm-deletion': 'u1' } : {}, deletionTimestamp: '2026-11-21T05:00:00Z' },
    spec: { suspend, scaleDown: { drain: closed ?? 'Evict', timeout: '1h', onTimeout: force ? 'Force' : 'Wait', azRebalance: 'Suspend' } },
    status: { arn: 'arn:workers', ...(isUnderWay ? { removals } : {}), ...(late === undefined ? {} : { withdrawal }) },
    // It is Saturday.
    windows: closed === undefined ? [] : [{ days: ['Monday'], start: '00:00', end: '24:00' }],
    nodeGroups: {
      describe: async (_cluster, _name, { maxAgeMs }) => {
        ages.push(maxAgeMs)
        return aGroup({ taints })
      },
    },
    nodes: { byInstance: aNode, byName: aNode, inGroup: () => instances.map(({ instanceId }) => aNode(instanceId)) },
    drain: {
      mayForce: async () => false,
      drainNode: async () => ({
        state: { step: 'Draining', isolatedAt: '2026-11-21T05:01:00Z' },
        progress: { left: 1, blocked: [], message: '1 pod is left' },
        next: { kind: 'wait', ms: 15_000 },
      }),
    },
    // `ofCluster` is the shared sweep, which costs a group nothing
    scalingGroups: {
      describe: async () => {
        ages.push(ofScaling)
        return [scalingGroup]
      },
      ofCluster: async () => [scalingGroup],
      activities: async () => {
        ages.push(ofScaling)
        return []
      },
    },
  })
  const reason = force ? 'ForceNotPermitted' : drains ? 'DrainBlocked' : closed === undefined ? 'WaitingForConfirmation' : 'WaitingForWindow'
  const waiting: Condition = { type: 'Reconciling', status: 'True', reason, message: '', lastTransitionTime: '' }
  const object = { ...draft.object, status: asked ? { conditions: [waiting] } : {} }
  const targets = { find: () => ({ state: 'ready', target }) as const }
  const result = await new EksNodeGroupReconciler({ targets, sizes, surroundings }).finalize({ ...draft, object }, context)
  return { ages, result }
}

test('a deletion that begins is decided on fresh answers', async () => {
  expect(await pass({ asked: false })).toEqual({ ages: [0, ofScaling], result: { kind: 'requeueAfter', ms: 600_000 } })
})

test('a deletion that waits for a person asks AWS nothing', async () => {
  expect(await pass({ asked: true })).toEqual({ ages: [600_000], result: { kind: 'requeueAfter', ms: 600_000 } })
})

test('once it is confirmed, or no node is left, the world is looked at afresh before anything goes', async () => {
  for (const given of [{ confirmed: true }, { nodes: 0 }])
    expect(await pass({ asked: true, ...given })).toEqual({ ages: [600_000, 0, ofScaling], result: { kind: 'checkpoint' } })
})

test('a deletion that is held back asks AWS nothing', async () => {
  expect(await pass({ asked: false, suspend: true })).toMatchObject({ ages: [600_000], result: { kind: 'requeueAfter' } })
})

test.each([false, true])('while nodes are drained, maybe for days, AWS is asked nothing (Force that is not permitted: %s)', async (force) => {
  expect(await pass({ asked: true, confirmed: true, drains: true, force })).toEqual({ ages: [600_000], result: { kind: 'requeueAfter', ms: 15_000 } })
})

test.each(['Evict', 'None'] as const)('while it waits for a window, maybe for days, AWS is asked nothing (%s)', async (closed) => {
  expect(await pass({ asked: true, confirmed: true, closed })).toEqual({ ages: [600_000], result: { kind: 'requeueAfter', ms: 30_000 } })
})

test('where AWS may still take a lower number, who arrives for it is looked for afresh, also while nobody has confirmed', async () => {
  expect(await pass({ asked: true, late: 'Protected' })).toEqual({ ages: [600_000, 0, ofScaling], result: { kind: 'requeueAfter', ms: 2_000 } })
})

test('nodes that are confirmed to go without a drain are not protected any more', async () => {
  expect(await pass({ asked: true, confirmed: true, closed: 'None', late: 'Unprotected' })).toMatchObject({ result: { kind: 'requeueAfter', ms: 30_000 } })
})
