import { AutoScalingClient, SetDesiredCapacityCommand } from '@aws-sdk/client-auto-scaling'
import { expect } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { account, credentialsOf, region } from '../../support/simulator.ts'
import { expectCondition } from '../../support/subject.ts'
import { type Place, test } from '../../support/world.ts'

/** Brings a group that is being created to CREATE_FAILED: somebody wants an instance of it meanwhile, and there is none to be had. */
async function failCreation(place: Place): Promise<void> {
  const { cloud } = place
  await cloud.clock({ advanceSeconds: 15 })
  const { scaling } = await eventually(async () => {
    const group = await cloud.needGroup(place.inEks())
    expect(group.scaling).toBeDefined()
    return group
  })
  const client = new AutoScalingClient({ region, endpoint: cloud.url, credentials: credentialsOf(account) })
  await client.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: scaling?.name, DesiredCapacity: 1 }))
  client.destroy()
  await cloud.clock({ advanceSeconds: 1000 })
  expect((await cloud.needGroup(place.inEks())).status).toBe('CREATE_FAILED')
}

test('B2: a creation that EKS gave up on is repeated twice, then a person is asked, and can ask for it again', async ({ place }) => {
  await place.cloud.clock({ pause: true })
  const noCapacity = await place.cloud.fault({ effect: 'NoCapacity', match: { instanceType: 'm6i.xlarge' } })
  const group = await place.have({ instanceTypes: ['m6i.xlarge'] })
  const arns = new Set<string>()
  for (const failures of [1, 2, 3]) {
    await eventually(async () => expect((await place.cloud.group(place.inEks()))?.status).toBe('CREATING'), { timeoutMs: 90_000 })
    arns.add((await place.cloud.needGroup(place.inEks())).arn)
    await failCreation(place)
    // It is deleted again some seconds later.
    const { status } = await group.until((object) => {
      expect(object.status?.creation?.failures).toBe(failures)
      expectCondition(object, 'Provisioned', { status: 'False', reason: 'CreateFailed' })
    })
    expect(status?.creation?.issues).toEqual([expect.objectContaining({ code: 'AsgInstanceLaunchFailures' })])
    if (failures === 3) break
    await eventually(async () => expect((await place.cloud.group(place.inEks()))?.status).not.toBe('CREATE_FAILED'), { timeoutMs: 90_000 })
    await place.cloud.clock({ advanceSeconds: 200 })
  }
  expect(arns.size).toBe(3)
  await group.condition('Stalled', { status: 'True', reason: 'CreateFailed', says: ['after 3 attempts', 'AsgInstanceLaunchFailures', 'tidegate.io/retry='] })
  expect((await place.cloud.calls(place.inEks(), { action: 'CreateNodegroup' })).length).toBe(3)
  const told = await place.events(group, 'CreateFailed')
  for (const follows of ['attempt 2 of 3 follows', 'attempt 3 of 3 follows', 'nothing more is tried after 3 attempts'])
    expect(told.filter((note) => note.includes(follows))).toHaveLength(1)
  expect(told).toHaveLength(3)
  await noCapacity()
  await group.annotate({ retry: 'mended' })
  await eventually(async () => expect((await place.cloud.group(place.inEks()))?.status).not.toBe('CREATE_FAILED'), { timeoutMs: 90_000 })
  await place.cloud.clock({ resume: true })
  await place.cloud.clock({ advanceSeconds: 200 })
  await eventually(async () => expect((await place.cloud.group(place.inEks()))?.status).toBe('CREATING'), { timeoutMs: 90_000 })
  await place.cloud.clock({ advanceSeconds: 200 })
  const { status } = await group.ready()
  expect(status?.creation).toBeUndefined()
  expect((await place.cloud.calls(place.inEks(), { action: 'CreateNodegroup' })).length).toBe(4)
  await group.end()
})
