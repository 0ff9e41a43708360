import { expect, test } from 'vitest'
import type { EksNodeGroup } from '../../crds/eks-node-group.ts'
import type { TargetCluster } from '../../crds/target-cluster.ts'
import type { Node } from '../../kube/objects.ts'
import { aSpec } from './test-spec.ts'
import { groupOf, matters, tellOfTarget, userOf, withRole } from './watches.ts'

const node = (ready: string, labels: Record<string, string> = {}): Node => ({
  metadata: { name: 'n', uid: 'u', resourceVersion: '1', labels },
  spec: { providerID: 'aws:///us-west-2a/i-1' },
  status: { conditions: [{ type: 'Ready', status: ready }] },
})

test.each([
  ['a node that came', node('True'), undefined, true],
  ['a readiness that flipped', node('False'), node('True'), true],
  ['a heartbeat', node('True', { a: '1' }), node('True'), false],
])('%s', (_, now, before, wakes) => {
  expect(matters(now, before)).toBe(wakes)
})

test('a node of no managed group wakes nobody', () => {
  expect(groupOf('demo', node('True'))).toBeUndefined()
  expect(groupOf('demo', node('True', { 'eks.amazonaws.com/nodegroup': 'workers' }))).toBe('demo/workers')
})

const statusOf = (reason: string): 'True' | 'False' | 'Unknown' => (reason === 'Ready' ? 'True' : reason === 'ClusterUnreachable' ? 'Unknown' : 'False')

const target = (generation: number, nodes: number, reason: string): TargetCluster => ({
  metadata: { name: 'demo', uid: 'u', resourceVersion: '1', generation },
  spec: {
    connection: { inCluster: {} },
    aws: { region: 'us-west-2' },
    timeZone: 'UTC',
    discovery: 'List',
    budget: { maxConcurrentDrains: 5, evictionsPerSecond: 10 },
    suspend: false,
  },
  status: {
    nodes: { total: nodes, ready: nodes, schedulable: nodes },
    conditions: [{ type: 'Ready', status: statusOf(reason), reason, message: '', lastTransitionTime: '2026-11-21T06:00:00Z' }],
  },
})

/** When each of four groups is told, in seconds, by chances from none to all but one. */
function told(now: TargetCluster, before: TargetCluster): readonly number[] {
  const chances = [0, 0.25, 0.5, 0.999]
  const times: number[] = []
  const random = { next: () => chances.shift() ?? 0 }
  tellOfTarget([now, before], ['a', 'b', 'c', 'd'], random, (_group, afterMs) => void times.push(afterMs / 1000))
  return times
}

function inEks(version: string, made = target(1, 2, 'Ready')): TargetCluster {
  return { ...made, status: { ...made.status, eks: { version, state: 'Active' } } }
}

const nobody: readonly number[] = []
const atOnce = [0, 0, 0, 0]
const overAMinute = [0, 15, 30, 59.94]

test.each([
  ['a node count is told to nobody', target(1, 3, 'Ready'), target(1, 2, 'Ready'), nobody],
  ['another spec at once', target(2, 2, 'Ready'), target(1, 2, 'Ready'), atOnce],
  ['that a target needs somebody at once', target(1, 2, 'Unauthorized'), target(1, 2, 'Ready'), atOnce],
  [
    'that a target fell silent over a minute: none of its groups can do anything about it',
    target(1, 2, 'ClusterUnreachable'),
    target(1, 2, 'Ready'),
    overAMinute,
  ],
  ['that EKS has made its cluster at once: its groups wait for that', target(1, 2, 'Ready'), target(1, 2, 'EksClusterNotActive'), atOnce],
  ['that its cluster has another version in EKS at once: an update may wait for that', inEks('1.37'), inEks('1.36'), atOnce],
  ['a node count beside its version to nobody', inEks('1.36', target(1, 3, 'Ready')), inEks('1.36'), nobody],
  ['that it is still silent to nobody', target(1, 1, 'ClusterUnreachable'), target(1, 2, 'ClusterUnreachable'), nobody],
  ['that it is back at once', target(1, 2, 'Ready'), target(1, 2, 'ClusterUnreachable'), atOnce],
  ['another spec of a silent one at once', target(2, 2, 'ClusterUnreachable'), target(1, 2, 'ClusterUnreachable'), atOnce],
])('of a TargetCluster, %s', (_, now, before, times) => {
  expect(told(now, before)).toEqual(times)
})

interface Stands {
  readonly management?: 'Manage' | 'Observe'
  readonly deletionTimestamp?: string
  readonly status?: EksNodeGroup['status']
}

const stalled = (reason: string) => [{ type: 'Stalled', status: 'True', reason, message: '', lastTransitionTime: '2026-11-21T06:00:00Z' } as const]

const roles: Record<string, [Stands, object | undefined]> = {
  'a group that is there': [{ status: { arn: 'a' } }, { name: 'workers', nodeRoleArn: aSpec().nodeRoleArn, leaves: false }],
  'one that is being deleted': [
    { status: { arn: 'a' }, deletionTimestamp: '2026-11-21T06:00:00Z' },
    { name: 'workers', nodeRoleArn: aSpec().nodeRoleArn, leaves: true },
  ],
  'one that EKS has not made': [{ status: {} }, undefined],
  'one that is only observed has the role that EKS tells': [
    { management: 'Observe', status: { arn: 'a', observed: { nodeRoleArn: 'seen' } } },
    { name: 'workers', nodeRoleArn: 'seen', leaves: false },
  ],
  'one that is only observed and was not seen yet': [{ management: 'Observe', status: { arn: 'a' } }, undefined],
  'one in another cluster than its target stands for now': [{ status: { arn: 'a', conditions: stalled('WrongCluster') } }, undefined],
  'one whose namespace is not allowed any more: it runs on': [
    { status: { arn: 'a', conditions: stalled('NotAllowedInNamespace') } },
    { name: 'workers', nodeRoleArn: aSpec().nodeRoleArn, leaves: false },
  ],
}

test.each(Object.entries(roles))('the role of %s', (_, [{ management = 'Manage', deletionTimestamp, status = {} }, expected]) => {
  const spec = aSpec()
  const metadata = { name: 'workers', namespace: 'training', uid: 'u', resourceVersion: '1', ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) }
  expect(withRole({ metadata, spec: { ...spec, policy: { ...spec.policy, management } }, status })).toEqual(expected)
})

const observed = { subnetIds: [], nodeRoleArn: 'role', instanceTypes: [], capacityType: 'OnDemand', labels: {}, taints: [], tags: {} } as const

test.each<[string, 'Manage' | 'Observe', object, { readonly observes: boolean; readonly isRefused: boolean }]>([
  ['one that manages its group', 'Manage', {}, { observes: false, isRefused: false }],
  ['one that watches it', 'Observe', { observed }, { observes: true, isRefused: false }],
  ['one that has not seen what it is to watch', 'Observe', {}, { observes: false, isRefused: false }],
  [
    'one of a namespace that is not allowed any more',
    'Observe',
    { observed, conditions: stalled('NotAllowedInNamespace') },
    { observes: false, isRefused: true },
  ],
  ['one whose group is another object’s', 'Manage', { conditions: stalled('OwnedByAnother') }, { observes: false, isRefused: true }],
  ['one whose group was there before', 'Manage', { conditions: stalled('AlreadyExists') }, { observes: false, isRefused: true }],
  ['one whose group is in another cluster', 'Observe', { observed, conditions: stalled('WrongCluster') }, { observes: false, isRefused: true }],
  ['one that waits for something else', 'Manage', { conditions: stalled('AccessDenied') }, { observes: false, isRefused: false }],
])('a target is told of %s', (_, management, status, expected) => {
  const spec = aSpec({ policy: { management, adoption: 'CreateOnly' } })
  const user = userOf({ metadata: { name: 'workers', namespace: 'training', uid: 'u1', resourceVersion: '1' }, spec, status })
  expect(user).toMatchObject({ object: 'training/workers', groupName: 'workers', ...expected })
  expect([user.manages({ 'tidegate.io/owner': 'u1' }), user.manages({ 'tidegate.io/owner': 'u2' }), user.manages({})]).toEqual([true, false, false])
})
