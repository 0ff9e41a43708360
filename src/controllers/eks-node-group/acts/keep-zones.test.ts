import { expect, test } from 'vitest'
import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import { AwsError } from '../../../aws/aws-error.ts'
import type { EksNodeGroup } from '../../../crds/eks-node-group.ts'
import { checkpoint } from '../../../runtime/reconciler.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { keepZones } from './keep-zones.ts'

const ours = { 'tidegate.io/suspended': 'AZRebalance/u1' }

interface Later {
  /** What AWS shows when it is asked again right before a change; default: what the pass began with. */
  readonly group?: Partial<ScalingGroup>
  /** How AWS answers the suspension. */
  readonly suspend?: () => never
  /** How AWS answers the request to take the tag off. */
  readonly untag?: () => never
  readonly now?: () => Date
  /** What the spec wants. */
  readonly desiredSize?: number
}

/** One pass over a group of two zones: what was asked of AWS, and what was told of it. */
async function play(
  group: Partial<ScalingGroup>,
  status: EksNodeGroup['status'] = {},
  later: Later = {},
): Promise<{ done: string[]; events: string[]; status: object; result: unknown }> {
  const done: string[] = []
  const events: string[] = []
  const { desiredSize } = later
  const given = aPass({
    ...(desiredSize === undefined ? {} : { spec: { scaling: { minSize: 0, maxSize: 10, desiredSize, sizeOwner: 'Spec', allowLarge: false } } }),
    group: aGroup(),
    scalingGroup: aScalingGroup({ zones: ['a', 'b'], ...group }),
    status,
    scalingGroups: {
      describe: async () => [aScalingGroup({ zones: ['a', 'b'], ...group, ...later.group })],
      suspend: async (_name, processes) => {
        done.push(`suspend ${processes.join()}`)
        later.suspend?.()
      },
      resume: async (_name, processes) => void done.push(`resume ${processes.join()}`),
      tag: async (_name, tags) => void done.push(`tag ${Object.keys(tags).join()}`),
      untag: async (_name, keys) => {
        done.push(`untag ${keys.join()}`)
        later.untag?.()
      },
    },
    event: ({ reason, note }) => void events.push(`${reason} ${note}`),
  })
  const pass = later.now === undefined ? given : { ...given, surroundings: { ...given.surroundings, now: later.now } }
  const result = await keepZones(pass).catch((error: unknown) => error)
  return { done, events, status: pass.draft.status, result }
}

const at = '2026-11-21T05:59:00Z'
const inOneZone = ['i-1', 'i-2'].map((instanceId) => ({ instanceId, zone: 'a', lifecycleState: 'InService', protectedFromScaleIn: true }))
test.each<[string, number, readonly string[]]>([
  ['while there is something to withdraw', 2, ['tag tidegate.io/suspended', 'suspend AZRebalance']],
  ['and not where the number was raised again, and only our protection is left', 3, []],
])('B6: a withdrawal suspends AZRebalance %s', async (_, desiredSize, expected) => {
  const status = { rebalance: { suspendedAt: at, scalingGroup: 'asg' }, withdrawal: { target: 2, protected: ['i-1', 'i-2'], startedAt: at } }
  const group = { desiredCapacity: 3, instances: inOneZone, tags: { 'tidegate.io/protected': 'u1' } }
  expect((await play(group, status, { desiredSize })).done).toEqual(expected)
})

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
  expect(second.done).toEqual(['tag tidegate.io/suspended', 'suspend AZRebalance'])
  expect(second.events).toEqual(['SuspendRebalance suspended AZRebalance of asg while nodes leave by name'])
  expect(second.status).toMatchObject({
    rebalance: { suspendedAt: '2026-11-21T06:00:00Z' },
    history: [{ operation: 'SuspendRebalance', to: 'asg', outcome: 'Succeeded' }],
  })
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

const instance = { instanceId: 'i-1', zone: 'a', lifecycleState: 'InService', protectedFromScaleIn: false, instanceType: 'm6i.large' }
const suspended = { suspendedProcesses: ['AZRebalance'] }
const young = { suspendedAt: '2026-11-21T05:59:45Z', scalingGroup: 'asg' }

test.each<[string, EksNodeGroup['status'], object]>([
  ['nodes leave', { removals, rebalance }, { removals }],
  ['the removal was taken back', { rebalance }, {}],
])('P2: we meant to suspend it, a freeze came, and somebody else did it: theirs, and forgotten, while %s', async (_, status, expected) => {
  const { done, events, status: after } = await play(suspended, status)
  expect({ done, events, after }).toEqual({ done: [], events: [], after: expected })
})

test('P2: what somebody suspended while the nodes of this pass were emptied stays theirs', async () => {
  const { done, events, result } = await play({}, { removals, rebalance }, { group: suspended })
  expect({ done, events, result }).toEqual({ done: [], events: [], result: undefined })
})

test.each<[string, Partial<ScalingGroup>, EksNodeGroup['status']]>([
  ['shows no tag yet, while nodes leave', suspended, { removals, rebalance: young }],
  ['shows no tag yet, and nobody leaves any more', suspended, { rebalance: young }],
  ['shows nothing yet, and nobody leaves any more', {}, { rebalance: young }],
  ['shows its tag alone, and nobody leaves any more', { tags: ours }, { rebalance: young }],
])('what was asked of AWS a moment ago, and %s, is neither resumed nor forgotten', async (_, group, status) => {
  expect(await play(group, status)).toMatchObject({ done: [], events: [], status, result: undefined })
})

test('killed between tag and suspension: it is suspended while nodes leave, and the tag comes off when none does', async () => {
  expect((await play({ tags: ours }, { removals, rebalance })).done).toEqual(['suspend AZRebalance'])
  expect(await play({ tags: ours }, { rebalance })).toMatchObject({ done: ['untag tidegate.io/suspended'], status: {} })
})

function busy(): never {
  throw new AwsError('Busy', { action: 'autoscaling:SuspendProcesses', reason: 'ScalingInProgress', code: 'ResourceContention', message: 'busy' })
}

test('P7: a suspension that AWS has no time for is asked for again at its pace: nothing in the status moves that would wake the object at once', async () => {
  const { done, result, status } = await play({ tags: ours }, { removals, rebalance }, { suspend: busy })
  expect(result).toEqual({ kind: 'requeueAfter', ms: 15_000 })
  expect(done).toEqual(['suspend AZRebalance'])
  expect(status).toEqual({ removals, rebalance })
})

test('P2: where AWS has no time for it the tag stays: an attempt before, whose answer was lost, may be what AWS is at work on', async () => {
  expect((await play({}, { removals, rebalance }, { suspend: busy })).done).toEqual(['tag tidegate.io/suspended', 'suspend AZRebalance'])
})

test('B6: a suspension without an answer counts as on its way from the end of its last attempt', async () => {
  let now = new Date('2026-11-21T06:00:00Z')
  const suspend = (): never => {
    now = new Date('2026-11-21T06:00:45Z')
    throw new AwsError('Unavailable', { action: 'autoscaling:SuspendProcesses', reason: 'Unavailable', code: 'none', message: 'no answer' })
  }
  const { status } = await play({}, { removals, rebalance }, { suspend, now: () => now })
  expect(status).toMatchObject({ rebalance: { suspendedAt: '2026-11-21T06:00:45Z' } })
})

test('a tag without a suspension keeps for no even zones: it comes off, and what somebody suspends later is theirs', async () => {
  const uneven = { instances: [instance, { ...instance, instanceId: 'i-2' }], tags: ours }
  expect((await play(uneven)).done).toEqual(['untag tidegate.io/suspended'])
  expect((await play({ ...uneven, ...suspended })).done).toEqual([])
})

test.each([
  ['AccessDenied', ['tag tidegate.io/suspended', 'suspend AZRebalance', 'untag tidegate.io/suspended']],
  ['Unavailable', ['tag tidegate.io/suspended', 'suspend AZRebalance']],
] as const)('P2: a suspension that AWS answers with %s: the tag claims only what may be ours', async (kind, expected) => {
  const suspend = (): never => {
    throw new AwsError(kind, { action: 'autoscaling:SuspendProcesses', reason: kind, code: kind, message: 'no' })
  }
  const { done, result, events } = await play({}, { removals, rebalance }, { suspend })
  expect(done).toEqual(expected)
  expect(result).toBeInstanceOf(Error)
  expect(events).toEqual([])
})

const inService = (instanceId: string, zone: string) => ({ instanceId, zone, lifecycleState: 'InService', protectedFromScaleIn: false })
const later = { now: (): Date => new Date('2026-11-21T06:30:00Z') }
test('P1: instances that somebody has set aside even no zones: AWS would end one of the fuller zone for it', async () => {
  const uneven = [inService('i-1', 'a'), inService('i-2', 'a'), inService('i-3', 'a'), inService('i-4', 'b')]
  const aside = { ...inService('i-5', 'b'), lifecycleState: 'Standby' }
  const group = { suspendedProcesses: ['AZRebalance'], tags: ours, desiredCapacity: 4 }
  const status = { rebalance: { suspendedAt: at, scalingGroup: 'asg' } }
  expect(await play({ ...group, instances: [...uneven, aside] }, status, later)).toMatchObject({ done: [], status })
  const back = [...uneven, { ...aside, lifecycleState: 'InService' }]
  expect((await play({ ...group, instances: back }, status, later)).done).toEqual(['resume AZRebalance', 'untag tidegate.io/suspended'])
})

const keepsTag = {
  untag: (): never => {
    throw new AwsError('AccessDenied', { action: 'autoscaling:DeleteTags', reason: 'AccessDenied', code: 'AccessDenied', message: 'no' })
  },
}
test('P2: where the tag cannot be taken off, who suspends the rebalancing after us is not taken for us', async () => {
  const instances = ['a', 'b'].map((zone) => ({ instanceId: `i-${zone}`, zone, lifecycleState: 'InService', protectedFromScaleIn: false }))
  const group = { desiredCapacity: 2, instances, tags: ours, suspendedProcesses: ['AZRebalance'] }
  const first = await play(group, { rebalance: { suspendedAt: at, scalingGroup: 'asg' } }, keepsTag)
  expect(first.done).toEqual(['resume AZRebalance', 'untag tidegate.io/suspended'])
  expect(first.status).toMatchObject({ rebalance: { suspendedAt: at, resumedAt: '2026-11-21T06:00:00Z' } })
  // a person suspends it
  expect((await play(group, first.status, keepsTag)).done).toEqual(['untag tidegate.io/suspended'])
  expect(await play(group, first.status)).toMatchObject({ done: ['untag tidegate.io/suspended'], status: { history: [{ operation: 'ResumeRebalance' }] } })
  expect((await play({ ...group, tags: {} }, first.status)).done).toEqual([])
})

test('P4: what was resumed, and whose tag is still there, is written down anew before it is suspended for the next that leaves', async () => {
  const first = await play({ tags: ours }, { removals, rebalance: { suspendedAt: at, resumedAt: at, scalingGroup: 'asg' } })
  expect(first).toMatchObject({ done: [], result: checkpoint })
  expect(first.status).not.toHaveProperty(['rebalance', 'resumedAt'])
  expect((await play({ tags: ours }, first.status)).done).toEqual(['suspend AZRebalance'])
})

function throwing(error: AwsError): never {
  throw error
}

test('P1: what AWS refuses for good of the rebalancing leaves the intent of another call where it is', async () => {
  const operation = { kind: 'UpdateConfig', paramsHash: 'h', token: 't', attempt: 1, startedAt: time } as const
  const denied = new AwsError('AccessDenied', { reason: 'AccessDenied', action: 'autoscaling:SuspendProcesses', code: 'c', message: 'denied' })
  const { result, status } = await play({}, { removals, rebalance, operation }, { suspend: () => throwing(denied) })
  expect(result).toMatchObject({ name: 'TerminalError', reason: 'AccessDenied' })
  expect(status).toMatchObject({ operation })
})
