import { describe, expect } from 'vitest'
import { systemClock } from '../../../src/lib/clock.ts'
import { operatorWrites } from '../../support/audit.ts'
import { timed } from '../../support/pulse.ts'
import { operatorSpeed, test } from '../../support/world.ts'

const { signal } = new AbortController()

/** One minute of the operator's time. */
const minuteMs = 60_000 / operatorSpeed

describe.concurrent('at rest', () => {
  test('nobody changed anything: for a minute neither the API server nor AWS hears of it', async ({ place }) => {
    const group = await place.have({ scaling: { minSize: 2, maxSize: 3 } })
    await group.ready()
    await place.target('demo').ready()
    await systemClock.sleep(minuteMs / 4) // the last pass over the nodes that just came
    const settled = await group.read()
    const before = systemClock.now()
    const calls = async () => [await place.cloud.calls(place.inEks()), await place.cloud.scalingCalls(place.inEks())]
    const callsBefore = await calls()
    await systemClock.sleep(minuteMs)
    expect(await operatorWrites(place.plane.auditLog, { after: before, about: `${place.namespace}/workers` })).toEqual([])
    expect(await group.read()).toEqual(settled)
    expect(await calls()).toEqual(callsBefore)
  })

  test('A5: a number that somebody changes in AWS shows within 40 s', async ({ place }) => {
    const group = await place.have({ scaling: { minSize: 0, maxSize: 5, sizeOwner: 'External' } })
    await group.ready()
    let desiredSize = 2
    const change = async (): Promise<void> => {
      await place.cloud.console.nodeGroups.updateScaling('demo', place.inEks(), { desiredSize }, { token: `autoscaler-${desiredSize}`, signal })
      await group.until(({ status }) => expect(status?.scaling?.desiredSize).toBe(desiredSize))
    }
    const promisedMs = 40_000 / operatorSpeed
    const restore = async (): Promise<void> => {
      await group.until(({ status }) => expect(status?.nodes?.summary).toBe(`${desiredSize}/${desiredSize}`))
      await systemClock.sleep(minuteMs / 4) // the last pass over the nodes that just came
      desiredSize += 1
    }
    expect(await timed(place.client, change, { promisedMs, restore })).toBeLessThan(promisedMs)
  })
})
