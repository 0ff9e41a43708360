import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { EksNodeGroupSpec, EksNodeGroupStatus } from '../../../src/crds/eks-node-group.ts'
import { eksNodeGroups } from '../../../src/crds/eks-node-group.ts'
import { targetClusters, type TargetClusterSpec } from '../../../src/crds/target-cluster.ts'
import { Api, demand, type Document } from './api.ts'
import { fullGroupStatus, fullTargetStatus } from './full-status.ts'
import { freshNamespace, installCrds } from './install.ts'

let api: Api
let namespace: string
beforeAll(async () => {
  api = await Api.open(inject('controlPlane').identities.admin)
  await installCrds(api)
  namespace = await freshNamespace(api)
})
afterAll(async () => {
  await api.deleteNamespace(namespace)
  await api.close()
})

const base = {
  targetClusterRef: { name: 'demo' },
  subnetIds: ['subnet-0a1b2c3d4e5f60001'],
  nodeRoleArn: 'arn:aws:iam::111122223333:role/demo-node',
}

function group(name: string, spec: object): Document {
  return { apiVersion: 'tidegate.io/v1alpha1', kind: 'EksNodeGroup', metadata: { name, namespace }, spec }
}

async function taken(document: Document): Promise<unknown> {
  const answer = await api.apply(eksNodeGroups, document)
  demand(answer, 200, 201)
  return answer.body.spec
}

const changes: Readonly<Record<string, readonly [before: object, after: object]>> = {
  'a maximum moved below the number': [
    { ...base, scaling: { minSize: 0, maxSize: 10, desiredSize: 8 } },
    { ...base, scaling: { minSize: 0, maxSize: 5, desiredSize: 8 } },
  ],
  'a minimum moved above the number': [
    { ...base, scaling: { minSize: 0, maxSize: 10, desiredSize: 1 } },
    { ...base, scaling: { minSize: 3, maxSize: 10, desiredSize: 1 } },
  ],
  'another version of the template': [
    { ...base, launchTemplate: { name: 'gpu', version: '1' }, scaling: { maxSize: 1 } },
    { ...base, launchTemplate: { name: 'gpu', version: '2' }, scaling: { maxSize: 1 } },
  ],
  'subnets in another order': [
    { ...base, subnetIds: ['subnet-0a1b2c3d4e5f60001', 'subnet-0a1b2c3d4e5f60002'], scaling: { maxSize: 1 } },
    { ...base, subnetIds: ['subnet-0a1b2c3d4e5f60002', 'subnet-0a1b2c3d4e5f60001'], scaling: { maxSize: 1 } },
  ],
  'an observed group taken under management': [
    { targetClusterRef: { name: 'demo' }, policy: { management: 'Observe' } },
    { ...base, instanceTypes: ['m5.large'], capacityType: 'Spot', scaling: { maxSize: 4 }, policy: { management: 'Manage', adoption: 'AdoptOnly' } },
  ],
  'another template while the group is only observed': [
    { targetClusterRef: { name: 'demo' }, launchTemplate: { name: 'gpu', version: '1' }, policy: { management: 'Observe' } },
    { ...base, launchTemplate: { id: 'lt-0a1b2c3d4e5f60011', version: '7' }, scaling: { maxSize: 1 }, policy: { management: 'Manage', adoption: 'AdoptOnly' } },
  ],
  'labels, taints, tags, version and policy': [
    { ...base, scaling: { maxSize: 1 } },
    {
      ...base,
      scaling: { maxSize: 1 },
      version: '1.36',
      releaseVersion: '1.36.2-20260714',
      labels: { 'example.com/pool': 'a.b_c', x: '1' },
      taints: [
        { key: 'dedicated', value: 'a', effect: 'NoSchedule' },
        { key: 'dedicated', effect: 'NoExecute' },
      ],
      tags: { 'team name': 'größe', empty: '' },
      policy: { deletion: 'Retain' },
    },
  ],
  'how nodes leave, are updated and repaired': [
    { ...base, scaling: { maxSize: 1 } },
    {
      ...base,
      scaling: { maxSize: 1 },
      scaleDown: { drain: 'None', timeout: '1h30m', onTimeout: 'Force', azRebalance: 'Leave' },
      update: { maxUnavailablePercentage: 33, strategy: 'Minimal', approval: 'Automatic', force: true },
      nodeRepair: { enabled: true, maxUnhealthyNodeThresholdPercentage: 20, maxParallelNodesRepairedCount: 1 },
    },
  ],
  'the other limits of updates and repairs': [
    { ...base, scaling: { maxSize: 1 } },
    {
      ...base,
      scaling: { maxSize: 1 },
      scaleDown: { timeout: '1m', onTimeout: 'Fail' },
      update: { maxUnavailable: 1, strategy: 'Default' },
      nodeRepair: { maxUnhealthyNodeThresholdCount: 2, maxParallelNodesRepairedPercentage: 50 },
    },
  ],
}
test.each(Object.entries(changes))('%s is taken', async (sentence, [before, after]) => {
  const name = `change-${Object.keys(changes).indexOf(sentence)}`
  await taken(group(name, before))
  expect(await taken(group(name, after))).toMatchObject(after)
})

test('a name of 52 characters, 100 nodes, and more with allowLarge are taken', async () => {
  const hundred = { maxSize: 1000, desiredSize: 100 }
  expect(await taken(group('w'.repeat(52), { ...base, scaling: hundred }))).toMatchObject({ scaling: hundred })
  const large = { minSize: 150, maxSize: 1000, desiredSize: 1000, allowLarge: true }
  expect(await taken(group('large', { ...base, scaling: large }))).toMatchObject({ scaling: large })
})

test('defaults are filled by the API server, and only those of the table', async () => {
  const spec = (await taken(group('defaults', { ...base, scaling: { maxSize: 3 } }))) as EksNodeGroupSpec
  expect(spec).toEqual({
    ...base,
    capacityType: 'OnDemand',
    scaling: { minSize: 0, maxSize: 3, sizeOwner: 'Orders', allowLarge: false },
    update: { approval: 'Manual', force: false },
    scaleDown: { drain: 'Evict', timeout: '1h', onTimeout: 'Wait', azRebalance: 'Suspend' },
    policy: { management: 'Manage', adoption: 'CreateOnly' },
    suspend: false,
  })
  const target = { apiVersion: 'tidegate.io/v1alpha1', kind: 'TargetCluster', metadata: { name: namespace } }
  const written = { connection: { inCluster: {} }, aws: { region: 'us-gov-west-1' } }
  const answer = await api.create(targetClusters, { ...target, spec: written }, { dryRun: true })
  demand(answer, 201)
  expect(answer.body.spec as TargetClusterSpec).toEqual({
    ...written,
    timeZone: 'UTC',
    discovery: 'List',
    budget: { maxConcurrentDrains: 5, evictionsPerSecond: 10 },
    suspend: false,
  })
})

test('a TargetCluster with every setting is taken as it is written', async () => {
  const spec = {
    connection: { eksToken: {} },
    aws: { region: 'eu-central-1', accountId: '111122223333', roleArn: 'arn:aws:iam::111122223333:role/path/tidegate', externalId: 'demo:1' },
    eksClusterName: 'demo',
    timeZone: 'Europe/Berlin',
    discovery: 'None',
    budget: { maxConcurrentDrains: 50, evictionsPerSecond: 1000 },
    windows: [
      { days: ['Monday', 'Tuesday'], start: '22:00', end: '04:00' },
      { days: ['Sunday'], start: '00:00', end: '24:00' },
    ],
    prices: [
      { instanceType: 'p5en.48xlarge', hourly: '63.296', currency: 'USD' },
      { instanceType: 'ml.p5en.48xlarge', hourly: '70', currency: 'EUR' },
    ],
    suspend: true,
  }
  const target = { apiVersion: 'tidegate.io/v1alpha1', kind: 'TargetCluster', metadata: { name: namespace }, spec }
  const answer = await api.create(targetClusters, target, { dryRun: true })
  demand(answer, 201)
  expect(answer.body.spec).toEqual(spec)
})

test('a status with every field is taken and read back', async () => {
  await taken(group('status', { ...base, scaling: { maxSize: 3 } }))
  const { spec: _group, ...document } = group('status', {})
  const answer = await api.apply(eksNodeGroups, { ...document, status: fullGroupStatus }, { subresource: 'status' })
  demand(answer, 200)
  expect(answer.body.status as EksNodeGroupStatus).toEqual(fullGroupStatus)
})

test('a status of a TargetCluster with every field is taken and read back', async () => {
  const target: Document = {
    apiVersion: 'tidegate.io/v1alpha1',
    kind: 'TargetCluster',
    metadata: { name: namespace },
    spec: { connection: { inCluster: {} }, aws: { region: 'us-west-2' }, suspend: true },
  }
  const made = await api.apply(targetClusters, target)
  demand(made, 201)
  try {
    const { spec: _spec, ...document } = target
    const answer = await api.apply(targetClusters, { ...document, status: fullTargetStatus }, { subresource: 'status' })
    demand(answer, 200)
    expect(answer.body.status).toEqual(fullTargetStatus)
  } finally {
    // The status says that a group uses it, and a policy of another file may already guard that.
    const annotations = { 'tidegate.io/confirm-deletion': made.body.metadata?.uid }
    await api.patch(targetClusters, target.metadata, { metadata: { annotations } })
    demand(await api.delete(targetClusters, target), 200)
  }
})

test('the scale subresource writes desiredSize, also where none was, and keeps to the bounds', async () => {
  await taken(group('scaled', { ...base, scaling: { maxSize: 3 } }))
  const scale = await api.scale(eksNodeGroups, { namespace, name: 'scaled' }, 2)
  demand(scale, 200)
  const spec = (await taken(group('scaled', { ...base, scaling: { maxSize: 3 } }))) as EksNodeGroupSpec
  expect(spec.scaling?.desiredSize).toBe(2)
  const tooMany = await api.scale(eksNodeGroups, { namespace, name: 'scaled' }, 4)
  expect(tooMany.status).toBe(422)
  expect(tooMany.message).toContain('desiredSize must lie between minSize and maxSize')
})
