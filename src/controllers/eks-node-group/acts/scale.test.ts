import { expect, test } from 'vitest'
import { AwsError } from '../../../aws/aws-error.ts'
import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { EksLag } from '../eks-lag.ts'
import { SentCalls } from '../sent-calls.ts'
import { scale } from './scale.ts'

const scaling = { minSize: 1, maxSize: 10, desiredSize: 3, sizeOwner: 'Spec', allowLarge: false } as const
const at = (time: string): Date => new Date(`2026-11-21T${time}Z`)

test('a size that EKS fails to set is asked for again with growing delays, however often the object wakes up', async () => {
  const sent: string[] = []
  const given = {
    spec: { scaling },
    group: aGroup(),
    scalingGroup: aScalingGroup(),
    nodeGroups: {
      updateScaling: async (_cluster: string, _name: string, _sizes: object, { token }: { readonly token: string }) => {
        sent.push(token)
        return 'update'
      },
      describeUpdate: async () => ({ id: 'update', state: 'Failed' as const, errors: [{ code: 'NodeCreationFailure', message: 'no' }] }),
    },
  }
  const intended = aPass({ ...given, now: at('06:00:00') })
  await scale(intended)
  const acted = aPass({ ...given, status: intended.draft.status, now: at('06:00:01') })
  await scale(acted)
  expect(sent).toHaveLength(1)
  const failed = aPass({ ...given, status: acted.draft.status, now: at('06:00:03') })
  await scale(failed)
  expect(failed.draft.status.operation).toMatchObject({ attempt: 2 })

  const tooEarly = aPass({ ...given, status: failed.draft.status, now: at('06:00:04') })
  expect(await scale(tooEarly)).toEqual({ kind: 'requeueAfter', ms: 29_000 })
  expect(tooEarly.draft.conditions.get('InSync')).toEqual(failed.draft.conditions.get('InSync'))
  expect(sent).toHaveLength(1)
  await scale(aPass({ ...given, status: tooEarly.draft.status, now: at('06:00:34') }))
  expect(sent).toHaveLength(2)
})

test('an Auto Scaling group that was deleted needs a person; that of a group just made is waited for', async () => {
  const since = (time: string) => ({ ownership: { origin: 'Created', since: at(time).toISOString() } }) as const
  const now = at('06:10:00')
  expect(await scale(aPass({ group: aGroup(), status: since('06:09:50'), now }))).toEqual({ kind: 'requeueAfter', ms: 5_000 })
  for (const state of ['Active', 'Degraded'] as const) {
    const gone = scale(aPass({ group: aGroup({ state }), status: since('06:00:00'), now }))
    await expect(gone).rejects.toMatchObject({ name: 'TerminalError', reason: 'AutoScalingGroupNotFound', needsEdit: false })
  }
  const unnamed = aGroup({ autoScalingGroups: [] })
  expect(await scale(aPass({ group: unnamed, status: since('06:00:00'), now }))).toEqual({ kind: 'requeueAfter', ms: 30_000 })
})

test('a group that could not be deleted gets no sizes', async () => {
  const given = { spec: { scaling }, group: aGroup({ state: 'DeleteFailed' }) }
  for (const pass of [aPass(given), aPass({ ...given, scalingGroup: aScalingGroup() })]) {
    expect(await scale(pass)).toBeUndefined()
    expect(pass.draft.status.operation).toBeUndefined()
  }
})

test('a token is for exactly the numbers that it was stored for, also where others lead to the same sizes', async () => {
  const sent: object[] = []
  const given = {
    spec: { scaling },
    group: aGroup(),
    nodeGroups: { updateScaling: async (_cluster: string, _name: string, sizes: object) => (sent.push(sizes), 'update') },
  }
  const calls = new SentCalls()
  const first = aPass({ ...given, scalingGroup: aScalingGroup({ minSize: 0 }) })
  expect(await scale({ ...first, calls })).toEqual({ kind: 'checkpoint' })
  const second = aPass({ ...given, scalingGroup: aScalingGroup({ minSize: 1 }), status: first.draft.status })
  expect(await scale({ ...second, calls })).toEqual({ kind: 'checkpoint' })
  expect(sent).toEqual([])
  await scale({ ...aPass({ ...given, scalingGroup: aScalingGroup({ minSize: 1 }), status: second.draft.status }), calls })
  expect(sent).toEqual([{ desiredSize: 3 }])
})

const noAnswer = new AwsError('Unavailable', { reason: 'AwsTimedOut', action: 'a', code: 'c', message: 'no answer' })

/** A group of 3 for which EKS is asked for 6 at 06:00:00 and does not answer; gives what later passes send, and by which process. */
async function unanswered() {
  const sent: object[] = []
  let answer: AwsError | undefined = noAnswer
  const nodeGroups = {
    updateScaling: async (_cluster: string, _name: string, sizes: object, { token }: { readonly token: string }) => {
      sent.push({ ...sizes, token })
      if (answer !== undefined) throw answer
      return 'update'
    },
  }
  const ours = new SentCalls()
  let { status } = aPass().draft
  const pass = async (desiredSize: number, time: string, calls = ours) => {
    const given = { spec: { scaling: { ...scaling, desiredSize } }, group: aGroup(), scalingGroup: aScalingGroup({ desiredCapacity: 3 }), nodeGroups }
    const one = { ...aPass({ ...given, status, now: at(time) }), calls }
    const result = await scale(one).catch((error: unknown) => error)
    ;({ status } = one.draft)
    return { result, said: one.draft.conditions.underWay?.message }
  }
  await pass(6, '06:00:00')
  expect((await pass(6, '06:00:00')).result).toBe(noAnswer)
  answer = undefined
  return { sent, pass, answersWith: (error: AwsError | undefined) => void (answer = error) }
}

test('P1: numbers that nobody read the answer to may be taken later, after a higher one: no others are asked for until they cannot', async () => {
  const { sent, pass } = await unanswered()
  const { result, said } = await pass(10, '06:00:19')
  expect(result).toEqual({ kind: 'requeueAfter', ms: 2_000 })
  expect(said).toMatch(/^setting desiredSize 10 waits: EKS may still take the numbers/)
  expect(sent).toHaveLength(1)
  expect((await pass(10, '06:00:20')).result).toEqual({ kind: 'checkpoint' })
  await pass(10, '06:00:21')
  expect(sent).toMatchObject([{ desiredSize: 6 }, { desiredSize: 10 }])
})

test('A1: the same numbers are asked for again at once, under their own token', async () => {
  const { sent, pass } = await unanswered()
  await pass(6, '06:00:02')
  expect(sent).toHaveLength(2)
  expect(sent[1]).toEqual(sent[0])
})

test('P1: they are waited for also where the next attempt at them is refused for good', async () => {
  const { sent, pass, answersWith } = await unanswered()
  answersWith(new AwsError('AccessDenied', { reason: 'AccessDenied', action: 'eks:UpdateNodegroupConfig', code: 'c', message: 'denied' }))
  expect((await pass(6, '06:00:02')).result).toMatchObject({ name: 'TerminalError', reason: 'AccessDenied' })
  answersWith(undefined)
  expect((await pass(10, '06:00:10')).result).toEqual({ kind: 'requeueAfter', ms: 2_000 })
  expect((await pass(10, '06:00:30')).result).toEqual({ kind: 'checkpoint' })
  expect(sent).toHaveLength(2)
})

test('P1: numbers that a process before this one may have sent are waited for from when they are met', async () => {
  const { sent, pass } = await unanswered()
  const calls = new SentCalls()
  expect((await pass(10, '06:05:00', calls)).result).toEqual({ kind: 'requeueAfter', ms: 2_000 })
  expect((await pass(10, '06:05:20', calls)).result).toEqual({ kind: 'checkpoint' })
  expect(sent).toHaveLength(1)
})

test.each([
  ['is withdrawn stays as high as it is', { target: 3, protected: [], startedAt: '2026-11-21T06:00:00Z' }, undefined],
  ['is no longer withdrawn follows the spec', undefined, { kind: 'checkpoint' }],
] as const)('B5: the maximum of a group from which something %s', async (_, withdrawal, result) => {
  const given = { spec: { scaling: { ...scaling, maxSize: 3 } }, group: aGroup(), scalingGroup: aScalingGroup({ desiredCapacity: 3, maxSize: 5 }) }
  const pass = aPass({ ...given, status: withdrawal === undefined ? {} : { withdrawal: structuredClone(withdrawal) as never } })
  expect(await scale(pass)).toEqual(result)
})

test.each(['answered', 'without an answer'])('A5: after EKS was sent sizes (%s), what was read of the group before is not believed', async (outcome) => {
  const happened: string[] = []
  const given = {
    spec: { scaling },
    group: aGroup(),
    scalingGroup: aScalingGroup(),
    nodeGroups: {
      updateScaling: async () => {
        happened.push('sent')
        if (outcome !== 'answered') throw new AwsError('Unavailable', { reason: 'AwsUnavailable', action: 'a', code: 'c', message: 'no answer' })
        return 'update'
      },
    },
    scalingGroups: { forget: (group: string) => void happened.push(`forget ${group}`) },
  }
  const intended = aPass(given)
  expect(await scale(intended)).toEqual({ kind: 'checkpoint' })
  await Promise.allSettled([scale(aPass({ ...given, status: intended.draft.status }))])
  expect(happened).toEqual(['sent', `forget ${aScalingGroup().name}`])
})

/** The number was 5 when the pass read it, so long ago; EKS is to be sent 6. Tells what was read once more, and what was sent. */
async function raiseAfter(seconds: number | 'Swept', now: Partial<ScalingGroup>) {
  const given = { spec: { scaling: { ...scaling, desiredSize: 6 } }, group: aGroup(), scalingGroup: aScalingGroup({ desiredCapacity: 5 }) }
  const intended = aPass(given)
  await scale(intended)
  const read: string[] = []
  const sent: object[] = []
  const pass = aPass({
    ...given,
    status: intended.draft.status,
    now: at('06:01:00'),
    nodeGroups: { updateScaling: async (_cluster: string, _name: string, sizes: object) => (sent.push(sizes), 'update') },
    scalingGroups: { describe: async (names) => (read.push(...names), [aScalingGroup({ desiredCapacity: 5, ...now })]) },
  })
  const { countsAt: _, ...seen } = pass.seen
  const countsAt = seconds === 'Swept' ? {} : { countsAt: new Date(at('06:01:00').getTime() - seconds * 1000) }
  const result = await scale({ ...pass, seen: { ...seen, ...countsAt } })
  return { read, sent, result, operation: pass.draft.status.operation }
}

test.each<[string, number | 'Swept', Partial<ScalingGroup>, readonly string[], readonly object[]]>([
  ['a moment ago is believed', 2, { desiredCapacity: 8 }, [], [{ desiredSize: 6 }]],
  ['before long drains is read again: what somebody raised meanwhile EKS would lower', 60, { desiredCapacity: 8 }, ['asg'], []],
  ['before long drains is read again: a bound may be another too', 60, { maxSize: 5 }, ['asg'], []],
  ['before long drains is read again, and stands', 60, {}, ['asg'], [{ desiredSize: 6 }]],
  ['before long drains is read again, and lower it leads to the same', 60, { desiredCapacity: 4 }, ['asg'], [{ desiredSize: 6 }]],
  ['from the shared sweep is read again', 'Swept', { desiredCapacity: 8 }, ['asg'], []],
])('B1: a number that was read %s', async (_, seconds, now, read, sent) => {
  const { result, operation, ...calls } = await raiseAfter(seconds, now)
  expect(calls).toEqual({ read, sent })
  expect(result).toEqual({ kind: 'requeueAfter', ms: sent.length > 0 ? 2_000 : 1_000 })
  expect(operation).toMatchObject({ kind: 'UpdateScaling' })
})

test('a minimum alone, which ends nobody, is sent without another read', async () => {
  const group = aGroup({ scaling: { minSize: 1, maxSize: 10, desiredSize: 5 } })
  const given = { spec: { scaling: { ...scaling, minSize: 0, desiredSize: 5 } }, group, scalingGroup: aScalingGroup({ desiredCapacity: 5 }) }
  const intended = aPass(given)
  await scale(intended)
  const sent: object[] = []
  const nodeGroups = { updateScaling: async (_cluster: string, _name: string, sizes: object) => (sent.push(sizes), 'update') }
  const pass = aPass({ ...given, status: intended.draft.status, nodeGroups })
  await scale({ ...pass, seen: { ...pass.seen, countsAt: at('05:59:00') } })
  expect(sent).toEqual([{ minSize: 0 }])
})

/** As EKS tells it. */
const groupAt = (desiredSize: number) => aGroup({ scaling: { minSize: 1, maxSize: 10, desiredSize } })

/** What is sent under `External` for a maximum of 6 when the number was 5 when the pass began, a minute ago, and is another one now. */
async function lowerMaximum(desiredCapacity: number): Promise<readonly object[]> {
  const given = {
    spec: { scaling: { ...scaling, maxSize: 6, sizeOwner: 'External' } },
    group: groupAt(5),
    scalingGroup: aScalingGroup({ desiredCapacity: 5 }),
  } as const
  const intended = aPass(given)
  await scale(intended)
  const sent: object[] = []
  const pass = aPass({
    ...given,
    status: intended.draft.status,
    nodeGroups: { updateScaling: async (_cluster: string, _name: string, sizes: object) => (sent.push(sizes), 'update') },
    scalingGroups: { describe: async () => [aScalingGroup({ desiredCapacity })] },
  })
  await scale({ ...pass, seen: { ...pass.seen, countsAt: at('05:59:00') } })
  return sent
}

test('B1: P1: a lowered maximum is sent only while no more nodes are wanted, as Auto Scaling says right before: for the rest it would choose who goes', async () => {
  expect(await lowerMaximum(8)).toEqual([])
  expect(await lowerMaximum(6)).toEqual([{ maxSize: 6 }])
  expect(await lowerMaximum(5)).toEqual([{ maxSize: 6 }])
})

test.each<[string, { readonly minSize?: number; readonly maxSize?: number }, { readonly now: number; readonly eks: number }, object]>([
  ['a maximum, after nodes left by name', { maxSize: 1 }, { now: 1, eks: 3 }, { maxSize: 1 }],
  ['a minimum, after an autoscaler added nodes', { minSize: 4 }, { now: 5, eks: 3 }, { minSize: 4 }],
])('B1: %s waits until EKS has noticed, and says so; after minutes it is sent all the same', async (_, changed, { now, eks }, sizes) => {
  const sent: object[] = []
  const given = {
    spec: { scaling: { ...scaling, ...changed, sizeOwner: 'External' as const } },
    scalingGroup: aScalingGroup({ desiredCapacity: now }),
    nodeGroups: { updateScaling: async (_cluster: string, _name: string, what: object) => (sent.push(what), 'update') },
  }
  const intended = aPass({ ...given, group: groupAt(eks) })
  expect(await scale(intended)).toEqual({ kind: 'checkpoint' })
  const eksLag = new EksLag()
  const passAt = async (time: string, desiredSize: number) => {
    const pass = aPass({ ...given, group: groupAt(desiredSize), status: intended.draft.status, now: at(time) })
    const result = await scale({ ...pass, eksLag })
    return { result, said: pass.draft.conditions.underWay }
  }
  // A freeze held it since it was meant.
  expect(await passAt('07:00:00', eks)).toMatchObject({ result: { kind: 'requeueAfter', ms: 2_000 } })
  const early = await passAt('07:00:30', eks)
  expect(early).toMatchObject({ result: { kind: 'requeueAfter', ms: 8_000 }, said: { reason: 'Scaling' } })
  expect(early.said?.message).toContain(`waits until EKS has noticed what the Auto Scaling group has: it still tells minSize 1, desiredSize ${eks}, maxSize 10`)
  expect(sent).toEqual([])
  await passAt('07:01:00', now)
  expect(sent).toEqual([sizes])
  for (const minute of ['02', '04', '06']) await passAt(`07:${minute}:00`, eks)
  expect(sent).toEqual([sizes])
  await passAt('07:07:00', eks)
  expect(sent).toEqual([sizes, sizes])
})

const refused = (kind: 'Throttled' | 'AccessDenied') => async () => {
  throw new AwsError(kind, { reason: kind, action: 'eks:DescribeUpdate', code: kind, message: 'no' })
}

test('AWS refuses to tell what became of an update: throttling is waited for, missing rights need a person, and the intent stays', async () => {
  const given = { spec: { scaling }, group: aGroup(), scalingGroup: aScalingGroup() }
  const asked = aPass(given)
  await scale(asked)
  const status = { operation: { ...asked.draft.status.operation!, updateId: 'update' } }
  const throttled = aPass({ ...given, status, nodeGroups: { describeUpdate: refused('Throttled') } })
  expect(await scale(throttled)).toMatchObject({ kind: 'requeueAfter', ms: 15_000 })
  const denied = aPass({ ...given, status, nodeGroups: { describeUpdate: refused('AccessDenied') } })
  await expect(scale(denied)).rejects.toMatchObject({ name: 'TerminalError', reason: 'AccessDenied' })
  for (const { draft } of [throttled, denied]) expect(draft.status.operation).toEqual(status.operation)
})
