import { expect, test } from 'vitest'
import { FakeClock } from '../../lib/fake-clock.ts'
import type { AwsCall } from '../api.ts'
import type { ScalingGroupsPort } from './port.ts'
import { createScalingGroups } from './scaling-groups.ts'

const signal = new AbortController().signal

/** Two groups of one cluster, as AWS has them at each moment. */
function twoGroups() {
  const clock = new FakeClock()
  const sizes: Record<string, number> = { a: 1, b: 1 }
  const call = (async (_action: string, input: { readonly AutoScalingGroupNames?: readonly string[] }) => {
    const names = input.AutoScalingGroupNames ?? Object.keys(sizes)
    return { AutoScalingGroups: names.flatMap((name) => (name in sizes ? [{ AutoScalingGroupName: name, DesiredCapacity: sizes[name] }] : [])) }
  }) as unknown as AwsCall
  const groups = createScalingGroups({ call, clock })
  return { clock, sizes, groups, shared: async () => await sharedSizes(groups) }
}

async function sharedSizes(groups: ScalingGroupsPort): Promise<Readonly<Record<string, number>>> {
  return Object.fromEntries((await groups.ofCluster('demo', { signal, maxAgeMs: 45_000 })).map(({ name, desiredCapacity }) => [name, desiredCapacity]))
}

test('A5: the shared answer never tells of a group what a later reading has overtaken', async () => {
  const { clock, sizes, groups, shared } = twoGroups()
  expect(await shared()).toEqual({ a: 1, b: 1 })
  await clock.advance(1_000)
  sizes['a'] = 3
  sizes['b'] = 3
  await groups.describe(['a'], { signal })
  expect(await shared()).toEqual({ a: 3, b: 1 })
  delete sizes['b']
  await clock.advance(100)
  await groups.describe(['b'], { signal })
  expect(await shared()).toEqual({ a: 3 })
})

test('single groups are asked for at most ten times a second', async () => {
  const { clock, groups, reads } = recorded()
  await groups.describe(['a'], { signal })
  const second = Promise.all([groups.describe(['a'], { signal }), groups.describe(['b'], { signal })])
  await clock.advance(99)
  expect(reads()).toBe(1)
  await clock.advance(1)
  expect(reads()).toBe(2)
  await second
})

test('a newer shared answer overtakes what was read of a single group', async () => {
  const { clock, sizes, groups, shared } = twoGroups()
  await shared()
  await clock.advance(1_000)
  await groups.describe(['a'], { signal })
  await clock.advance(60_000)
  sizes['a'] = 5
  expect(await shared()).toEqual({ a: 5, b: 1 })
})

test('activities are asked for anew only when the last answer is older than the asker allows', async () => {
  const clock = new FakeClock()
  let calls = 0
  const call = (async () => (calls++, { Activities: [] })) as unknown as AwsCall
  const groups = createScalingGroups({ call, clock })
  await groups.activities('asg', { signal })
  await groups.activities('asg', { signal, maxAgeMs: 300_000 })
  expect(calls).toBe(1)
  await groups.activities('asg', { signal })
  expect(calls).toBe(2)
  await clock.advance(300_001)
  await groups.activities('asg', { signal, maxAgeMs: 300_000 })
  expect(calls).toBe(3)
})

/** Writes as they were sent, beside reads of two groups of the cluster `demo`, which have as many nodes as there were reads. */
function recorded(failing = false) {
  const clock = new FakeClock()
  const held: Promise<void>[] = []
  const sent: (readonly [string, unknown])[] = []
  let reads = 0
  const call = (async (action: string, input: unknown) => {
    const until = held.shift()
    if (action === 'autoscaling:DescribeAutoScalingGroups') {
      reads += 1
      const { AutoScalingGroupNames: names = ['a', 'b'] } = input as { readonly AutoScalingGroupNames?: readonly string[] }
      const AutoScalingGroups = names.map((name) => ({ AutoScalingGroupName: name, DesiredCapacity: reads }))
      await until
      return { AutoScalingGroups }
    }
    sent.push([action.replace('autoscaling:', ''), input])
    await until
    if (failing) throw new Error('no answer')
    return {}
  }) as unknown as AwsCall
  const groups = createScalingGroups({ call, clock })
  /** The next call is answered when what it returns is resolved. */
  const hold = (): PromiseWithResolvers<void> => {
    const answer = Promise.withResolvers<void>()
    held.push(answer.promise)
    return answer
  }
  return { sent, clock, groups, hold, shared: async () => await sharedSizes(groups), reads: () => reads }
}

const noWrite: Record<string, (groups: ScalingGroupsPort) => Promise<void>> = {
  'no instances are not protected': async (groups) => await groups.protect('a', [], { protected: true, signal }),
  'no processes are not all processes: suspend': async (groups) => await groups.suspend('a', [], { signal }),
  'no processes are not all processes: resume': async (groups) => await groups.resume('a', [], { signal }),
  'no tags are not set': async (groups) => await groups.tag('a', {}, { signal }),
  'no tags are not taken away': async (groups) => await groups.untag('a', [], { signal }),
}
test.each(Object.entries(noWrite))('%s', async (_sentence, act) => {
  const { sent, groups } = recorded()
  await act(groups)
  expect(sent).toEqual([])
})

test('protection goes out for fifty instances a call', async () => {
  const { sent, groups } = recorded()
  const ids = Array.from({ length: 101 }, (_, index) => `i-${index}`)
  await groups.protect('a', ids, { protected: false, signal })
  expect(sent.map(([, input]) => (input as { readonly InstanceIds: readonly string[] }).InstanceIds.length)).toEqual([50, 50, 1])
  expect(sent.flatMap(([, input]) => (input as { readonly InstanceIds: readonly string[] }).InstanceIds)).toEqual(ids)
  expect(sent[0]).toMatchObject(['SetInstanceProtection', { AutoScalingGroupName: 'a', ProtectedFromScaleIn: false }])
})

test.each([true, false])('B4: a termination names one instance, and lowers the count only when it is told to: %s', async (decrement) => {
  const { sent, groups } = recorded()
  await groups.terminate('i-1', { group: 'a', decrement, signal })
  expect(sent).toEqual([['TerminateInstanceInAutoScalingGroup', { InstanceId: 'i-1', ShouldDecrementDesiredCapacity: decrement }]])
})

test('our tags stay on the group: its instances do not get them, and they go whatever value they have', async () => {
  const { sent, groups } = recorded()
  await groups.tag('a', { k: 'v' }, { signal })
  await groups.untag('a', ['k'], { signal })
  const tag = { ResourceId: 'a', ResourceType: 'auto-scaling-group', Key: 'k' }
  expect(sent).toStrictEqual([
    ['CreateOrUpdateTags', { Tags: [{ ...tag, Value: 'v', PropagateAtLaunch: false }] }],
    ['DeleteTags', { Tags: [tag] }],
  ])
})

const writes: Record<string, (groups: ScalingGroupsPort) => Promise<void>> = {
  terminate: async (groups) => await groups.terminate('i-1', { group: 'a', decrement: true, signal }),
  setDesiredCapacity: async (groups) => await groups.setDesiredCapacity('a', 1, { signal }),
  protect: async (groups) => await groups.protect('a', ['i-1'], { protected: true, signal }),
  suspend: async (groups) => await groups.suspend('a', ['AZRebalance'], { signal }),
  resume: async (groups) => await groups.resume('a', ['AZRebalance'], { signal }),
  tag: async (groups) => await groups.tag('a', { k: 'v' }, { signal }),
  untag: async (groups) => await groups.untag('a', ['k'], { signal }),
}
test.each(Object.entries(writes))(
  'A5: after %s the shared answer does not tell of the group until it is read anew, also when no answer came',
  async (_name, write) => {
    for (const failing of [false, true]) {
      const { clock, groups, shared, reads } = recorded(failing)
      expect(await shared()).toEqual({ a: 1, b: 1 })
      await clock.advance(1)
      await Promise.allSettled([write(groups)])
      expect(await shared()).toEqual({ b: 1 })
      expect(reads()).toBe(1)
      await clock.advance(1)
      await groups.describe(['a'], { signal })
      expect(await shared()).toEqual({ a: 2, b: 1 })
      expect(reads()).toBe(2)
    }
  },
)

test('A5: an answer that comes late does not overtake that of a later reading', async () => {
  const { clock, groups, shared, hold } = recorded()
  await shared()
  await clock.advance(1)
  const late = hold()
  const early = groups.describe(['a'], { signal })
  await clock.advance(1)
  const later = groups.describe(['a'], { signal })
  await clock.advance(1_000) // the first one has hung for so long that the second leaves
  expect(await later).toMatchObject([{ desiredCapacity: 3 }])
  late.resolve()
  expect(await early).toMatchObject([{ desiredCapacity: 2 }])
  expect(await shared()).toEqual({ a: 3, b: 1 })
})

test('A5: a reading that began before a write and is answered after it does not tell of the group', async () => {
  const { clock, groups, shared, hold } = recorded()
  await shared()
  await clock.advance(1)
  const answer = hold()
  const reading = groups.describe(['a'], { signal })
  await clock.advance(1)
  groups.forget('a')
  answer.resolve()
  expect(await reading).toHaveLength(1)
  expect(await shared()).toEqual({ b: 1 })
})

test('A5: what is read while a write is under way does not tell of the group after it: by name, and of all groups', async () => {
  const { clock, groups, shared, hold } = recorded()
  await shared()
  const answer = hold()
  const writing = groups.setDesiredCapacity('a', 1, { signal })
  await clock.advance(1)
  await groups.describe(['a'], { signal })
  await clock.advance(45_001)
  expect(await shared()).toEqual({ a: 3, b: 3 })
  answer.resolve()
  await writing
  expect(await shared()).toEqual({ b: 3 })
})

test('A5: what is read in the millisecond of a write may be from before it', async () => {
  const { groups, shared } = recorded()
  groups.forget('a')
  expect(await shared()).toEqual({ b: 1 })
})

test('A5: a sweep that begins after the write tells of the group again', async () => {
  const { clock, groups, shared } = recorded()
  await shared()
  groups.forget('a')
  await clock.advance(45_001)
  expect(await shared()).toEqual({ a: 2, b: 2 })
})

test('A5: after a write why instances do not come is asked for anew', async () => {
  const { groups, sent } = recorded()
  const ask = async () => await groups.activities('a', { signal, maxAgeMs: 300_000 })
  await ask()
  await groups.setDesiredCapacity('a', 1, { signal })
  await ask()
  expect(sent.map(([action]) => action)).toEqual(['DescribeScalingActivities', 'SetDesiredCapacity', 'DescribeScalingActivities'])
})
