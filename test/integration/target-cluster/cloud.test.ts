import { expect } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { resources } from '../../../src/kube/resource.ts'
import { aTargetCluster, nodeRole, subnets } from '../../support/builders.ts'
import { account, region } from '../../support/simulator.ts'
import { firstGroupOf, stageWith } from './world.ts'

const test = stageWith()
const { signal } = new AbortController()

// Each test has the one cluster for itself, under a name of its own, until it ends.
test('credentials of another account', async ({ stage }) => {
  const target = stage.target('wrong-account')
  await target.apply(aTargetCluster({ aws: { region, accountId: '999988887777' } }))
  await target.condition('CloudReachable', { status: 'False', reason: 'WrongAccount', says: [account, '999988887777'] })
  await target.condition('Stalled', { reason: 'WrongAccount' })
  await target.end()
})

test('a role of another account, which has a cluster of the same name: the groups are not looked for there, and end where they are', async ({ stage }) => {
  const target = stage.target('moved-away')
  await target.apply(aTargetCluster({ aws: { region } }))
  const { status } = await target.ready()
  const group = await firstGroupOf(stage, 'moved-away')
  await group.ready()
  await stage.cloud.happen({ order: 'CreateRole', account: '444455556666', name: 'other', path: '/tidegate/', trustedAccounts: [account] })
  await target.apply(aTargetCluster({ aws: { region, roleArn: 'arn:aws:iam::444455556666:role/tidegate/other' } }))
  await group.delete()
  await target.condition('Stalled', { status: 'True', reason: 'WrongAccount', says: [account, '444455556666', 'set spec.aws.roleArn back'] })
  expect((await target.read()).status?.eks?.arn).toBe(status?.eks?.arn)
  await group.condition('Reconciling', { reason: 'TargetNotReady', says: ['444455556666', 'Retain'] })
  expect(await stage.cloud.groups()).toEqual([expect.objectContaining({ name: 'moved-away-workers' })])
  await target.apply(aTargetCluster({ aws: { region } }))
  await target.ready()
  await group.gone()
  expect(await stage.cloud.groups()).toEqual([])
  await target.end()
})

test('a cluster that EKS does not know', async ({ stage }) => {
  const target = stage.target('unknown-cluster')
  await target.apply(aTargetCluster({ eksClusterName: 'atlantis' }))
  await target.condition('Stalled', { reason: 'EksClusterNotFound', says: ['no cluster atlantis in us-west-2', 'eksClusterName'] })
  await target.end()
})

test('a cluster that EKS is still making: its groups wait', async ({ stage }) => {
  const target = stage.target('waking')
  await target.apply(aTargetCluster({ eksClusterName: 'waking' }))
  await target.condition('CloudReachable', { status: 'False', reason: 'EksClusterNotActive', says: ['waking is Creating'] })
  const group = await firstGroupOf(stage, 'waking')
  await group.condition('Provisioned', { status: 'False', reason: 'EksClusterNotActive', says: ['waking is Creating', 'once it is Active'] })
  expect(await stage.cloud.calls('waking-workers', { access: 'write' })).toEqual([])
  await group.delete()
  await group.gone()
  await target.end()
})

const refusals = [
  {
    reason: 'AccessDenied',
    code: 'AccessDeniedException',
    message: 'not authorized to perform: eks:DescribeCluster',
    said: 'eks:DescribeCluster',
    remedy: 'IAM policy',
  },
  {
    reason: 'NoCredentials',
    code: 'MissingAuthenticationToken',
    message: 'Missing Authentication Token',
    said: 'Missing Authentication Token',
    remedy: 'EKS Pod Identity',
  },
  {
    reason: 'CredentialsRefused',
    code: 'UnrecognizedClientException',
    message: 'The security token included in the request is invalid.',
    said: 'The security token included in the request is invalid.',
    remedy: 'current',
  },
  { reason: 'ClockSkewed', code: 'RequestInTheFuture', message: 'Signature not yet current', said: 'Signature not yet current', remedy: 'set it right' },
] as const
test.for(refusals)(
  'AWS refuses the operator ($reason): said at once, tried again when a person asks',
  async ({ reason, said, remedy, ...error }, { stage }) => {
    const heal = await stage.cloud.fault({ service: 'eks', action: 'DescribeCluster', effect: 'Error', status: 403, ...error })
    const name = reason.toLowerCase()
    const target = stage.target(name)
    await target.apply(aTargetCluster())
    await target.condition('CloudReachable', { status: 'False', reason, says: [said, remedy] })
    await target.condition('Stalled', { reason })
    await heal()
    await target.annotate({ retry: 'now' })
    await target.ready()
    await target.end()
  },
)

const passing = [
  {
    sentence: 'AWS does not answer',
    fault: { effect: 'Error', code: 'ServerException', status: 500, message: 'internal failure' },
    expected: { reason: 'CloudUnreachable', says: ['internal failure'] },
  },
  {
    sentence: 'there are no credentials yet',
    fault: { effect: 'Error', code: 'MissingAuthenticationToken', status: 403, message: 'Missing Authentication Token' },
    expected: { reason: 'NoCredentials', says: ['EKS Pod Identity'] },
  },
  { sentence: 'AWS asks for fewer calls', fault: { effect: 'Throttle' }, expected: { reason: 'Throttled' } },
] as const
test.for(passing)('$sentence: it heals by itself', async ({ fault, expected }, { stage }) => {
  const heal = await stage.cloud.fault({ service: 'eks', action: 'DescribeCluster', ...fault })
  const target = stage.target(expected.reason.toLowerCase())
  await target.apply(aTargetCluster())
  await target.condition('CloudReachable', { status: 'False', ...expected })
  await heal()
  await target.ready()
  await target.end()
})

test('a target without AWS is Ready by Kubernetes alone, and no group can be made there', async ({ stage }) => {
  const target = stage.target('without-eks')
  await target.apply(aTargetCluster({ eksClusterName: undefined }))
  await target.condition('CloudReachable', { status: 'True', reason: 'NoEksCluster' })
  await target.ready()
  const group = await firstGroupOf(stage, 'without-eks')
  await group.condition('Stalled', { reason: 'NoEksCluster', says: ['spec.eksClusterName'] })
  await group.delete()
  await group.gone()
  await target.end()
})

test('a time zone that nobody knows waits for an edit', async ({ stage }) => {
  const target = stage.target('lost-in-time')
  await target.apply(aTargetCluster({ timeZone: 'Europe/Atlantis' }))
  await target.condition('Stalled', { reason: 'InvalidTimeZone', says: ['Europe/Atlantis', 'Europe/Berlin'] })
  await target.apply(aTargetCluster({ timeZone: 'Europe/Berlin' }))
  await target.ready()
  await target.end()
})

test('a suspended target holds back its groups, and says that it is the target', async ({ stage }) => {
  const target = stage.target('suspended')
  await target.apply(aTargetCluster({ suspend: true }))
  const group = await firstGroupOf(stage, 'suspended')
  await group.condition('Paused', { status: 'True', reason: 'Suspended', says: ['TargetCluster'] })
  expect(await stage.cloud.calls('suspended-workers', { access: 'write' })).toEqual([])
  await target.apply(aTargetCluster())
  await group.ready()
  await group.delete()
  await group.gone()
  await target.end()
})

test('the list of groups names every group of the cluster with its object, or with the tool that made it', async ({ stage }) => {
  const console = stage.cloud.console.nodeGroups
  const creation = { subnetIds: [subnets[0]], nodeRoleArn: nodeRole, scaling: { minSize: 0, maxSize: 1, desiredSize: 0 } }
  await console.create('demo', { ...creation, name: 'by-eksctl', tags: { 'alpha.eksctl.io/nodegroup-name': 'x' } }, { token: 'by-eksctl', signal })
  await console.create('demo', { ...creation, name: 'by-hand', tags: {} }, { token: 'by-hand', signal })
  const target = stage.target('listed')
  await target.apply(aTargetCluster())
  const { status } = await target.until((object) => expect(object.status?.groups).toHaveLength(2))
  expect(status?.groups).toEqual([
    expect.objectContaining({ name: 'by-eksctl', type: 'Eks', managedBy: 'eksctl' }),
    expect.not.objectContaining({ managedBy: expect.anything() }),
  ])

  const group = await firstGroupOf(stage, 'listed')
  await target.until((object) => expect(object.status?.groups).toContainEqual(expect.objectContaining({ name: 'listed-workers', object: 'listed/workers' })))
  await group.ready()
  await group.delete()
  await group.gone()
  await target.until((object) => expect(object.status?.groups?.map(({ name }) => name)).toEqual(['by-eksctl', 'by-hand']))

  await target.apply(aTargetCluster({ discovery: 'None' }))
  await target.until((object) => expect(object.status?.groups).toBeUndefined())
  for (const name of ['by-eksctl', 'by-hand']) await console.delete('demo', name, { signal })
  await eventually(async () => expect(await stage.cloud.groups()).toEqual([]))
  await target.end()
})

test('GPUs of the nodes, and what pods have requested of them', async ({ stage }) => {
  const target = stage.target('gpus')
  await target.apply(aTargetCluster())
  await target.ready()
  const gpus = { 'nvidia.com/gpu': '8' }
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'with-gpus' }, spec: { taints: [{ key: 'nvidia.com/gpu', effect: 'NoSchedule' }] } }
  await stage.client.create(resources.nodes, node, { fieldManager: 'test', signal })
  const status = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'with-gpus' }, status: { capacity: gpus, allocatable: gpus } }
  await stage.client.apply(resources.nodes, { name: 'with-gpus' }, status, { subresource: 'status', fieldManager: 'test', signal })
  await target.until((object) => expect(object.status?.gpus).toEqual({ capacity: 8, allocated: 0 }))
  const container = { name: 'train', image: 'example.com/train', resources: { limits: { 'nvidia.com/gpu': '3' } } }
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'train' },
    spec: { nodeName: 'with-gpus', containers: [container], tolerations: [{ operator: 'Exists' }] },
  }
  await eventually(async () => await stage.client.create(resources.pods, pod, { namespace: 'default', fieldManager: 'test', signal })) // once its service account is there
  await target.until((object) => expect(object.status?.gpus).toEqual({ capacity: 8, allocated: 3 }))
  await stage.client.delete(resources.pods, { namespace: 'default', name: 'train' }, { signal, gracePeriodSeconds: 1 })
  await stage.client.delete(resources.nodes, { name: 'with-gpus' }, { signal })
  await target.until((object) => expect(object.status?.gpus).toBeUndefined())
  await target.end()
})
