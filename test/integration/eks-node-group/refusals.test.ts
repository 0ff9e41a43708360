import { describe, expect } from 'vitest'
import { loadBalancerLabel, marksOf } from '../../../src/drain/mark.ts'
import type { Node } from '../../../src/kube/objects.ts'
import { audited } from '../../support/audit.ts'
import { nodeRole, subnets } from '../../support/builders.ts'
import { eventually } from '../../support/eventually.ts'
import { instanceOf } from '../../support/order.ts'
import { Workload } from '../../support/workload.ts'
import { test } from '../../support/world.ts'
import { scaleTo, withNodes } from './sized.ts'

const { signal } = new AbortController()

interface Refusal {
  readonly code: string
  readonly status?: number
  readonly message: string
  readonly reason: string
}

/** Waits for a person. The words are those of the reviewed table of errors (`src/aws/error-table.ts`). */
const stalled: readonly Refusal[] = [
  {
    reason: 'RoleNotTrusted',
    code: 'InvalidParameterException',
    message: 'Following required service principals [ec2.amazonaws.com] were not found in the trust relationships of nodeRole',
  },
  { reason: 'UnsupportedZone', code: 'UnsupportedAvailabilityZoneException', message: 'not offered in us-west-2d' },
  { reason: 'ClusterNotFound', code: 'ResourceNotFoundException', status: 404, message: 'No cluster found for name: demo.' },
  { reason: 'NoCredentials', code: 'MissingAuthenticationToken', status: 403, message: 'Missing Authentication Token' },
  { reason: 'CredentialsRefused', code: 'UnrecognizedClientException', status: 403, message: 'The security token included in the request is invalid.' },
  { reason: 'ClockSkewed', code: 'RequestInTheFuture', status: 403, message: 'Signature not yet current' },
]

/** Is tried again by itself. */
const waits: readonly Refusal[] = [
  { reason: 'ClusterNotActive', code: 'InvalidRequestException', message: "Cluster 'demo' is not in ACTIVE status" },
  { reason: 'WaitingForPropagation', code: 'ResourcePropagationDelayException', status: 428, message: 'the service-linked role is on its way' },
  { reason: 'InsufficientCapacity', code: 'InsufficientInstanceCapacity', message: 'We currently do not have sufficient m6i.large capacity' },
]

describe.concurrent('what EKS answers to a creation', () => {
  test.for(stalled)('$reason: somebody is needed', async ({ reason, ...error }, { place }) => {
    const heal = await place.cloud.groupFault(place.inEks(), { action: 'CreateNodegroup', effect: 'Error', ...error })
    const group = await place.have()
    await group.condition('Stalled', { status: 'True', reason, says: [error.message] })
    await group.condition('Ready', { status: 'False', reason })
    await heal()
    await group.annotate({ retry: 'mended' })
    await group.ready()
  })

  test.for(waits)('$reason: it is asked again', async ({ reason, ...error }, { place }) => {
    const heal = await place.cloud.groupFault(place.inEks(), { action: 'CreateNodegroup', effect: 'Error', ...error })
    const group = await place.have()
    await group.condition('Reconciling', { status: 'True', reason, says: [error.message] })
    await heal()
    await group.ready()
  })
})

const one = { sizeOwner: 'Spec', desiredSize: 1 } as const

describe.concurrent('what AWS answers to a change', () => {
  test('another operation runs on the group', async ({ place }) => {
    const { group } = await withNodes(place, one)
    const heal = await place.cloud.groupFault(place.inEks(), {
      action: 'UpdateNodegroupConfig',
      effect: 'Error',
      code: 'ResourceInUseException',
      status: 409,
      message: 'Nodegroup cannot be updated as it is currently not in Active State',
    })
    await scaleTo(place, 2)
    await group.condition('Reconciling', { reason: 'NodeGroupBusy', says: ['not in Active State'] })
    await heal()
    await group.until(({ status }) => expect(status?.nodes?.summary).toBe('2/2'))
  })

  test('EKS updates healthy groups only', async ({ place }) => {
    const { group } = await withNodes(place, one, { releaseVersion: '1.36.2-20260616' })
    const heal = await place.cloud.groupFault(place.inEks(), {
      action: 'UpdateNodegroupVersion',
      effect: 'Error',
      code: 'InvalidRequestException',
      message: 'Nodegroup health has issues other than [ AsgInstanceLaunchFailures ]',
    })
    await scaleTo(place, 1, { releaseVersion: '1.36.2-20260714', update: { approval: 'Automatic' } })
    await group.condition('Stalled', { reason: 'NodeGroupUnhealthy', says: ['health has issues'] })
    await heal()
    await group.annotate({ retry: 'healthy' })
    await group.ready()
  })

  test('a tag that may not be set holds no node: one leaves and two come, and it is told all the while', async ({ place }) => {
    const { group } = await withNodes(place, { sizeOwner: 'Spec', desiredSize: 2 })
    const resourceArn = (await group.read()).status?.arn
    const action = 'TagResource'
    const message = 'User: operator is not authorized to perform: eks:TagResource with an explicit deny in a service control policy'
    const order = { service: 'eks', action, match: { resourceArn }, effect: 'Error', code: 'AccessDeniedException', status: 403, message }
    const heal = await place.cloud.fault(order)
    await scaleTo(place, 2, { tags: { team: 'web' } })
    await group.condition('Stalled', { reason: 'AccessDenied', says: ['eks:TagResource', 'IAM policy'] })
    await scaleTo(place, 1, { tags: { team: 'web' } })
    await group.until(({ status }) => expect([status?.nodes?.summary, status?.removals]).toEqual(['1/1', undefined]))
    await scaleTo(place, 3, { tags: { team: 'web' } })
    await group.until(({ status }) => expect(status?.nodes?.summary).toBe('3/3'))
    await group.condition('InSync', { status: 'False', reason: 'Drifted', says: ['tags differ', 'eks:TagResource'] })
    await group.condition('Stalled', { reason: 'AccessDenied', says: ['eks:TagResource', 'IAM policy'] })
    await heal()
    await group.annotate({ retry: 'allowed' })
    await group.ready()
    expect((await place.cloud.needGroup(place.inEks())).tags).toMatchObject({ team: 'web' })
  })

  const ends: readonly (Refusal & { readonly type: 'Stalled' | 'Reconciling' })[] = [
    {
      type: 'Stalled',
      reason: 'MinSizeReached',
      code: 'ValidationError',
      message: "Currently, desiredSize equals minSize (1). Terminating instance without replacement will violate group's min size constraint.",
    },
    { type: 'Reconciling', reason: 'ScalingInProgress', code: 'ScalingActivityInProgress', message: 'a scaling activity is in progress' },
  ]
  test.for(ends)('$reason: the node that leaves is not ended', async ({ type, reason, ...error }, { place }) => {
    const { group, nodes } = await withNodes(place, one)
    const instance = instanceOf(nodes[0])
    const action = 'TerminateInstanceInAutoScalingGroup'
    const heal = await place.cloud.fault({ service: 'autoscaling', action, match: { InstanceId: instance }, effect: 'Error', ...error })
    await scaleTo(place, 0)
    await group.condition(type, { reason, says: [error.message] })
    expect((await place.cloud.needGroup(place.inEks())).scaling?.instanceIds).toEqual([instance])
    await heal()
    await group.annotate({ retry: 'again' })
    await group.until(({ status }) => expect(status?.nodes).toMatchObject({ running: 0 }))
  })

  test('somebody moved the bounds of the Auto Scaling group under a withdrawal', async ({ place }) => {
    const type = 'm6i.2xlarge'
    const { group } = await withNodes(place, one, { instanceTypes: [type] })
    const lift = await place.cloud.fault({ effect: 'NoCapacity', match: { instanceType: type } })
    await scaleTo(place, 3, { instanceTypes: [type] })
    await group.until(({ status }) => expect(status?.scaling?.desiredSize).toBe(3))
    const heal = await place.cloud.refuseNumber(place.inEks())
    await scaleTo(place, 1, { instanceTypes: [type] })
    await group.condition('Stalled', { reason: 'SizeOutOfBounds', says: ['below min value 2'] })
    await heal()
    await group.annotate({ retry: 'moved back' })
    await group.until(({ status }) => expect([status?.scaling?.desiredSize, status?.withdrawal]).toEqual([1, undefined]))
    await lift()
  })
})

describe.concurrent('what somebody did in AWS', () => {
  test('the Auto Scaling group was deleted', async ({ place }) => {
    const { group } = await withNodes(place, one)
    await place.cloud.happen({ order: 'DeleteScalingGroup', cluster: 'demo', nodegroup: place.inEks() })
    await group.condition('Stalled', { reason: 'AutoScalingGroupNotFound', says: ['delete this object and apply it again'] })
  })

  test('a suspended group was deleted', async ({ place }) => {
    const group = await place.have()
    await group.ready()
    await group.patch({ op: 'replace', path: '/spec/suspend', value: true })
    await group.condition('Paused', { reason: 'Suspended' })
    await place.cloud.console.nodeGroups.delete('demo', place.inEks(), { signal })
    await eventually(async () => expect(await place.cloud.group(place.inEks())).toBeUndefined())
    await group.annotate({ refresh: 'deleted' })
    await group.condition('Provisioned', { status: 'False', reason: 'DeletedOutside', says: ['was there and is gone'] })
    await group.patch({ op: 'replace', path: '/spec/suspend', value: false })
    await group.ready()
  })

  test('what keeps EKS from deleting the group', async ({ place }) => {
    const group = await place.have()
    await group.ready()
    const code = 'Ec2SecurityGroupDeletionFailure'
    const heal = await place.cloud.groupFault(place.inEks(), { action: 'DeleteNodegroup', effect: 'FailLater', code, message: 'in use' })
    await group.deleteConfirmed()
    await group.condition('Provisioned', { status: 'False', reason: 'DeleteFailed', says: ['remove what holds it', code] })
    await heal()
    await group.gone()
  })

  test('more nodes than the rules of the kind let in without a word', async ({ place }) => {
    const instanceTypes = ['m6i.8xlarge']
    const lift = await place.cloud.fault({ effect: 'NoCapacity', match: { instanceType: instanceTypes[0] } })
    const creation = { name: place.inEks(), subnetIds: [subnets[0]], nodeRoleArn: nodeRole, instanceTypes, tags: {} }
    const scaling = { minSize: 0, maxSize: 200, desiredSize: 0 }
    await place.cloud.console.nodeGroups.create('demo', { ...creation, scaling }, { token: place.inEks(), signal })
    place.leaves()
    const group = await place.have({ instanceTypes, suspend: true, policy: { adoption: 'AdoptOnly' }, scaling: { maxSize: 200 } })
    await group.until(async () => expect((await place.cloud.needGroup(place.inEks())).status).toBe('ACTIVE'))
    await place.cloud.happen({ order: 'SetCapacity', cluster: 'demo', nodegroup: place.inEks(), desiredSize: 101 })
    await group.patch({ op: 'replace', path: '/spec/suspend', value: false })
    await group.condition('Stalled', { reason: 'SizeRefused', says: ['101', 'scaling.allowLarge'] })
    await lift()
  })
})

test('P2: Observe in the middle of a drain takes our marks back, and says so', async ({ place }) => {
  place.leaves()
  const { group, nodes } = await withNodes(place, one)
  const lift = await new Workload(place.client, place.namespace).runGuarded('guarded', nodes[0])
  await scaleTo(place, 0)
  await group.condition('Reconciling', { reason: 'DrainBlocked' })
  const [marked] = (await place.nodesOf(place.inEks())) as [Node]
  expect(marksOf(marked)).toHaveLength(1)
  await group.patch({ op: 'replace', path: '/spec/policy/management', value: 'Observe' })
  await group.condition('InSync', { status: 'True', reason: 'Observed' })
  const said = (await audited(place.plane.auditLog)).filter(({ target }) => target === `eksnodegroups/status ${place.namespace}/workers`)
  expect(said.flatMap(({ conditions }) => conditions.filter(({ reason }) => reason === 'TakingBack').map(({ type }) => type))).toEqual(
    expect.arrayContaining(['InSync', 'Reconciling']),
  )
  const [after] = await place.nodesOf(place.inEks())
  expect(after?.metadata.uid).toBe(nodes[0].metadata.uid)
  expect(marksOf(after as Node)).toEqual([])
  expect(after?.metadata.labels).not.toHaveProperty([loadBalancerLabel])
  await lift()
})
