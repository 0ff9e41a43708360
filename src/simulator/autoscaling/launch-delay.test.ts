import { expect, it } from 'vitest'
import { nodegroupEvents } from '../eks/nodegroup-life.ts'
import { demoScenario } from '../scenario/demo.ts'
import { type TestGroup, testGroup } from '../test-group.ts'
import { setNumbers } from './engine.ts'

/** A group that was asked for two nodes more, in a cloud that takes 40 s to begin a launch. */
function asked(): TestGroup {
  const parts = testGroup(1, { scenario: { ...demoScenario, delays: { ...demoScenario.delays, launchSeconds: 40 } } })
  setNumbers(parts.region, parts.group, { ...parts.group, desiredSize: 3 }, 'a user request', nodegroupEvents)
  return parts
}

it('launches what is missing after the delay, and until then no activity tells of it', () => {
  const { advance, group, members } = asked()
  advance(39)
  expect([group.desiredSize, members().length, group.activities.length]).toEqual([3, 1, 1])
  advance(1)
  expect(members().map(({ lifecycle }) => lifecycle)).toEqual(['InService', 'Pending', 'Pending'])
})

it('launches only what is still wanted then', () => {
  const { advance, group, members, region } = asked()
  advance(20)
  setNumbers(region, group, { ...group, desiredSize: 2 }, 'a user request', nodegroupEvents)
  advance(3600)
  expect(members()).toHaveLength(2)
})

it('launches nothing once the process is suspended', () => {
  const { advance, group, members } = asked()
  group.suspended.add('Launch')
  advance(3600)
  expect(members()).toHaveLength(1)
})
