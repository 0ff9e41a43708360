import { expect, test } from 'vitest'
import type { NodeGroupState } from '../../../aws/eks/port.ts'
import { mostRemovals } from '../removals/room.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { emptyGroup } from './empty-group.ts'
import { noRoomInWords } from './no-room.ts'

/** As `closeSizes` and `taintLateNodes` leave it. */
const leavingTaint = { key: 'tidegate.io/leaving', value: 'u1', effect: 'NoSchedule' } as const
const time = '2026-11-21T06:00:00Z'

interface Given {
  readonly running: number
  readonly state?: NodeGroupState
  readonly desiredCapacity?: number
  /** The last of them. */
  readonly last?: 'Removing' | 'Draining'
}

/** A group whose first nodes are drained, as many as fit. */
function given({ running, state = 'DeleteFailed', desiredCapacity = running, last = 'Removing' }: Given) {
  const ids = Array.from({ length: running }, (_, n) => `i-${n}`)
  const instances = ids.map((instanceId) => ({ instanceId, zone: 'a', lifecycleState: 'InService', protectedFromScaleIn: false }))
  const removals = ids.slice(0, mostRemovals).map((instanceId, n) => {
    return { instanceId, state: n === mostRemovals - 1 ? last : 'Removing', message: '', call: { token: 'sent', at: time } } as const
  })
  return { group: aGroup({ state, taints: [leavingTaint] }), scalingGroup: aScalingGroup({ instances, desiredCapacity, minSize: 0, maxSize: 1 }), removals }
}

function words(of: Given): string | undefined {
  const { removals, ...seen } = given(of)
  return noRoomInWords(seen, removals)
}

const named = Array.from({ length: 10 }, (_, n) => `i-${n}`).join(' ')

test('P8: a group that leaves as a whole, and has more nodes than can be followed, says what gives the others a place', () => {
  expect(words({ running: 250 })).toBe(
    `200 of 250 nodes are drained, as many as can be followed at once: the others are when some of these have gone; nobody ends them while the group is DeleteFailed: for id in ${named}; do aws autoscaling terminate-instance-in-auto-scaling-group --should-decrement-desired-capacity --instance-id $id; done`,
  )
})

test('P1: where AWS has still to end some, the line lowers no number and lets AWS choose nobody: it would end nodes that nobody drained', () => {
  for (const state of ['Active', 'DeleteFailed'] as const) {
    expect(words({ running: 250, state, desiredCapacity: 0 })).toMatch(new RegExp(`: aws ec2 terminate-instances --instance-ids ${named}$`))
  }
})

test.each<[string, Given]>([
  ['all have a place', { running: mostRemovals }],
  ['some are still emptied, and make room or fail', { running: 250, last: 'Draining' }],
])('nothing is said where %s', (_, of) => {
  expect(words(of)).toBeUndefined()
})

/** What one pass over the deletion of such a group says of what it waits for. */
async function saidOf(of: Given): Promise<string | undefined> {
  const { removals, ...seen } = given(of)
  const pass = aPass({ object: { deletionTimestamp: time }, status: { arn: 'arn:workers', removals: [...removals] }, now: new Date(time), ...seen })
  await emptyGroup(pass)
  return pass.draft.conditions.compose(new Date(time), 1).find(({ type }) => type === 'Reconciling')?.message
}

test('it is said of a group that goes as a whole, and not of one whose nodes AWS ends one by one', async () => {
  expect(await saidOf({ running: 250 })).toMatch(/^200 of 250 nodes are drained/)
  expect(await saidOf({ running: 250, desiredCapacity: 0, state: 'Active' })).toMatch(/^200 of 250 nodes are drained/)
  expect(await saidOf({ running: 250, state: 'Active' })).not.toMatch(/as many as can be followed/)
})
