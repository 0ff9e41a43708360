import { expect, test } from 'vitest'
import { planRemovals } from './plan.ts'
import type { Removal } from './removal.ts'
import { aMember, aRemoval, aWish, aWorld } from './test-world.ts'

const ids = Array.from({ length: 260 }, (_, n) => `i-${String(n).padStart(3, '0')}`)
const members = ids.map((id) => aMember(id))

test('no more stand in the status at a time than its schema takes; the others follow as those go', () => {
  const world = aWorld({ members, keep: 0 })
  const first = planRemovals(world)
  expect(first.removals).toHaveLength(200)
  const again = planRemovals({ ...world, before: first.removals })
  expect(again).toEqual(first)
  const gone = new Set(first.removals.slice(0, 50).map(({ instanceId }) => instanceId))
  const left = members.filter(({ instanceId }) => !gone.has(instanceId))
  const later = planRemovals(aWorld({ members: left, keep: 0, before: first.removals.map(({ instanceId }) => aRemoval(instanceId, { state: 'Removing' })) }))
  expect(later.removals).toHaveLength(200)
  expect(later.removals.filter(({ state }) => state === 'Accepted')).toHaveLength(50)
})

test('what an order names beside what another one left behind waits for room, and nothing that was begun is forgotten', () => {
  const before = ids.slice(0, 150).map(
    (id): Removal => ({
      nodeUID: `uid-${id}`,
      nodeName: `node-${id}`,
      instanceId: id,
      orderUID: 'other',
      state: 'Removing',
      message: '',
      call: { token: id, at: '2026-11-21T06:00:00Z' },
    }),
  )
  const requested = ids.slice(150).map((id) => aWish(id))
  const { removals, released } = planRemovals(aWorld({ members, keep: 0, before, requested }))
  expect(removals).toHaveLength(200)
  expect(removals.filter(({ orderUID }) => orderUID === 'other')).toHaveLength(150)
  expect(released).toEqual([])
})

test.each([
  'aws:///usw2-az2/sagemaker/cluster/hyperpod-0a1b2c3d4e5f-i-0123456789abcdef0',
  'aws:///us-west-2a/0123456789-abc/fargate-ip-192-168-148-185.us-west-2.compute.internal',
])('a Node that is no instance of EC2 is refused in a way that the status takes: %s', (providerID) => {
  const world = aWorld({ members, requested: [aWish('i-000', { nodeUID: 'u', nodeName: 'stranger', providerID })], others: { stranger: 'u' } })
  const [one] = planRemovals(world).removals
  expect(one).toMatchObject({ nodeName: 'stranger', state: 'Refused' })
  expect(one?.instanceId.length).toBeLessThanOrEqual(32)
})
