import { expect } from 'vitest'
import { systemClock } from '../../../src/lib/clock.ts'
import { nodeRole, subnets } from '../../support/builders.ts'
import { eventually } from '../../support/eventually.ts'
import { type Again, timed } from '../../support/pulse.ts'
import { operatorSpeed, type Place, test } from '../../support/world.ts'

const { signal } = new AbortController()

/** The shared reads of counts so far: those that ask by tag, not by name. */
async function sharedReads(place: Place): Promise<number> {
  const calls = await place.cloud.allCalls()
  return calls.filter(({ action, input }) => action === 'DescribeAutoScalingGroups' && input['Filters'] !== undefined).length
}

/** `timed` in the operator's time. */
async function operatorTime({ client }: Place, work: () => Promise<unknown>, again?: Again): Promise<number> {
  return (await timed(client, work, again && { ...again, promisedMs: again.promisedMs / operatorSpeed })) * operatorSpeed
}

/** Milliseconds of the operator's time. */
const promisedMs = 40_000

test('A5: an instance that somebody ends shows within 40 s', async ({ place }) => {
  const group = await place.have({ instanceTypes: ['m6i.2xlarge'], scaling: { minSize: 2, maxSize: 2 } })
  await group.ready()
  // no other one comes in its place before it was seen
  const holdBack = async () => await place.cloud.fault({ effect: 'NoCapacity', match: { instanceType: 'm6i.2xlarge' } })
  let lift = await holdBack()
  const terminate = async (): Promise<void> => {
    const { scaling } = await place.cloud.needGroup(place.inEks())
    await place.cloud.happen({ order: 'TerminateInstance', instanceId: scaling?.instanceIds[0] })
    await group.until(({ status }) => expect(status?.nodes?.ready).toBeLessThan(2))
  }
  const restore = async (): Promise<void> => {
    await lift()
    await group.until(({ status }) => expect(status?.nodes?.summary).toBe('2/2'))
    lift = await holdBack()
  }
  try {
    expect(await operatorTime(place, terminate, { promisedMs, restore })).toBeLessThan(promisedMs)
  } finally {
    await lift()
  }
  await group.ready()
})

test('A5: tidegate.io/refresh reads everything at once, and only once for each token', async ({ place }) => {
  const name = place.inEks('by-hand')
  place.leaves('by-hand')
  const creation = { name, subnetIds: [subnets[0]], nodeRoleArn: nodeRole, scaling: { minSize: 0, maxSize: 1, desiredSize: 0 }, tags: {} }
  await place.cloud.console.nodeGroups.create('demo', creation, { token: name, signal })
  const group = await place.have({ nodeGroupName: name, policy: { management: 'Observe' } })
  const { status } = await group.ready()
  const tag = async (team: string): Promise<void> => await place.cloud.console.nodeGroups.tag(status?.arn ?? '', { team }, { signal })
  const reads = async (): Promise<number> => (await place.cloud.calls(name, { action: 'DescribeNodegroup' })).length
  let round = 1
  await tag('team-1')
  let before = await reads()
  const refresh = async (): Promise<void> => {
    await group.annotate({ refresh: `token-${round}` })
    await group.until((object) => expect(object.status?.observed?.tags).toEqual({ team: `team-${round}` }))
  }
  const restore = async (): Promise<void> => {
    round += 1
    await tag(`team-${round}`)
    before = await reads()
  }
  const atOnceMs = 25_000 // without it: 10 min
  expect(await operatorTime(place, refresh, { promisedMs: atOnceMs, restore })).toBeLessThan(atOnceMs)
  expect(await reads()).toBe(before + 1)
  await group.annotate({ refresh: `token-${round}`, other: 'mark' })
  await systemClock.sleep(2_000)
  expect(await reads()).toBe(before + 1)
})

test('A5: a count that changes right after the shared read shows within 40 s, and the reads keep to 130 an hour', async ({ place }) => {
  const group = await place.have({ scaling: { minSize: 0, maxSize: 5, sizeOwner: 'External' } })
  await group.ready()
  const nextRead = async (): Promise<number> => {
    const before = await sharedReads(place)
    await eventually(async () => expect(await sharedReads(place)).toBeGreaterThan(before), { timeoutMs: 60_000, everyMs: 20 })
    return systemClock.monotonicMs() * operatorSpeed
  }
  await nextRead() // the one that follows the creation's own writes
  const first = await nextRead()
  expect((await nextRead()) - first).toBeGreaterThan(3_600_000 / 130)
  let desiredSize = 2
  const change = async (): Promise<void> => {
    await place.cloud.console.nodeGroups.updateScaling('demo', place.inEks(), { desiredSize }, { token: `autoscaler-${desiredSize}`, signal })
    await group.until(({ status }) => expect(status?.scaling?.desiredSize).toBe(desiredSize))
  }
  const restore = async (): Promise<void> => {
    await group.until(({ status }) => expect(status?.nodes?.summary).toBe(`${desiredSize}/${desiredSize}`))
    desiredSize += 1
    await nextRead() // the one that follows the last node
    await nextRead()
  }
  expect(await operatorTime(place, change, { promisedMs, restore })).toBeLessThan(promisedMs)
})
