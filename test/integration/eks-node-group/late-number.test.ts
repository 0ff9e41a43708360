import { describe, expect } from 'vitest'
import type { ScalingGroup, ScalingInstance } from '../../../src/aws/autoscaling/port.ts'
import { eventually } from '../../support/eventually.ts'
import { Workload } from '../../support/workload.ts'
import { type Place, slowTest as test } from '../../support/world.ts'
import { expectHealed, scale, uidsOf } from './healed.ts'
import { withNodes } from './sized.ts'

const { signal } = new AbortController()

/** How often AWS has taken a number for it, or refused one. */
async function callsFor({ cloud }: Place, scalingGroup: string): Promise<number> {
  const calls = await cloud.allCalls()
  return calls.filter(({ action, input }) => action === 'SetDesiredCapacity' && input['AutoScalingGroupName'] === scalingGroup).length
}

/**
 * Two that were given up arrive while AWS is asked for one alone and does not answer; then so many are wanted. AWS takes that number once `until` no longer
 * throws about the group. Gives the instances of all three.
 */
async function arrivesMeanwhile(
  place: Place,
  { until, wanted }: { readonly until: (now: ScalingGroup) => void; readonly wanted: number },
): Promise<readonly string[]> {
  const { group, nodes } = await withNodes(place, { desiredSize: 1 }, { instanceTypes: ['m6i.2xlarge'] })
  const [busy] = nodes
  const team = new Workload(place.client, place.namespace)
  await team.run('web', busy)
  const capacity = await place.cloud.fault({ effect: 'NoCapacity', match: { instanceType: 'm6i.2xlarge' } })
  await scale(place, 3)
  await eventually(async () => expect((await place.cloud.needGroup(place.inEks())).scaling?.desiredSize).toBe(3))
  const AutoScalingGroupName = (await place.cloud.needGroup(place.inEks())).scaling?.name ?? ''
  const inAws = async (): Promise<ScalingGroup> => {
    const [now] = await place.cloud.console.scalingGroups.describe([AutoScalingGroupName], { signal })
    if (now === undefined) throw new Error(`${AutoScalingGroupName} is gone`)
    return now
  }
  const match = { AutoScalingGroupName }
  const hold = await place.cloud.hold({ service: 'autoscaling', action: 'SetDesiredCapacity', match })
  await scale(place, 1)
  await eventually(async () => expect(await hold.struck()).toBe(1))
  await capacity()
  const ids = await eventually(async () => {
    const { instances } = await inAws()
    expect(instances).toHaveLength(3)
    return instances.map(({ instanceId }) => instanceId)
  })
  if (wanted > 1) await scale(place, wanted)
  await eventually(async () => until(await inAws()))
  await hold.lift()
  await eventually(async () => expect(await callsFor(place, AutoScalingGroupName)).toBeGreaterThan(0))
  await expectHealed(place, group, wanted)
  expect(await uidsOf(place)).toContain(busy.metadata.uid)
  expect(await team.isThere('web')).toBe(true)
  await eventually(async () => expect((await inAws()).instances.filter(isProtected)).toEqual([]))
  return ids
}

function isProtected({ protectedFromScaleIn }: ScalingInstance): boolean {
  return protectedFromScaleIn
}

function expectInService({ instances }: ScalingGroup): void {
  expect(instances.filter(({ lifecycleState }) => lifecycleState !== 'InService')).toEqual([])
}

function expectProtected({ instances }: ScalingGroup): void {
  expect(instances.filter((one) => !isProtected(one))).toEqual([])
}

describe.concurrent('instances arrive while AWS does not answer the call for a lower number', () => {
  test('an instance arrives while capacity is withdrawn: the busy node stays, and the number is right', async ({ place }) => {
    await arrivesMeanwhile(place, { until: expectInService, wanted: 1 })
  })

  test('P1, B5: they are wanted again, and the lower number is taken when nobody waits for its answer any more: all three stay', async ({ place }) => {
    // by the pass after the one that asked, whose call is given up after 15 s
    const ids = await arrivesMeanwhile(place, { until: expectProtected, wanted: 3 })
    expect((await place.cloud.needGroup(place.inEks())).scaling?.instanceIds.toSorted()).toEqual(ids.toSorted())
  })
})
