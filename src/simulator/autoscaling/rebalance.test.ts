import { describe, expect, it } from 'vitest'
import { nodegroupEvents } from '../eks/nodegroup-life.ts'
import { type TestGroup, testGroup } from '../test-group.ts'
import { moveTowardsDesired } from './engine.ts'
import { terminate } from './termination.ts'

/** A group of two nodes in each zone from which both of zone a were taken by name. */
function lopsided(options: Parameters<typeof testGroup>[1] = {}): TestGroup {
  const parts = testGroup(6, options)
  for (const instance of parts.members().filter(({ zone }) => zone.endsWith('a'))) {
    parts.group.desiredSize -= 1
    terminate(parts.region, parts.group, instance, 'a user request', nodegroupEvents, { evictionSeconds: 0 })
  }
  moveTowardsDesired(parts.region, parts.group, 'a user request', nodegroupEvents)
  return parts
}

const never: Readonly<Record<string, (parts: TestGroup) => void>> = {
  'AZRebalance is suspended': ({ group }) => group.suspended.add('AZRebalance'),
  'Launch is suspended': ({ group }) => group.suspended.add('Launch'),
  'Terminate is suspended': ({ group }) => group.suspended.add('Terminate'),
  'there is no capacity in the lacking zone': ({ faults }) => faults.add({ effect: 'NoCapacity', match: { zone: 'us-west-2a' } }),
}

describe('AZRebalance', () => {
  it('launches first in the lacking zone, and ends another one only when that is in service, without a drain', () => {
    const parts = lopsided({ attached: true })
    expect(parts.zones()).toEqual({ a: 0, b: 2, c: 2 })
    parts.advance(120)
    expect([parts.zones(), parts.group.desiredSize]).toEqual([{ a: 1, b: 2, c: 2 }, 4])
    parts.advance(30)
    expect(parts.zones()).toEqual({ a: 1, b: 2, c: 1 })
    const going = parts.members().find(({ lifecycle }) => lifecycle === 'Terminating:Wait')
    expect([going?.zone, going?.drain]).toEqual(['us-west-2c', undefined])
    parts.advance(3600)
    expect([parts.members().length, parts.zones()]).toEqual([4, { a: 1, b: 2, c: 1 }])
  })

  it('spares protected instances', () => {
    const parts = lopsided()
    for (const instance of parts.members()) instance.protectedFromScaleIn = instance.zone.endsWith('c')
    parts.advance(3600)
    expect(parts.members().filter(({ zone }) => zone.endsWith('c'))).toHaveLength(2)
  })

  it.each(Object.entries(never))('leaves the zones as they are while %s', (_sentence, hinder) => {
    const parts = lopsided()
    hinder(parts)
    parts.advance(3600)
    expect(parts.zones()).toEqual({ a: 0, b: 2, c: 2 })
  })

  it('does nothing about a difference of one', () => {
    const parts = testGroup(4)
    parts.advance(3600)
    expect(parts.group.activities.filter(({ cause }) => cause.includes('balance'))).toEqual([])
  })

  it('begins once the process is resumed', () => {
    const parts = lopsided()
    parts.group.suspended.add('AZRebalance')
    parts.advance(3600)
    parts.group.suspended.delete('AZRebalance')
    moveTowardsDesired(parts.region, parts.group, 'a difference', nodegroupEvents)
    parts.advance(3600)
    expect(Object.values(parts.zones()).toSorted((a, b) => a - b)).toEqual([1, 1, 2])
  })
})
