import { expect, test } from 'vitest'
import type { ScalingGroupsPort } from '../../aws/autoscaling/port.ts'
import { AwsError } from '../../aws/aws-error.ts'
import type { NodeGroup, NodeGroupsPort } from '../../aws/eks/port.ts'
import type { EksNodeGroup, EksNodeGroupStatus, ManagedEksNodeGroupSpec } from '../../crds/eks-node-group.ts'
import { eksNodeGroupConditions } from '../../crds/eks-node-group-reasons.ts'
import type { Node } from '../../kube/objects.ts'
import { createLogger } from '../../observability/logger.ts'
import { ConditionSet } from '../../runtime/conditions.ts'
import type { Holder } from '../../runtime/freeze.ts'
import type { Draft } from '../../runtime/reconciler.ts'
import { aGroup, noDrain, noNodes } from './test-pass.ts'
import { aSpec } from './test-spec.ts'
import { tagsOfMark } from './ownership.ts'
import type { GroupTarget } from './ports.ts'
import { EksNodeGroupReconciler } from './reconciler.ts'

const now = new Date('2026-11-21T06:00:00Z')
const mark = { uid: 'u1', object: 'training/workers', cluster: 'mc' }

/** What EKS knows, and what it was asked; nodes are not the matter here. */
class World {
  group: NodeGroup | undefined
  /** What an answer that may be minutes old says; absent: the same. */
  remembered: NodeGroup | undefined
  /** What AWS says instead of an answer. */
  refusal: AwsError | undefined
  instances: readonly string[] = []
  readonly nodes = new Map<string, Node>()
  readonly asked: string[] = []
  /** What the API server says of TargetCluster and release namespace, which the caches do not show. */
  live: readonly Holder[] = []
  readonly #nodeGroups = {
    describe: async (_cluster: string, _name: string, { maxAgeMs = 0 }: { readonly maxAgeMs?: number }) => {
      if (this.refusal !== undefined) throw this.refusal
      return maxAgeMs === 0 ? this.group : (this.remembered ?? this.group)
    },
    create: async (_cluster: string, { scaling }: { readonly scaling: object }, { token }: { readonly token: string }) =>
      void this.asked.push(`create ${JSON.stringify(scaling)} with ${token}`),
    delete: async () => void this.asked.push('delete'),
  }

  get target(): GroupTarget {
    const scalingGroup = {
      name: 'asg',
      minSize: 0,
      maxSize: 10,
      desiredCapacity: this.instances.length,
      instances: this.instances.map((instanceId) => ({ instanceId, zone: 'us-west-2a', lifecycleState: 'InService', protectedFromScaleIn: false })),
      suspendedProcesses: [],
      zones: ['us-west-2a'],
      tags: {},
    }
    return {
      clusterName: 'demo',
      clusterArn: 'arn:demo',
      clusterState: 'Active',
      clusterVersion: undefined,
      authenticationMode: undefined,
      listedGroups: [],
      prices: [],
      windows: [],
      timeZone: 'UTC',
      nodes: { ...noNodes, byInstance: (id) => this.nodes.get(id) },
      drain: noDrain,
      autoscaler: { moves: async () => false },
      aws: {
        nodeGroups: this.#nodeGroups as unknown as NodeGroupsPort,
        scalingGroups: {
          describe: async () => [scalingGroup],
          ofCluster: async () => [scalingGroup],
          activities: async () => [],
          forget: () => undefined,
        } satisfies Partial<ScalingGroupsPort> as unknown as ScalingGroupsPort,
      },
    }
  }

  get reconciler(): EksNodeGroupReconciler {
    return new EksNodeGroupReconciler({
      targets: { find: () => ({ state: 'ready', target: this.target }) },
      sizes: { setDesiredSize: async () => '2' },
      surroundings: {
        now: () => now,
        within: (_, signal) => ({ signal, end: () => undefined }),
        newToken: () => 'nonce',
        managementCluster: 'mc',
        holders: () => [],
        askHolders: async () => this.live,
        askObject: async (object) => object,
        livingOwner: () => undefined,
        groupsWithRole: () => [],
      },
    })
  }
}

function ours(state: NodeGroup['state']): NodeGroup {
  return aGroup({ state, scaling: { minSize: 0, maxSize: 10, desiredSize: 0 } })
}

/** An object as the API server has it: the status is what the last pass left. */
function draftOf(status: EksNodeGroupStatus = {}, changed: Partial<ManagedEksNodeGroupSpec> = {}): Draft<EksNodeGroup> {
  const spec = aSpec({ scaling: { minSize: 1, maxSize: 10, desiredSize: 1, sizeOwner: 'Spec', allowLarge: false }, ...changed })
  const object: EksNodeGroup = { metadata: { name: 'workers', namespace: 'training', uid: mark.uid, resourceVersion: '1' }, spec }
  return { object, status: structuredClone(status), conditions: new ConditionSet(eksNodeGroupConditions, []) }
}

const context = { signal: new AbortController().signal, log: createLogger({ level: 'silent' }), event: () => undefined }

test('the intent is stored before EKS is asked for anything, and its token is used', async () => {
  const world = new World()
  const first = draftOf()
  expect(await world.reconciler.reconcile(first, context)).toEqual({ kind: 'checkpoint' })
  expect(world.asked).toEqual([])
  expect(first.status.operation).toMatchObject({ kind: 'Create', token: 'nonce', attempt: 1 })

  const second = draftOf({ ...first.status, operation: { ...first.status.operation!, token: 'stored' } })
  await world.reconciler.reconcile(second, context)
  expect(world.asked).toEqual(['create {"minSize":0,"maxSize":10,"desiredSize":0} with stored'])
})

test('P10: a freeze that a silent watch does not show holds what would begin, and is said', async () => {
  const world = new World()
  const intent = draftOf()
  await world.reconciler.reconcile(intent, context)
  world.live = [{ what: 'TargetCluster demo', suspend: false, annotations: { 'tidegate.io/frozen-until': '2026-11-22T06:00:00Z' } }]
  const draft = draftOf(intent.status)
  expect(await world.reconciler.reconcile(draft, context)).toMatchObject({ kind: 'requeueAfter', unjudged: true })
  expect(world.asked).toEqual([])
  const paused = draft.conditions.compose(now, 1).find(({ type }) => type === 'Paused')
  expect(paused).toMatchObject({ reason: 'Frozen', message: expect.stringContaining('TargetCluster demo is frozen until') })
  world.live = []
  await world.reconciler.reconcile(draftOf(intent.status), context)
  expect(world.asked).toHaveLength(1)
})

test('an object goes only when EKS no longer knows its group', async () => {
  const world = new World()
  world.group = ours('Active')
  const first = draftOf({ arn: 'arn:workers' })
  expect(await world.reconciler.finalize(first, context)).toEqual({ kind: 'checkpoint' })
  expect(world.asked).toEqual([])
  expect((await world.reconciler.finalize(draftOf(first.status), context)).kind).toBe('requeueAfter')
  expect(world.asked).toEqual(['delete'])
  world.group = ours('Deleting')
  expect((await world.reconciler.finalize(draftOf(first.status), context)).kind).toBe('requeueAfter')
  world.group = undefined
  expect(await world.reconciler.finalize(draftOf(first.status), context)).toEqual({ kind: 'finalized' })
  expect(world.asked).toEqual(['delete'])
})

test('a group that carries the mark of another is left alone when the object goes', async () => {
  const world = new World()
  world.group = { ...ours('Active'), tags: tagsOfMark({ ...mark, uid: 'u2' }) }
  expect(await world.reconciler.finalize(draftOf({ arn: 'arn:workers' }), context)).toEqual({ kind: 'finalized' })
  expect(world.asked).toEqual([])
})

test('a deletion with nodes waits, and says for what and how it goes on', async () => {
  const world = new World()
  world.group = ours('Active')
  world.instances = ['i-1', 'i-2']
  const draft = draftOf({ arn: 'arn:workers' })
  expect((await world.reconciler.finalize(draft, context)).kind).toBe('requeueAfter')
  const waiting = draft.conditions.compose(now, 1).find(({ type }) => type === 'Reconciling')
  expect(waiting).toMatchObject({ status: 'True', reason: 'WaitingForConfirmation' })
  expect(waiting?.message).toContain('kubectl annotate eksnodegroup workers -n training --overwrite tidegate.io/confirm-deletion=u1')
  expect(world.asked).toEqual([])
})

test('a group is not Ready before it carries our mark', async () => {
  const world = new World()
  world.group = { ...ours('Active'), tags: {} }
  world.instances = ['i-1']
  const draft = draftOf({}, { policy: { management: 'Manage', adoption: 'AdoptOrCreate' } })
  expect(await world.reconciler.reconcile(draft, context)).toEqual({ kind: 'checkpoint' })
  expect(draft.status.operation).toMatchObject({ kind: 'Tag', from: 'nobody', to: mark.uid })
  expect(draft.conditions.get('InSync')).toMatchObject({ status: 'False', reason: 'Correcting' })
})

test('when the last missing node has come, EKS is asked whether it still calls the group unhealthy', async () => {
  const world = new World()
  const issue = { code: 'AsgInstanceLaunchFailures', message: 'no capacity', resourceIds: [] }
  world.remembered = { ...ours('Degraded'), healthIssues: [issue] }
  world.group = ours('Active')
  world.instances = ['i-1']
  const ready = { conditions: [{ type: 'Ready', status: 'True' }] }
  world.nodes.set('i-1', { metadata: { name: 'n', uid: 'n', resourceVersion: '1' }, spec: {}, status: ready })
  const scaling = { minSize: 0, maxSize: 10, desiredSize: 1, sizeOwner: 'Spec', allowLarge: false } as const
  const draft = draftOf({ arn: 'arn:workers' }, { scaling })
  draft.conditions.setTrue('Provisioned', 'Active')
  draft.conditions.setFalse('NodesReady', 'NoCapacity', '0 of 1 instances run')
  await world.reconciler.reconcile(draft, context)
  expect(draft.conditions.get('NodesReady')).toMatchObject({ status: 'True' })
  expect(draft.conditions.get('Healthy')).toMatchObject({ status: 'True', reason: 'NoIssues' })
})

test('what was observed is not kept beside the spec of a group that is managed from now on', async () => {
  const world = new World()
  world.group = ours('Active')
  const observed = { subnetIds: [], instanceTypes: [], labels: {}, taints: [], tags: {}, nodeRoleArn: 'arn:old', capacityType: 'Spot' } as const
  const draft = draftOf({ arn: 'arn:workers', observed: structuredClone(observed) as unknown as NonNullable<EksNodeGroupStatus['observed']> })
  await world.reconciler.reconcile(draft, context)
  expect(draft.status).not.toHaveProperty('observed')
})

/** An object whose group stood well when the last pass looked, and that makes none. */
function stood(): Draft<EksNodeGroup> {
  const drift = [{ field: 'scaling.maxSize', desired: '10', actual: '12', remedy: 'none' }]
  const draft = draftOf({ arn: 'arn:workers', drift }, { policy: { management: 'Manage', adoption: 'AdoptOnly' } })
  for (const type of eksNodeGroupConditions) draft.conditions.setTrue(type, 'AsItWas')
  return draft
}

test('P8: a group that is gone is not called healthy, up to date or in sync, however long it is gone', async () => {
  const draft = stood()
  expect(await new World().reconciler.reconcile(draft, context)).toMatchObject({ kind: 'requeueAfter' })
  expect(draft.conditions.get('Provisioned')).toMatchObject({ status: 'False', reason: 'NotFound' })
  const [, ...others] = eksNodeGroupConditions
  for (const type of others) expect(draft.conditions.get(type)).toMatchObject({ status: 'Unknown', reason: 'Pending' })
  expect(draft.status).not.toHaveProperty('drift')
})

test('what AWS does not say in this pass stays as it was said', async () => {
  const world = new World()
  world.refusal = new AwsError('Throttled', { reason: 'Throttled', action: 'eks:DescribeNodegroup', code: 'ThrottlingException', message: 'slow down' })
  const draft = stood()
  expect(await world.reconciler.reconcile(draft, context)).toMatchObject({ unjudged: true })
  for (const type of eksNodeGroupConditions) expect(draft.conditions.get(type)).toMatchObject({ status: 'True', reason: 'AsItWas' })
  expect(draft.status.drift).toHaveLength(1)
})

test('while somebody holds it back, the numbers that somebody changed in AWS are told', async () => {
  const world = new World()
  world.group = ours('Active')
  world.instances = ['i-1', 'i-2', 'i-3']
  const draft = draftOf({ arn: 'arn:workers' }, { suspend: true })
  await world.reconciler.reconcile(draft, context)
  expect(draft.conditions.get('InSync')).toMatchObject({ status: 'False', reason: 'Suspended' })
  expect(draft.status.drift).toMatchObject([
    { field: 'scaling.minSize', desired: '1', actual: '0' },
    { field: 'scaling.desiredSize', desired: '1', actual: '3' },
  ])
})
