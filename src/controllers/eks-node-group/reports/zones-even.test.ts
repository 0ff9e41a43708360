import { expect, test } from 'vitest'
import { aPass, aScalingGroup } from '../test-pass.ts'
import type { Pass } from '../pass.ts'
import { zonesEven } from './zones-even.ts'

type Counts = Readonly<Record<string, number>>

const anInstance = (instanceId: string, zone: string, lifecycleState = 'InService') => ({ instanceId, zone, lifecycleState, protectedFromScaleIn: false })
const aside = ['x', 'y', 'z'].map((id) => anInstance(`i-${id}`, 'a', 'Standby'))

/** A pass at 06:00 over a group that may use these zones and has so many instances in each. */
function passOf(counts: Counts, zonesUnevenSince?: string): Pass {
  const instances = Object.entries(counts).flatMap(([zone, count]) => Array.from({ length: count }, (_, n) => anInstance(`i-${zone}-${n}`, zone)))
  return aPass({
    // That somebody has set aside some says nothing of the zones.
    scalingGroup: aScalingGroup({ zones: Object.keys(counts), instances: [...instances, ...aside] }),
    status: zonesUnevenSince === undefined ? {} : { zonesUnevenSince },
    now: new Date('2026-11-21T06:00:00Z'),
  })
}

const long = '2026-11-21T05:45:00Z'
const cases: Readonly<Record<string, [counts: Counts, since: string | undefined, reason: string, kept: string | undefined]>> = {
  'one zone': [{ a: 7 }, long, 'ZonesEven', undefined],
  'an empty group': [{ a: 0, b: 0, c: 0 }, undefined, 'ZonesEven', undefined],
  'a difference of one': [{ a: 2, b: 1, c: 2 }, long, 'ZonesEven', undefined],
  'a difference of two, just seen': [{ a: 3, b: 1, c: 1 }, undefined, 'ZonesEven', '2026-11-21T06:00:00Z'],
  'a difference of two for less than 15 minutes': [{ a: 3, b: 1, c: 1 }, '2026-11-21T05:45:01Z', 'ZonesEven', '2026-11-21T05:45:01Z'],
  'a difference of two for 15 minutes': [{ a: 3, b: 1, c: 1 }, long, 'ZonesUneven', long],
  'a zone without any instance': [{ a: 2, b: 0 }, long, 'ZonesUneven', long],
}
test.each(Object.entries(cases))('%s', (_, [counts, since, reason, kept]) => {
  const pass = passOf(counts, since)
  zonesEven(pass)
  expect(pass.draft.conditions.get('ZonesEven').reason).toBe(reason)
  expect(pass.draft.status.zonesUnevenSince).toBe(kept)
})

test('the message names the zones, also the empty one', () => {
  const pass = passOf({ a: 2, b: 0 }, long)
  zonesEven(pass)
  expect(pass.draft.conditions.get('ZonesEven').message).toContain('2 in a, 0 in b, uneven since 2026-11-21T05:45:00Z')
})

const said = (drain: 'Evict' | 'None'): string => {
  const pass = passOf({ a: 2, b: 0 }, long)
  zonesEven({ ...pass, spec: { ...pass.spec, scaleDown: { ...pass.spec.scaleDown, drain } } })
  return pass.draft.conditions.get('ZonesEven').message
}

test('where there is no drain, none is promised', () => {
  expect(said('Evict')).toMatch(/leave first, drained$/)
  expect(said('None')).toMatch(/leave first$/)
})

test('nothing is said of a group that AWS does not have', () => {
  const pass = aPass({ status: { zonesUnevenSince: long } })
  zonesEven(pass)
  expect(pass.draft.conditions.get('ZonesEven')).toMatchObject({ status: 'Unknown', reason: 'Pending' })
  expect(pass.draft.status.zonesUnevenSince).toBeUndefined()
})
