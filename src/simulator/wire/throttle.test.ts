import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../lib/fake-clock.ts'
import { Throttle } from './throttle.ts'

const call = { account: '111122223333', region: 'us-west-2', service: 'eks', action: 'DescribeNodegroup' }

describe('Throttle', () => {
  it('admits everything that no rate is for', () => {
    const throttle = new Throttle({ ec2: { perSecond: 1, burst: 1 } }, new FakeClock())
    expect(Array.from({ length: 100 }, () => throttle.admits(call))).not.toContain(false)
  })

  it('admits a burst and then the rate', async () => {
    const clock = new FakeClock()
    const throttle = new Throttle({ eks: { perSecond: 2, burst: 3 } }, clock)
    expect(Array.from({ length: 4 }, () => throttle.admits(call))).toEqual([true, true, true, false])
    await clock.advance(500)
    expect([throttle.admits(call), throttle.admits(call)]).toEqual([true, false])
    await clock.advance(60_000)
    expect(Array.from({ length: 4 }, () => throttle.admits(call))).toEqual([true, true, true, false])
  })

  it.each([
    { what: 'accounts', other: { ...call, account: '444455556666' } },
    { what: 'regions', other: { ...call, region: 'eu-central-1' } },
  ])('keeps $what apart', ({ other }) => {
    const throttle = new Throttle({ '*': { perSecond: 1, burst: 1 } }, new FakeClock())
    expect([throttle.admits(call), throttle.admits(other), throttle.admits(call)]).toEqual([true, true, false])
  })

  it('looks for the action first, so that one action can have its own rate', () => {
    const throttle = new Throttle({ eks: { perSecond: 1, burst: 1 }, 'eks:DescribeNodegroup': { perSecond: 1, burst: 2 } }, new FakeClock())
    expect([throttle.admits(call), throttle.admits(call), throttle.admits({ ...call, action: 'ListNodegroups' })]).toEqual([true, true, true])
  })
})
