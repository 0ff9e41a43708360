import { expect, test } from 'vitest'
import type { KubeObject, Node } from './objects.ts'
import { effectiveRequests, type RawPod } from './pod-summary.ts'
import { projectNode, projectPod } from './projections.ts'

function rawNode(name: string, ready = 'True'): KubeObject {
  const raw = {
    metadata: {
      name,
      uid: `uid-${name}`,
      resourceVersion: '7',
      creationTimestamp: '2026-11-01T00:00:00Z',
      labels: { 'topology.kubernetes.io/zone': ['us-west', '2a'].join('-'), 'kubernetes.io/hostname': name },
      annotations: { 'node.alpha.kubernetes.io/ttl': '15', 'tidegate.io/nobody-reads': 'x', 'karpenter.sh/do-not-disrupt': 'true' },
      managedFields: [{ manager: 'kubelet' }],
    },
    spec: {
      providerID: `aws:///us-west-2a/${name}`,
      taints: [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }],
      unschedulable: true,
      podCIDR: '10.0.0.0/24',
    },
    status: {
      capacity: { cpu: '192', memory: '2000Gi', pods: '250', 'nvidia.com/gpu': '8', 'ephemeral-storage': '1Ti' },
      allocatable: { cpu: '191', memory: '1900Gi', pods: '250', 'nvidia.com/gpu': '8', hugepages: '0' },
      conditions: [
        { type: 'MemoryPressure', status: 'False', lastHeartbeatTime: '2026-11-20T00:00:00Z' },
        {
          type: 'Ready',
          status: ready,
          reason: 'Kubelet',
          message: 'kubelet says',
          lastHeartbeatTime: '2026-11-20T00:00:00Z',
          lastTransitionTime: '2026-11-01T00:00:00Z',
        },
      ],
      nodeInfo: { kubeletVersion: 'v1.36.3', machineID: 'x' },
      images: [{ names: ['a'] }],
    },
  }
  return JSON.parse(JSON.stringify(raw)) as KubeObject
}

test('of a node we keep what somebody reads, and nothing else', () => {
  expect(projectNode(rawNode('a'))).toEqual({
    metadata: {
      name: 'a',
      uid: 'uid-a',
      resourceVersion: '7',
      creationTimestamp: '2026-11-01T00:00:00Z',
      labels: { 'topology.kubernetes.io/zone': 'us-west-2a', 'kubernetes.io/hostname': 'a' },
      annotations: { 'karpenter.sh/do-not-disrupt': 'true' },
    },
    spec: { providerID: 'aws:///us-west-2a/a', taints: [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }], unschedulable: true },
    status: {
      conditions: [{ type: 'Ready', status: 'True', reason: 'Kubelet', lastTransitionTime: '2026-11-01T00:00:00Z' }],
      capacity: { cpu: '192', memory: '2000Gi', pods: '250', 'nvidia.com/gpu': '8' },
      allocatable: { cpu: '191', memory: '1900Gi', pods: '250', 'nvidia.com/gpu': '8' },
      nodeInfo: { kubeletVersion: 'v1.36.3' },
    },
  })
})

test('why a node is not ready is kept', () => {
  expect(projectNode(rawNode('a', 'Unknown')).status?.conditions).toMatchObject([{ status: 'Unknown', message: 'kubelet says' }])
})

test('a time that Go writes as null is none', () => {
  const raw = rawNode('a') as Node
  const conditions = [{ type: 'Ready', status: 'Unknown', lastTransitionTime: null }]
  expect(projectNode({ ...raw, status: { ...raw.status, conditions } } as Node).status?.conditions).toEqual([{ type: 'Ready', status: 'Unknown' }])
})

test('nodes of one kind share their amounts', () => {
  expect(projectNode(rawNode('a')).status?.capacity).toBe(projectNode(rawNode('b')).status?.capacity)
})

test('a node of which nobody said anything yet', () => {
  const bare = { metadata: { name: 'a', uid: 'u', resourceVersion: '1' } }
  expect(projectNode(bare)).toEqual({ ...bare, spec: {}, status: { capacity: {}, allocatable: {} } })
})

function rawPod(name: string, spec: RawPod['spec'], over: Partial<RawPod> = {}): RawPod {
  return { metadata: { namespace: 'team', name, uid: `uid-${name}`, resourceVersion: '9', labels: { app: 'x' } }, spec: { ...spec }, ...over }
}

test('of a pod we keep where it is, whose it is and what it asks for', () => {
  const container = { resources: { requests: { cpu: '250m', memory: '1Gi', 'nvidia.com/gpu': '1' } } }
  const raw = rawPod(
    'p',
    { nodeName: 'n', priority: 5, containers: [container, container] },
    { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } },
  )
  const owned = {
    ...raw,
    metadata: {
      ...raw.metadata,
      ownerReferences: [
        { apiVersion: 'v1', kind: 'Other', name: 'o', uid: '0' },
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: '1', controller: true },
      ],
    },
  }
  const kept = projectPod(owned)
  expect(kept).toEqual({
    metadata: { namespace: 'team', name: 'p', uid: 'uid-p', resourceVersion: '9' },
    nodeName: 'n',
    phase: 'Running',
    owner: { kind: 'ReplicaSet', name: 'r', uid: '1' },
    requests: { cpuMilli: 500, memoryBytes: 2 * 2 ** 30, gpus: 2 },
    priority: 5,
    ready: true,
  })
  expect(projectPod({ ...owned, metadata: { ...owned.metadata, name: 'q' } }).owner).toBe(kept.owner)
})

const volumes: readonly (readonly [string, readonly object[], string | undefined])[] = [
  ['what every pod has', [{ name: 'token', projected: {} }], undefined],
  ['data that goes with the pod', [{ name: 'tmp', emptyDir: {} }], 'EmptyDir'],
  ['a claim', [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }], 'Claim'],
  ['a claim made for this pod alone', [{ name: 'data', ephemeral: {} }], 'Claim'],
  [
    'both',
    [
      { name: 'data', ephemeral: {} },
      { name: 'tmp', emptyDir: {} },
    ],
    'EmptyDirAndClaim',
  ],
]
test.each(volumes)('of the volumes of a pod we keep what a drain asks for: %s', (_, given, expected) => {
  expect(projectPod(rawPod('p', { volumes: given as NonNullable<NonNullable<RawPod['spec']>['volumes']> })).volumes).toBe(expected)
})

test('an owner that is no controller is kept as one that makes no new pod', () => {
  const raw = rawPod('p', {})
  const owner = { apiVersion: 'v1', kind: 'Workflow', name: 'w', uid: 'u' }
  const owned = (controller?: boolean) =>
    projectPod({ ...raw, metadata: { ...raw.metadata, ownerReferences: [controller === undefined ? owner : { ...owner, controller }] } }).owner
  expect(owned()).toEqual({ kind: 'Workflow', name: 'w', uid: 'u', controller: false })
  expect(owned(true)).toEqual({ kind: 'Workflow', name: 'w', uid: 'u' })
  expect(owned(false)).toBe(owned())
})

test("a pod that names the UID of somebody else's owner changes nothing in whose that one's pods are", () => {
  const raw = rawPod('p', {})
  const ownerOf = (kind: string, name: string, controller = true, uid = 'u-of-job') =>
    projectPod({ ...raw, metadata: { ...raw.metadata, ownerReferences: [{ apiVersion: 'batch/v1', kind, name, uid, controller }] } }).owner
  expect(ownerOf('ReplicaSet', 'web')).toEqual({ kind: 'ReplicaSet', name: 'web', uid: 'u-of-job' })
  expect(ownerOf('Job', 'train')).toEqual({ kind: 'Job', name: 'train', uid: 'u-of-job' })
  expect(ownerOf('Job', 'train', true, 'u-of-job/other')?.controller).toBeUndefined()
  expect(ownerOf('Job', 'train', false)).toEqual({ kind: 'Job', name: 'train', uid: 'u-of-job', controller: false })
})

test('of an owner as much is kept as an object can be called, and what may be a Job stays one', () => {
  const raw = rawPod('p', {})
  const long = 'x'.repeat(1_000_000)
  const owner = { apiVersion: 'v1', kind: `${long}Job`, name: long, uid: long, controller: true }
  const kept = projectPod({ ...raw, metadata: { ...raw.metadata, ownerReferences: [owner] } })
  expect(JSON.stringify(kept).length).toBeLessThan(1000)
  // `drain.returned[].uid` of a status, which would not be stored at all
  expect(kept.owner?.uid).toHaveLength(64)
  expect(kept.owner?.kind).toMatch(/Job$/)
})

test('of what a tenant writes without end into the annotations of a pod little is kept, and never as a word that means something', () => {
  const long = '1h'.repeat(100_000)
  const raw = rawPod('p', {})
  const names = ['kubernetes.io/config.mirror', 'karpenter.sh/do-not-disrupt', 'cluster-autoscaler.kubernetes.io/safe-to-evict']
  const annotations = Object.fromEntries([...names, 'tidegate.io/any', 'kwok.x-k8s.io/node'].map((name) => [name, long]))
  const kept = projectPod({ ...raw, metadata: { ...raw.metadata, annotations } }).metadata.annotations ?? {}
  expect(Object.keys(kept)).toEqual(names)
  for (const value of Object.values(kept)) expect(value).toMatch(/^(1h)+1?…$/)
  expect(Object.values(kept).every(({ length }) => length <= 128)).toBe(true)
})

test('a pod that waits for a node', () => {
  const kept = projectPod(rawPod('p', {}))
  expect(kept).toMatchObject({ phase: 'Pending', ready: false, priority: 0 })
  expect(kept.nodeName).toBeUndefined()
})

function cpu(amount: string, restartPolicy?: string): NonNullable<NonNullable<RawPod['spec']>['containers']>[number] {
  return { resources: { requests: { cpu: amount } }, ...(restartPolicy === undefined ? {} : { restartPolicy }) }
}
const requests: readonly (readonly [string, RawPod['spec'], number])[] = [
  ['containers add up', { containers: [cpu('1'), cpu('500m')] }, 1500],
  ['the largest init container counts where it is more', { containers: [cpu('1')], initContainers: [cpu('3'), cpu('2')] }, 3000],
  ['a sidecar runs beside the containers', { containers: [cpu('1')], initContainers: [cpu('1', 'Always')] }, 2000],
  ['a sidecar runs beside later init containers', { containers: [cpu('1')], initContainers: [cpu('1', 'Always'), cpu('3')] }, 4000],
  ['an init container before the sidecar runs alone', { containers: [cpu('1')], initContainers: [cpu('3'), cpu('1', 'Always')] }, 3000],
  ["the pod's own requests win", { containers: [cpu('1')], resources: { requests: { cpu: '4' } } }, 4000],
  ['overhead comes on top', { containers: [cpu('1')], overhead: { cpu: '100m' } }, 1100],
]
test.each(requests)('%s', (_, spec, expected) => {
  expect(effectiveRequests(spec).cpuMilli).toBe(expected)
})
