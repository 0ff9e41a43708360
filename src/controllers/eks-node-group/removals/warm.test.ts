import { expect, test } from 'vitest'
import { aMember, aWish, aWorld } from './test-world.ts'
import { planRemovals } from './plan.ts'

const warm = ['Warmed:Stopped', 'Warmed:Running', 'Warmed:Hibernated'].map((lifecycleState, n) => aMember(`i-warm-${n}`, { lifecycleState, node: 'none' }))
const working = ['i-1', 'i-2', 'i-3'].map((id) => aMember(id, { node: { pods: 9 } }))

test('B9: a lower number takes nodes that work, never one of the warm pool, although that runs nothing', () => {
  const world = aWorld({ members: [...warm, ...working], desiredCapacity: 3, keep: 0 })
  const { removals, withdraw } = planRemovals(world)
  expect(removals.map(({ instanceId }) => instanceId).toSorted()).toEqual(['i-1', 'i-2', 'i-3'])
  expect(withdraw).toBe(0)
})

test('B9: with as many as are wanted nobody leaves, however many are warm', () => {
  expect(planRemovals(aWorld({ members: [...warm, ...working], desiredCapacity: 3, keep: 3 }))).toEqual({ removals: [], released: [], withdraw: 0 })
})

test('B9: warm instances do not count for what has not arrived', () => {
  expect(planRemovals(aWorld({ members: [...warm, ...working], desiredCapacity: 5, keep: 3 })).withdraw).toBe(2)
})

test('B9: an order takes the working nodes that it names, and the minimum counts without the warm ones', () => {
  const world = aWorld({ members: [...warm, ...working], desiredCapacity: 3, keep: 2, minSize: 2, requested: [aWish('i-1'), aWish('i-2')] })
  expect(planRemovals(world).removals.map(({ instanceId, state }) => `${instanceId} ${state}`)).toEqual(['i-1 Accepted', 'i-2 Refused'])
})
