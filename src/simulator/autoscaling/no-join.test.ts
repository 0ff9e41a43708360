import { expect, it } from 'vitest'
import { nodegroupEvents } from '../eks/nodegroup-life.ts'
import { testGroup } from '../test-group.ts'
import { setNumbers } from './engine.ts'

it('an instance that cannot join boots, runs, and never becomes a Node, also when the cause is gone', () => {
  const { region, group, members, advance } = testGroup(0)
  const { id } = region.faults.add({ effect: 'NoJoin', match: { zone: 'us-west-2a' } })
  setNumbers(region, group, { minSize: 0, maxSize: 3, desiredSize: 3 }, 'a user request', nodegroupEvents)
  advance(600)
  const joined = (): readonly string[] =>
    members()
      .map(({ zone, lifecycle, joined: has }) => `${zone} ${lifecycle} ${String(has)}`)
      .toSorted()
  const expected = ['us-west-2a InService false', 'us-west-2b InService true', 'us-west-2c InService true']
  expect(joined()).toEqual(expected)
  region.faults.clear({ id })
  advance(600)
  expect(joined()).toEqual(expected)
})
