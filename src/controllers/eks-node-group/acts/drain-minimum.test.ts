import { expect, test } from 'vitest'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import type { Removal } from '../removals/removal.ts'
import { aRemoval, drainsOn } from '../removals/test-world.ts'
import { drainRemovals } from './drain-removals.ts'

type Given = NonNullable<Parameters<typeof aPass>[0]>

const isolatedAt = '2026-11-21T05:00:00Z'
const scaling = { minSize: 1, maxSize: 10, desiredSize: 1, sizeOwner: 'Spec', allowLarge: false } as const

interface Aws {
  readonly minSize: number
  /** Of `i-1`. */
  readonly lifecycleState?: string
}

/** One pass over nodes of a group of three: whose drain it went on with, and what it says of the others. */
async function drained({ minSize, lifecycleState = 'InService' }: Aws, removals: readonly Removal[], given: Given = {}) {
  const done: string[] = []
  const instances = ['i-1', 'i-2', 'i-3'].map((instanceId) => ({
    instanceId,
    zone: 'a',
    lifecycleState: instanceId === 'i-1' ? lifecycleState : 'InService',
    protectedFromScaleIn: false,
  }))
  const pass = aPass({
    group: aGroup(),
    spec: { scaling },
    scalingGroup: aScalingGroup({ minSize, desiredCapacity: 3, instances }),
    status: { removals: [...removals] },
    drain: { drainNode: drainsOn(done, isolatedAt) },
    ...given,
  })
  await drainRemovals(pass)
  return { done, after: pass.draft.status.removals, inSync: pass.draft.conditions.get('InSync') }
}

const two = [aRemoval('i-1'), aRemoval('i-2')]
const begun = aRemoval('i-2', { state: 'Draining', drain: { step: 'Draining', isolatedAt } })
const deleted: Given = {
  object: { deletionTimestamp: isolatedAt },
  group: aGroup({ state: 'DeleteFailed' }),
  spec: { scaling: { ...scaling, minSize: 0, desiredSize: 0 } },
}

test.each<[string, Aws, readonly Removal[], readonly string[], Given]>([
  ['none begins at the minimum', { minSize: 3 }, two, [], {}],
  ['as many begin as it leaves room for', { minSize: 2 }, two, ['node-i-1'], {}],
  ['all begin where it leaves room for all', { minSize: 1 }, two, ['node-i-1', 'node-i-2'], {}],
  ['what has begun goes on, and takes the room', { minSize: 2 }, [aRemoval('i-1'), begun], ['node-i-2'], {}],
  ['one that AWS is asked to end takes the room', { minSize: 2 }, [aRemoval('i-1'), aRemoval('i-2', { state: 'Removing' })], [], {}],
  ['one in standby, which no number counts, begins', { minSize: 3, lifecycleState: 'Standby' }, two, ['node-i-1'], {}],
  ['one that leaves already as AWS shows takes no room', { minSize: 2, lifecycleState: 'Terminating' }, two, ['node-i-1', 'node-i-2'], {}],
  ['none begins while EKS, at work on something else, cannot lower it yet', { minSize: 3 }, two, [], { group: aGroup({ state: 'Updating' }) }],
  ['none begins where EKS never will lower it', { minSize: 3 }, two, [], { group: aGroup({ state: 'DeleteFailed' }) }],
  ['none begins in a state that we do not know', { minSize: 3 }, two, [], { group: aGroup({ state: 'Unknown' }) }],
  ['a wreck, which is deleted as a whole, is emptied', { minSize: 3 }, two, ['node-i-1', 'node-i-2'], deleted],
])("B4: where the Auto Scaling group's minimum is above the spec's, %s", async (_, aws, removals, expected, given) => {
  expect((await drained(aws, removals, given)).done).toEqual(expected)
})

test('B4: a node that waits for the minimum says so, and nothing has been done to it', async () => {
  const { after, inSync } = await drained({ minSize: 3 }, [aRemoval('i-1')])
  const message = "starts when EKS has lowered the Auto Scaling group's minimum from 3 to 1"
  expect(after).toEqual([aRemoval('i-1', { message })])
  expect(inSync).toMatchObject({ reason: 'RemovingNodes', message: expect.stringContaining(message) })
})

test('B4: where EKS failed to delete the group, a node that waits says that it stays', async () => {
  const { after } = await drained({ minSize: 3 }, [aRemoval('i-1')], { group: aGroup({ state: 'DeleteFailed' }) })
  expect(after?.[0]?.message).toBe(
    "stays: EKS changes nothing of a group that is DeleteFailed (do what condition Provisioned says), nor lowers the Auto Scaling group's minimum from 3 to 1",
  )
})
