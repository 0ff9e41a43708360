import { expect, test } from 'vitest'
import type { Member } from './member.ts'
import { aMember } from './test-world.ts'
import { chooseVictims } from './victims.ts'

const cases: Record<
  string,
  { readonly members: readonly Member[]; readonly count: number; readonly victims: readonly string[]; readonly candidates?: readonly string[] }
> = {
  'none, when none has to go': { members: [aMember('a')], count: 0, victims: [] },
  'all there are, and no more': { members: [aMember('a'), aMember('b')], count: 5, victims: ['a', 'b'] },
  'an instance that never joined before one that runs nothing': {
    members: [aMember('idle'), aMember('missing', { node: 'none' })],
    count: 1,
    victims: ['missing'],
  },
  'a broken node before a whole one with fewer pods': {
    members: [aMember('idle'), aMember('broken', { node: { ready: false, pods: 9 } })],
    count: 1,
    victims: ['broken'],
  },
  'the one with the fewest pods': {
    members: [aMember('busy', { node: { pods: 5 } }), aMember('idle', { node: { pods: 1 } })],
    count: 1,
    victims: ['idle'],
  },
  'of two alike the newest': {
    members: [aMember('old', { node: { createdAt: '2026-11-20T06:00:00Z' } }), aMember('new')],
    count: 1,
    victims: ['new'],
  },
  'of two that nothing tells apart the first by name, each time': { members: [aMember('b'), aMember('a')], count: 1, victims: ['a'] },
  'from the fullest zone, although it is busier there': {
    members: [aMember('x', { zone: 'a' }), aMember('y', { zone: 'b', node: { pods: 5 } }), aMember('z', { zone: 'b', node: { pods: 7 } })],
    count: 1,
    victims: ['y'],
  },
  'zone by zone, so that they stay even': {
    members: ['a', 'b', 'c'].flatMap((zone) => [aMember(`${zone}1`, { zone }), aMember(`${zone}2`, { zone, node: { pods: 1 } })]),
    count: 3,
    victims: ['a1', 'b1', 'c1'],
  },
  'with those counted for their zone that are no candidates': {
    members: [aMember('x', { zone: 'a' }), aMember('y', { zone: 'b' }), aMember('z', { zone: 'b' })],
    candidates: ['x', 'y'],
    count: 1,
    victims: ['y'],
  },
}

test.each(Object.entries(cases))('B6: who leaves: %s', (_, { members, candidates, count, victims }) => {
  const may = members.filter(({ instanceId }) => candidates?.includes(instanceId) ?? true)
  expect(chooseVictims(may, members, count).map(({ instanceId }) => instanceId)).toEqual(victims)
})
