import type { EksNodeGroupStatus } from '../../../src/crds/eks-node-group.ts'
import type { TargetClusterStatus } from '../../../src/crds/target-cluster.ts'

const time = '2026-11-21T06:00:10Z'

/** Every field of the status of an EksNodeGroup once; `Required` makes the compiler ask for a field that is added. */
export const fullGroupStatus: Required<EksNodeGroupStatus> = {
  observedGeneration: 1,
  conditions: [{ type: 'Ready', status: 'True', reason: 'Ready', message: '', observedGeneration: 1, lastTransitionTime: time }],
  nodeGroupName: 'workers',
  arn: 'arn:aws:eks:us-west-2:111122223333:nodegroup/demo/workers/0a1b2c3d',
  state: 'Active',
  version: '1.36',
  releaseVersion: '1.36.2-20260714',
  scaling: { minSize: 0, maxSize: 10, desiredSize: 4, desiredSizeOwner: 'Orders' },
  nodes: { running: 4, joined: 4, ready: 3, warm: 1, summary: '3/4', missing: [{ instanceId: 'i-0a1b2c3d4e5f60001', since: time }] },
  zones: [{ name: 'us-west-2a', running: 4 }],
  autoScalingGroups: ['eks-workers-0a1b2c3d'],
  launchTemplate: { id: 'lt-0a1b2c3d4e5f60001', name: 'eks-workers', version: '1' },
  ownership: { origin: 'Created', since: time, managedElsewhere: 'Terraform' },
  operation: {
    kind: 'UpdateScaling',
    paramsHash: '8c1f0e',
    token: '3f6c',
    attempt: 1,
    startedAt: time,
    updateId: 'u-1',
    from: '2',
    to: '4',
    fieldManager: 'kubectl',
  },
  creation: { failures: 1, lastFailureAt: time, issues: [{ code: 'NodeCreationFailure', message: 'no', resourceIds: ['i-1'] }] },
  removals: [
    {
      nodeUID: '6d0c',
      nodeName: 'ip-10-0-1-23',
      instanceId: 'i-0a1b2c3d4e5f60001',
      zone: 'us-west-2a',
      orderUID: '3f6c',
      state: 'Draining',
      since: time,
      drain: { step: 'Draining', isolatedAt: time, claims: true, returned: [{ uid: '7e1d', times: 2 }] },
      call: { token: '3f6c', at: time, desiredSize: 4 },
      retry: '2',
      message: '11 of 15 pods left',
    },
    { instanceId: 'i-0a1b2c3d4e5f60002', state: 'Accepted', message: 'never joined' },
  ],
  withdrawal: { target: 2, protected: ['i-0a1b2c3d4e5f60001'], startedAt: time },
  rebalance: { suspendedAt: time, scalingGroup: 'eks-workers-0a1b2c3d' },
  zonesUnevenSince: time,
  update: { hash: '8c1f0e', state: 'Failed', updateId: 'u-2', startedAt: time, message: 'PodEvictionFailure', retryToken: '1' },
  cost: { hourly: '3.072', currency: 'USD', basis: 'Override', pricedAt: time },
  healthIssues: [{ code: 'AsgInstanceLaunchFailures', message: 'no capacity', resourceIds: [] }],
  observed: {
    subnetIds: ['subnet-0a1b2c3d4e5f60001'],
    nodeRoleArn: 'arn:aws:iam::111122223333:role/demo-node',
    instanceTypes: ['m6i.4xlarge'],
    amiType: 'AL2023_x86_64_STANDARD',
    capacityType: 'OnDemand',
    diskSizeGiB: 20,
    labels: { pool: 'workers' },
    taints: [{ key: 'dedicated', value: 'training', effect: 'NoSchedule' }],
    tags: { team: 'research' },
  },
  drift: [{ field: 'labels', desired: 'a', actual: 'b', remedy: 'none' }],
  history: [{ time, operation: 'ScaleUp', from: '2', to: '4', outcome: 'Succeeded', fieldManager: 'tidegate-orders' }],
}

/** Every field of the status of a TargetCluster once. */
export const fullTargetStatus: Required<TargetClusterStatus> = {
  observedGeneration: 1,
  conditions: [{ type: 'Ready', status: 'True', reason: 'Ready', message: '', observedGeneration: 1, lastTransitionTime: time }],
  targetUID: '6d0c0000-0000-4000-8000-000000000001',
  kubeconfigSecret: 'demo-kubeconfig',
  kubernetesVersion: 'v1.36.3',
  eks: {
    arn: 'arn:aws:eks:us-west-2:111122223333:cluster/demo',
    state: 'Active',
    version: '1.36',
    endpoint: 'https://0A1B.gr7.us-west-2.eks.amazonaws.com',
    autoMode: false,
  },
  nodes: { total: 4, ready: 3, schedulable: 3 },
  groups: [
    {
      name: 'workers',
      type: 'Eks',
      state: 'Active',
      object: 'training/workers',
      managedBy: 'Terraform',
      instanceTypes: ['m6i.4xlarge'],
      capacityType: 'OnDemand',
      minSize: 0,
      maxSize: 10,
      desiredSize: 4,
    },
  ],
}
