import { expect, it } from 'vitest'
import { changedNumbers, setNumbers } from '../autoscaling/engine.ts'
import { isLeaving } from '../autoscaling/members.ts'
import type { ScalingNumbers } from '../state.ts'
import { type TestGroup, testGroup } from '../test-group.ts'
import { shownNumbers } from './lookup.ts'
import { nodegroupEvents, numbersChangedOutside } from './nodegroup-life.ts'
import { updateNodegroupConfig } from './update-nodegroup.ts'

const bounds = { minSize: 0, maxSize: 10 }
const input = (desiredSize: number) => ({ input: { scalingConfig: { ...bounds, desiredSize } } })

/** Somebody sets the number at Auto Scaling, as an autoscaler does. */
function set({ region, group }: TestGroup, desiredSize: number): void {
  setNumbers(region, group, changedNumbers(group, { desiredSize }), 'a user request', nodegroupEvents)
  numbersChangedOutside(region, group)
}

function send({ region, cluster, nodegroup }: TestGroup, scalingConfig: Partial<ScalingNumbers>): void {
  updateNodegroupConfig(region, cluster, nodegroup, { clusterName: 'demo', nodegroupName: 'workers', scalingConfig })
}

const shown = ({ region, nodegroup }: TestGroup): ScalingNumbers => shownNumbers(region, nodegroup)
const leaving = ({ members }: TestGroup): number => members().filter(isLeaving).length

it('B1: a maximum below a number that EKS has not noticed makes Auto Scaling choose who goes', () => {
  const parts = testGroup(5, input(5))
  set(parts, 8)
  parts.advance(59)
  send(parts, { maxSize: 6 })
  expect([parts.group.desiredSize, parts.group.maxSize, leaving(parts)]).toEqual([6, 6, 2])
  expect(shown(parts)).toEqual({ ...bounds, maxSize: 6, desiredSize: 5 })
  parts.advance(60)
  expect(shown(parts)).toEqual({ ...bounds, maxSize: 6, desiredSize: 6 })
})

it.each<[string, number, Partial<ScalingNumbers>, string]>([
  ['a maximum below its own number, which has fallen in the meantime', 1, { maxSize: 1 }, "desired capacity 3 can't be greater than max size 1"],
  ['a minimum above its own number, which has risen in the meantime', 5, { minSize: 4 }, "Minimum capacity 4 can't be greater than desired size 3"],
])('EKS refuses %s, until it has noticed', (_, now, change, message) => {
  const parts = testGroup(3, input(3))
  set(parts, now)
  expect(() => {
    send(parts, change)
  }).toThrow(message)
  parts.advance(60)
  send(parts, change)
  expect(parts.group).toMatchObject({ ...bounds, desiredSize: now, ...change })
})

it('Auto Scaling takes a number that is left out along with its bounds, and no number outside them', () => {
  const now = { minSize: 1, maxSize: 5, desiredSize: 3 }
  expect(changedNumbers(now, { maxSize: 2 })).toEqual({ minSize: 1, maxSize: 2, desiredSize: 2 })
  expect(changedNumbers(now, { minSize: 4 })).toEqual({ minSize: 4, maxSize: 5, desiredSize: 4 })
  expect(changedNumbers(now, { maxSize: 2, desiredSize: 3 })).toEqual({ minSize: 1, maxSize: 2, desiredSize: 3 })
  const parts = testGroup(3, input(3))
  expect(() => {
    send(parts, { maxSize: 2, desiredSize: 3 })
  }).toThrow("desired capacity 3 can't be greater than max size 2")
  expect(() => {
    setNumbers(parts.region, parts.group, { ...bounds, maxSize: 2, desiredSize: 3 }, 'a user request', nodegroupEvents)
  }).toThrow('must be between')
})
