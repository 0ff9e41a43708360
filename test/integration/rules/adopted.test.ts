import { expect } from 'vitest'
import { anEksNodeGroup, nodeRole, subnets } from '../../support/builders.ts'
import { test } from '../../support/world.ts'

const { signal } = new AbortController()

test('A6: a group that CloudFormation made is left alone, and adopted only with a warning that names CloudFormation', async ({ place }) => {
  place.leaves()
  const { nodeGroups } = place.cloud.console
  const tags = { 'aws:cloudformation:stack-name': 'training-nodes' }
  const creation = { name: place.inEks(), subnetIds: [subnets[0]], nodeRoleArn: nodeRole, scaling: { minSize: 0, maxSize: 5, desiredSize: 1 }, tags }
  await nodeGroups.create('demo', creation, { token: place.inEks(), signal })
  const group = await place.have({ instanceTypes: undefined })
  await group.condition('Stalled', { status: 'True', reason: 'AlreadyExists', says: ['policy.adoption to AdoptOrCreate', 'made by CloudFormation'] })
  await group.apply(anEksNodeGroup({ nodeGroupName: place.inEks(), instanceTypes: undefined, policy: { adoption: 'AdoptOrCreate' } }))
  const { status } = await group.ready()
  expect(status).toMatchObject({ ownership: { origin: 'Adopted', managedElsewhere: 'CloudFormation' }, scaling: { desiredSize: 1 } })
  expect(await place.events(group, 'ManagedElsewhere')).toEqual([expect.stringMatching(/made by CloudFormation.*take it out there/)])
  await group.delete()
  await group.gone()
  expect((await place.cloud.needGroup(place.inEks())).tags).toMatchObject(tags)
})
