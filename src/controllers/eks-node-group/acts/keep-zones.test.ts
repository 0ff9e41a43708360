import { expect, test } from 'vitest'
import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import type { EksNodeGroup } from '../../../crds/eks-node-group.ts'
import { aGroup, aPass, aScalingGroup } from '../a-pass.ts'
import { keepZones } from './keep-zones.ts'

const ours = { 'tidegate.io/suspended': 'AZRebalance/u1' }

/** One pass over a group of two zones: what was asked of AWS, and what was told of it. */
async function play(
  group: Partial<ScalingGroup>,
  status: EksNodeGroup['status'] = {},
): Promise<{ done: string[]; events: string[]; status: object; result: unknown }> {
  const done: string[] = []
  const events: string[] = []
  const pass = aPass({
    group: aGroup(),
    scalingGroup: aScalingGroup({ zones: ['a', 'b'], ...group }),
    status,
    scalingGroups: {
      suspend: async (_name, processes) => void done.push(`suspend ${processes.join()}`),
      resume: async (_name, processes) => void done.push(`resume ${processes.join()}`),
      tag: async (_name, tags) => void done.push(`tag ${Object.keys(tags).join()}`),
      untag: async (_name, keys) => void done.push(`untag ${keys.join()}`),
    },
    event: ({ reason, note }) => void events.push(`${reason} ${note}`),
  })
  const result = await keepZones(pass)
  return { done, events, status: pass.draft.status, result }
}

const resumed = ['resume AZRebalance', 'untag tidegate.io/suspended']
const backAgain = ['ResumeRebalance AZRebalance of asg is on again']

test.each([
  ['this object', ours, resumed, backAgain],
  ['an earlier life of it, before a backup came back', { 'tidegate.io/suspended': 'AZRebalance/u0' }, resumed, backAgain],
  ['somebody else', {}, [], []],
])('B6: AZRebalance that was suspended by %s, and no status that knows of it', async (_, tags, expected, told) => {
  const { done, events, result } = await play({ suspendedProcesses: ['AZRebalance'], tags })
  expect(result).toBeUndefined()
  expect(done).toEqual(expected)
  expect(events).toEqual(told)
})

const time = '2026-11-21T05:59:00Z'
const rebalance = { suspendedAt: time, scalingGroup: 'asg' }
const removals = [{ instanceId: 'i-1', state: 'Removing' as const, message: '' }]

test('B6: a suspension is told once, in an Event and in the history, when it and its tag stand', async () => {
  const first = await play({}, { removals })
  expect(first).toMatchObject({ done: [], events: [], result: { kind: 'checkpoint' }, status: { rebalance: { scalingGroup: 'asg' } } })
  const second = await play({}, { removals, rebalance })
  expect(second.done).toEqual(['suspend AZRebalance', 'tag tidegate.io/suspended'])
  expect(second.events).toEqual(['SuspendRebalance suspended AZRebalance of asg while nodes leave by name'])
  expect(second.status).toMatchObject({ history: [{ operation: 'SuspendRebalance', to: 'asg', outcome: 'Succeeded' }] })
  const later = await play({ suspendedProcesses: ['AZRebalance'], tags: ours }, { removals, rebalance })
  expect(later).toMatchObject({ done: [], events: [], status: { removals, rebalance } })
  expect(later.status).not.toHaveProperty('history')
})

test('B6: what is resumed is told once; what was never suspended, since the removal was taken back, is not', async () => {
  const back = await play({ suspendedProcesses: ['AZRebalance'], tags: ours }, { rebalance })
  expect(back).toMatchObject({ done: resumed, events: backAgain })
  expect(back.status).toEqual({ history: [{ time: '2026-11-21T06:00:00Z', operation: 'ResumeRebalance', to: 'asg', outcome: 'Succeeded' }] })
  expect(await play({}, { rebalance })).toMatchObject({ done: [], events: [], status: {} })
  expect(await play({})).toMatchObject({ done: [], events: [], status: {} })
})
