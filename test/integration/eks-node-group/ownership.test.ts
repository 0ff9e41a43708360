import { describe, expect } from 'vitest'
import { anEksNodeGroup, nodeRole, subnets } from '../../support/builders.ts'
import { eventually } from '../../support/eventually.ts'
import { templates } from '../../support/simulator.ts'
import { type Place, test } from '../../support/world.ts'
import { looked } from './looked.ts'

const { signal } = new AbortController()

/** A group that somebody else made, with two nodes. */
async function madeInConsole(place: Place, tags: Readonly<Record<string, string>> = {}, more: object = {}): Promise<void> {
  const { nodeGroups } = place.cloud.console
  const creation = {
    name: place.inEks(),
    subnetIds: [subnets[0]],
    nodeRoleArn: nodeRole,
    scaling: { minSize: 0, maxSize: 5, desiredSize: 2 },
    instanceTypes: ['m6i.large'],
    tags: { team: 'training', ...tags },
    ...more,
  }
  await nodeGroups.create('demo', creation, { token: place.inEks(), signal })
  await eventually(async () => expect((await nodeGroups.describe('demo', place.inEks(), { signal }))?.state).toBe('Active'))
}

describe.concurrent('A6: whose group it is', () => {
  test('CreateOnly leaves a group of somebody else alone', async ({ place }) => {
    place.leaves()
    await madeInConsole(place)
    const group = await place.have()
    await group.condition('Stalled', { reason: 'AlreadyExists', says: [`already has a node group ${place.inEks()}`, 'policy.adoption to AdoptOrCreate'] })
    await group.delete()
    await group.gone()
    expect(await place.cloud.needGroup(place.inEks())).toMatchObject({ status: 'ACTIVE', tags: { team: 'training' } })
    expect((await place.cloud.calls(place.inEks(), { access: 'write' })).map(({ action }) => action)).toEqual(['CreateNodegroup'])
  })

  test('AdoptOrCreate takes it with its number and its tags, and retains it at the end', async ({ place }) => {
    place.leaves()
    await madeInConsole(place, { 'alpha.eksctl.io/nodegroup-name': 'workers' })
    const group = await place.have({ policy: { adoption: 'AdoptOrCreate' } })
    await group.until(({ spec }) => expect(spec.scaling?.desiredSize).toBe(2))
    const { status, metadata } = await group.ready()
    expect(status).toMatchObject({ ownership: { origin: 'Adopted', managedElsewhere: 'eksctl' }, nodes: { summary: '2/2' } })
    expect((await place.cloud.needGroup(place.inEks())).tags).toMatchObject({ team: 'training', 'tidegate.io/owner': metadata.uid })
    expect(await place.events(group, 'ManagedElsewhere')).toEqual([expect.stringContaining('made by eksctl')])
    await group.delete()
    await group.gone()
    expect((await place.cloud.needGroup(place.inEks())).scaling).toMatchObject({ desiredSize: 2 })
    expect(await place.events(group, 'Released')).toEqual([expect.stringContaining('adopted, therefore retained')])
  })

  test('what EKS cannot change and the spec has otherwise is drift; the spec takes what EKS has by way of Observe', async ({ place }) => {
    place.leaves()
    await madeInConsole(place)
    const group = await place.have({ policy: { adoption: 'AdoptOrCreate' }, instanceTypes: ['m5.large'] })
    await group.condition('InSync', { status: 'False', reason: 'Drifted', says: ['instanceTypes', 'set policy.management to Observe'] })
    const spec = (management: 'Manage' | 'Observe', type: string) =>
      anEksNodeGroup({
        nodeGroupName: place.inEks(),
        policy: { adoption: 'AdoptOrCreate', management },
        instanceTypes: [type],
        scaling: { minSize: 0, maxSize: 5 },
      })
    await expect(group.apply(spec('Manage', 'm6i.large'))).rejects.toThrow('instanceTypes cannot be changed')
    await group.apply(spec('Observe', 'm5.large'))
    await group.apply(spec('Manage', 'm6i.large'))
    await group.ready()
    expect((await group.read()).status).toMatchObject({ nodes: { summary: '2/2' }, ownership: { origin: 'Adopted' } })
    expect((await group.read()).status).not.toHaveProperty('drift')
  })

  test.for([
    ['of the same version', '1', {}],
    ['of another version, and a release', '2', { releaseVersion: '1.36.2-20260714' }],
  ] as const)('B7: one on another launch template %s is told, and never updated', async ([, version, more], { place }) => {
    place.leaves()
    await madeInConsole(place, {}, { launchTemplate: { id: templates.other.id, version: '1' }, releaseVersion: '1.36.2-20260616' })
    const spec = { policy: { adoption: 'AdoptOrCreate' }, update: { approval: 'Automatic' }, ...more } as const
    const group = await place.have({ ...spec, launchTemplate: { id: templates.own.id, version } })
    await group.condition('InSync', { status: 'False', reason: 'Drifted', says: ['launchTemplate', 'policy.deletion: Retain'] })
    await group.condition('UpToDate', { status: 'False', reason: 'UpdateBarred', says: [`${templates.other.id} other → ${templates.own.id}`] })
    const { status } = await group.read()
    expect(status?.drift).toMatchObject([{ field: 'launchTemplate', desired: templates.own.id, actual: `${templates.other.id} other` }])
    await group.delete()
    await group.gone()
    expect((await place.cloud.calls(place.inEks(), { access: 'write' })).map(({ action }) => action)).not.toContain('UpdateNodegroupVersion')
  })

  test('B7: another version of the template that it has is an update like any other', async ({ place }) => {
    place.leaves()
    await madeInConsole(place, {}, { launchTemplate: { id: templates.own.id, version: '1' } })
    const spec = { policy: { adoption: 'AdoptOrCreate' }, update: { approval: 'Automatic' } } as const
    const group = await place.have({ ...spec, launchTemplate: { name: templates.own.name, version: '2' } })
    await group.until(({ status }) => expect(status?.launchTemplate).toMatchObject({ ...templates.own, version: '2' }))
    await group.ready()
    const [update, ...others] = await place.cloud.calls(place.inEks(), { action: 'UpdateNodegroupVersion' })
    expect([update?.input['launchTemplate'], others]).toEqual([{ id: templates.own.id, version: '2' }, []])
  })

  test('AdoptOnly makes none, and takes it once it is there', async ({ place }) => {
    place.leaves()
    const group = await place.have({ policy: { adoption: 'AdoptOnly' } })
    await group.condition('Provisioned', { status: 'False', reason: 'NotFound', says: ['AdoptOrCreate'] })
    expect(await place.cloud.group(place.inEks())).toBeUndefined()
    await madeInConsole(place)
    const { status } = await group.ready()
    expect(status).toMatchObject({ ownership: { origin: 'Adopted' }, nodes: { summary: '2/2' } })
    expect((await place.cloud.calls(place.inEks(), { action: 'CreateNodegroup' })).length).toBe(1)
  })

  test('an object that comes back from Git or a backup takes its group again', async ({ place }) => {
    const spec = { policy: { deletion: 'Retain' }, scaling: { minSize: 1, maxSize: 3 } } as const
    const group = await place.have(spec)
    const { status: before, metadata: old } = await group.ready()
    await group.delete()
    await group.gone()
    expect((await place.cloud.needGroup(place.inEks())).tags).toMatchObject({ 'tidegate.io/owner': old.uid })

    await place.have(spec)
    const { status, metadata } = await group.ready()
    expect(metadata.uid).not.toBe(old.uid)
    expect(status?.arn).toBe(before?.arn)
    expect(status?.ownership?.origin).toBe('Created')
    expect((await place.cloud.needGroup(place.inEks())).tags).toMatchObject({ 'tidegate.io/owner': metadata.uid })
    expect(await place.events(group, 'Readopted')).toEqual([expect.stringContaining(old.uid)])
    place.leaves()
  })

  test('the group of another object is refused, until a person says that its owner is gone', async ({ place }) => {
    const uidOfOld = '8b6c1f0e-0000-4000-8000-000000000000'
    await madeInConsole(place, {
      'tidegate.io/owner': uidOfOld,
      'tidegate.io/object': 'other/workers',
      'tidegate.io/cluster': 'elsewhere',
      'tidegate.io/origin': 'Created',
    })
    const group = await place.have({ policy: { adoption: 'AdoptOrCreate', deletion: 'Delete' } })
    await group.condition('Stalled', {
      reason: 'OwnedByAnother',
      says: ['belongs to other/workers of management cluster elsewhere', `tidegate.io/take-over=${uidOfOld}`],
    })
    await looked(place, group, { 'take-over': 'somebody-else' })
    expect(await place.events(group, 'AnnotationUnclear')).toHaveLength(1)
    expect((await place.cloud.needGroup(place.inEks())).tags).toMatchObject({ 'tidegate.io/owner': uidOfOld })
    await group.condition('Stalled', { reason: 'OwnedByAnother' })
    await group.annotate({ 'take-over': uidOfOld })
    const { metadata } = await group.ready()
    expect((await place.cloud.needGroup(place.inEks())).tags).toMatchObject({
      'tidegate.io/owner': metadata.uid,
      'tidegate.io/origin': 'Adopted',
      team: 'training',
    })
  })

  test('two objects for one group: the second one is refused', async ({ place }) => {
    const first = await place.have({}, 'first')
    await first.ready()
    const second = await place.have({ nodeGroupName: place.inEks('first') }, 'second')
    await second.condition('Stalled', { reason: 'OwnedByAnother', says: [`${place.namespace}/first`] })
    await second.delete()
    await second.gone()
    expect(await place.cloud.needGroup(place.inEks('first'))).toMatchObject({ status: 'ACTIVE' })
  })

  test('Observe says what is there and writes nothing', async ({ place }) => {
    place.leaves()
    const group = await place.have({ policy: { management: 'Observe' }, scaling: { minSize: 4, maxSize: 5 } })
    await group.condition('Provisioned', { status: 'False', reason: 'NotFound', says: [place.inEks()] })
    await madeInConsole(place)
    const { status } = await group.ready()
    expect(status).toMatchObject({
      scaling: { desiredSize: 2, desiredSizeOwner: 'External' },
      nodes: { summary: '2/2' },
      observed: { instanceTypes: ['m6i.large'], tags: { team: 'training' } },
    })
    await group.apply(anEksNodeGroup({ nodeGroupName: place.inEks(), policy: { management: 'Observe' }, scaling: { minSize: 3, maxSize: 5 } }))
    await group.ready()
    await group.delete()
    await group.gone()
    expect((await place.cloud.calls(place.inEks(), { access: 'write' })).map(({ action }) => action)).toEqual(['CreateNodegroup'])
  })
})
