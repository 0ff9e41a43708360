import { describe, expect, it } from 'vitest'
import { FaultBook, type FaultOrder } from './faults.ts'

const call = {
  service: 'eks',
  action: 'CreateNodegroup',
  account: '111122223333',
  input: { nodegroupName: 'a', scalingConfig: { minSize: 1 }, subnets: ['s1', 's2'] },
}

const cases: Readonly<Record<string, readonly [order: Omit<FaultOrder, 'effect'>, strikes: boolean]>> = {
  'an order without conditions strikes every call': [{}, true],
  'an order for another service does not': [{ service: 'ec2' }, false],
  'an order for another action does not': [{ action: 'DeleteNodegroup' }, false],
  'an order for another account does not': [{ account: '000000000000' }, false],
  'a member with this value strikes': [{ match: { nodegroupName: 'a' } }, true],
  'a member with another value does not': [{ match: { nodegroupName: 'b' } }, false],
  'a nested member is found by dots': [{ match: { 'scalingConfig.minSize': 1 } }, true],
  'a list that holds the value strikes': [{ match: { subnets: 's2' } }, true],
  'a member that is not there does not': [{ match: { labels: 'x' } }, false],
}

describe('FaultBook', () => {
  it.each(Object.entries(cases))('%s', (_sentence, [order, strikes]) => {
    const faults = new FaultBook()
    faults.add({ ...order, effect: 'Throttle' })
    expect(faults.strike(call) !== undefined).toBe(strikes)
  })

  it('strikes as often as it was told and is then forgotten', () => {
    const faults = new FaultBook()
    faults.add({ effect: 'Error', times: 2 })
    expect([1, 2, 3].map(() => faults.strike(call) !== undefined)).toEqual([true, true, false])
    expect(faults.list()).toEqual([])
  })

  it('refuses capacity by type and zone, and never a call', () => {
    const faults = new FaultBook()
    faults.add({ effect: 'NoCapacity', match: { instanceType: 'p5.48xlarge', zone: 'us-west-2a' } })
    expect(faults.strike(call)).toBeUndefined()
    expect(faults.noCapacity('111122223333', 'p5.48xlarge', 'us-west-2a')).toBeDefined()
    expect(faults.noCapacity('111122223333', 'p5.48xlarge', 'us-west-2b')).toBeUndefined()
    expect(faults.noJoin('111122223333', 'p5.48xlarge', 'us-west-2a')).toBeUndefined()
  })

  it('says when a fault is taken away, and nothing when it is used up', () => {
    const faults = new FaultBook()
    const [once, standing] = [faults.add({ effect: 'Delay', times: 1 }), faults.add({ effect: 'Delay' })]
    const signals = [once, standing].map((fault) => faults.takenAway(fault))
    faults.strike(call)
    faults.clear()
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, true])
  })

  it('is cleared by id, by account, or whole', () => {
    const faults = new FaultBook()
    const first = faults.add({ effect: 'Throttle' })
    faults.add({ effect: 'Throttle', account: '111122223333' })
    faults.add({ effect: 'Throttle', account: '444455556666' })
    faults.clear({ id: first.id })
    expect(faults.list()).toHaveLength(2)
    faults.clear({ account: '111122223333' })
    expect(faults.list()).toHaveLength(1)
    faults.clear()
    expect(faults.list()).toEqual([])
  })
})
