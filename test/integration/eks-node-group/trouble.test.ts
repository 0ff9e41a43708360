import { describe, expect } from 'vitest'
import { systemClock } from '../../../src/lib/clock.ts'
import { allowedLabel, anEksNodeGroup, aTargetCluster, missing, subnets } from '../../support/builders.ts'
import { templates } from '../../support/simulator.ts'
import { operatorSpeed, test } from '../../support/world.ts'

const { signal } = new AbortController()

/** One minute of the operator's time: what is tried again by itself is tried by then. */
const minuteMs = 60_000 / operatorSpeed

describe.concurrent('what AWS refuses', () => {
  test('a subnet that is not there', async ({ place }) => {
    const group = await place.have({ subnetIds: [missing.subnet] })
    await group.condition('Stalled', { status: 'True', reason: 'SubnetNotFound', says: [missing.subnet, 'VPC, region and account'] })
    await group.condition('Ready', { status: 'False', reason: 'SubnetNotFound' })
    expect(await place.cloud.group(place.inEks())).toBeUndefined()
    await group.until(({ status }) => expect(status?.operation).toBeUndefined())
    await group.delete()
    await group.gone()
  })

  test('a role that is not there', async ({ place }) => {
    const group = await place.have({ nodeRoleArn: missing.role })
    await group.condition('Stalled', { status: 'True', reason: 'RoleNotFound', says: [/role/i] })
    expect(await place.cloud.group(place.inEks())).toBeUndefined()
  })

  test('a launch template with an image beside a version: in EKS’ words, not tried again by itself, and healed by a spec without it', async ({ place }) => {
    const launchTemplate = { id: templates.withImage.id, version: '1' }
    const group = await place.have({ launchTemplate, version: '1.36' })
    const says = ['image id within the launch template', 'version', 'Correct what AWS names']
    await group.condition('Stalled', { status: 'True', reason: 'RefusedByAws', says })
    await systemClock.sleep(minuteMs)
    await group.apply(anEksNodeGroup({ nodeGroupName: place.inEks(), launchTemplate }))
    const { status } = await group.ready()
    expect(status?.launchTemplate).toMatchObject({ ...templates.withImage, version: '1' })
    expect((await place.cloud.calls(place.inEks(), { action: 'CreateNodegroup' })).map(({ status: answer }) => answer)).toEqual([400, 200])
  })

  test('a missing right: nothing hot, and another try when a person asks for it', async ({ place }) => {
    const heal = await place.cloud.groupFault(place.inEks(), {
      action: 'CreateNodegroup',
      effect: 'Error',
      code: 'AccessDeniedException',
      status: 403,
      message: 'User: arn:aws:sts::111122223333:assumed-role/x is not authorized to perform: eks:CreateNodegroup',
    })
    const group = await place.have({ scaling: { minSize: 1, maxSize: 2 } })
    await group.condition('Stalled', { status: 'True', reason: 'AccessDenied', says: ['eks:CreateNodegroup', 'IAM policy'] })
    await systemClock.sleep(minuteMs)
    await heal()
    await group.annotate({ retry: 'now' })
    await group.ready()
    const tries = await place.cloud.calls(place.inEks(), { action: 'CreateNodegroup' })
    expect(tries.map(({ status }) => status)).toEqual([403, 200])
    const [first, second] = tries.map(({ input }) => input['clientRequestToken'])
    expect(second).not.toBe(first)
  })

  test('A1: throttling is waited out with the same token', async ({ place }) => {
    await place.cloud.groupFault(place.inEks(), { action: 'CreateNodegroup', effect: 'Throttle', times: 4 })
    const group = await place.have()
    await group.ready()
    const tries = await place.cloud.calls(place.inEks(), { action: 'CreateNodegroup' })
    expect(tries.map(({ status }) => status)).toEqual([429, 429, 429, 429, 200])
    expect(new Set(tries.map(({ input }) => input['clientRequestToken'])).size).toBe(1)
  })

  test.for(['CreateNodegroup', 'UpdateNodegroupConfig', 'DeleteNodegroup'])('A2: the answer of %s is lost: it is done once', async (action, { place }) => {
    await place.cloud.groupFault(place.inEks(), { action, effect: 'DropResponse', times: 1 })
    const group = await place.have({ scaling: { minSize: 0, maxSize: 4, desiredSize: 2, sizeOwner: 'Spec' } })
    const { status } = await group.ready()
    expect(status?.nodes?.summary).toBe('2/2')
    expect((await place.cloud.needGroup(place.inEks())).scaling).toMatchObject({ minSize: 0, maxSize: 4, desiredSize: 2 })
    await group.end()
    expect(await place.cloud.group(place.inEks())).toBeUndefined()
    const struck = (await place.cloud.calls(place.inEks())).filter(({ fault }) => fault !== undefined)
    expect(struck.map(({ action: lost }) => lost)).toEqual([action])
  })

  test('AWS says nothing but errors for a while', async ({ place }) => {
    const heal = await place.cloud.groupFault(place.inEks(), {
      effect: 'Error',
      code: 'ServerException',
      status: 500,
      message: 'internal failure, request id 8f3b',
    })
    const group = await place.have({ scaling: { minSize: 1, maxSize: 2 } })
    await group.condition('Reconciling', { reason: 'RetryingAfterError', says: ['internal failure'] })
    await heal()
    const { status } = await group.ready()
    expect(status?.conditions?.map(({ type }) => type)).not.toContain('Reconciling')
  })

  test('B2: no capacity: said in the words of AWS, and it heals by itself', async ({ place }) => {
    const heal = await place.cloud.fault({
      effect: 'NoCapacity',
      match: { instanceType: 'm6i.xlarge' },
      message: 'We currently do not have sufficient m6i.xlarge capacity in the Availability Zone you requested (us-west-2a).',
    })
    const group = await place.have({ instanceTypes: ['m6i.xlarge'], scaling: { minSize: 2, maxSize: 4 } })
    await group.condition('NodesReady', { status: 'False', reason: 'NoCapacity', says: ['0 of 2 instances run', 'sufficient m6i.xlarge capacity'] })
    await group.condition('Healthy', { status: 'False', reason: 'Degraded', says: ['AsgInstanceLaunchFailures'] })
    await group.condition('Provisioned', { status: 'True' })
    await heal()
    const { status } = await group.ready()
    expect(status?.nodes?.summary).toBe('2/2')
    expect(status?.healthIssues).toBeUndefined()
  })

  test('P8: somebody suspended the launches: said with the command that resumes them, and never resumed by us', async ({ place }) => {
    const { scalingGroups } = place.cloud.console
    const group = await place.have({ scaling: { minSize: 0, maxSize: 2, desiredSize: 0, sizeOwner: 'Spec' } })
    await group.ready()
    const name = (await place.cloud.needGroup(place.inEks())).scaling?.name ?? ''
    await scalingGroups.suspend(name, ['Launch'], { signal })
    await group.patch({ op: 'replace', path: '/spec/scaling/desiredSize', value: 1 })
    const command = `aws autoscaling resume-processes --auto-scaling-group-name ${name} --scaling-processes Launch`
    await group.condition('NodesReady', { status: 'False', reason: 'LaunchBlocked', says: ['0 of 1 instances run', command] })
    await group.condition('Reconciling', { status: 'True', reason: 'LaunchBlocked' })
    await scalingGroups.resume(name, ['Launch'], { signal })
    const { status } = await group.ready()
    expect(status?.nodes?.summary).toBe('1/1')
    expect(await place.cloud.scalingCalls(place.inEks(), { action: 'ResumeProcesses' })).toHaveLength(1)
  })
})

// Not beside the others: whoever changes the TargetCluster has every Stalled group try again.
describe('A8: what the TargetCluster does not allow', () => {
  test('another role', async ({ place }) => {
    const role = 'arn:aws:iam::111122223333:role/administrator'
    const group = await place.have({ nodeRoleArn: role })
    await group.condition('Stalled', { reason: 'RoleNotAllowed', says: ['TargetCluster demo', role, 'spec.allow.passRoleArns'] })
    expect(await place.cloud.calls(place.inEks())).toEqual([])
  })

  test('another namespace, until an administrator lets it in', async ({ place }) => {
    const stranger = `${place.namespace}-stranger`
    await place.openNamespace(stranger, {})
    const group = place.group(stranger, 'workers')
    await group.apply(anEksNodeGroup({ nodeGroupName: place.inEks() }))
    await group.condition('Stalled', { reason: 'NotAllowedInNamespace', says: [`namespace ${stranger}`, 'spec.allow.namespaces'] })
    expect(await place.cloud.calls(place.inEks())).toEqual([])
    const { allow } = aTargetCluster()
    await place.target('demo').apply(aTargetCluster({ allow: { ...allow, namespaces: { ...allow?.namespaces, names: [stranger] } } }))
    await group.ready()
    await group.delete()
    await group.gone()
    await place.target('demo').apply(aTargetCluster())
    await place.client.delete({ group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace', namespaced: false }, { name: stranger }, { signal })
  })

  test('another namespace, until somebody gives it the label', async ({ place }) => {
    const stranger = `${place.namespace}-unlabelled`
    await place.openNamespace(stranger, {})
    const group = place.group(stranger, 'workers')
    await group.apply(anEksNodeGroup({ nodeGroupName: place.inEks() }))
    await group.condition('Stalled', { reason: 'NotAllowedInNamespace', says: [`namespace ${stranger}`] })
    await place.kubectl('label', 'namespace', stranger, ...Object.entries(allowedLabel).map(([name, value]) => `${name}=${value}`))
    await group.ready()
    await group.delete()
    await group.gone()
    await place.kubectl('delete', 'namespace', stranger, '--wait=false')
  })

  test('a reference that leads nowhere heals when the target comes', async ({ place }) => {
    const group = await place.have({ targetClusterRef: { name: `${place.namespace}-later` }, subnetIds: [subnets[1]] })
    await group.condition('Provisioned', { status: 'False', reason: 'ReferenceNotFound', says: [`${place.namespace}-later`] })
    await place.haveTarget(`${place.namespace}-later`)
    // It is the same cluster as `demo`, which was first.
    await group.condition('Provisioned', { status: 'False', reason: 'TargetNotReady', says: ['TargetCluster demo is the same cluster'] })
    // Whether something was made there nobody can see: an object that goes now says what becomes of it.
    await group.delete()
    await group.condition('Reconciling', { reason: 'TargetNotReady', says: ['TargetCluster demo is the same cluster', 'Retain'] })
    await group.patch({ op: 'add', path: '/spec/policy/deletion', value: 'Retain' })
  })
})
