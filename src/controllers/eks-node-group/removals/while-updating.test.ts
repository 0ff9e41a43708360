import { expect, test } from 'vitest'
import { planRemovals } from './plan.ts'
import { aMember, aRemoval, aWorld } from './test-world.ts'

const members = ['i-1', 'i-2', 'i-3'].map((id) => aMember(id))

test('B7: the nodes that EKS adds while it updates are no reason to choose others', () => {
  const world = aWorld({ members, desiredCapacity: 3, keep: 1 })
  expect(planRemovals(world).removals).toHaveLength(2)
  expect(planRemovals({ ...world, isUpdating: true })).toEqual({ removals: [], released: [], withdraw: 0 })
})

test('B7: what was chosen before stays chosen, and nothing is withdrawn', () => {
  const before = [aRemoval('i-1', { state: 'Draining' })]
  const { removals, released, withdraw } = planRemovals(aWorld({ members, before, desiredCapacity: 5, keep: 5, isUpdating: true }))
  expect(removals).toMatchObject([{ instanceId: 'i-1', state: 'Draining' }])
  expect([released, withdraw]).toEqual([[], 0])
})
