import { expect, test } from 'vitest'
import { FakeClock } from '../../lib/fake-clock.ts'
import type { AwsCall } from '../api.ts'
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
  const shared = async () =>
    Object.fromEntries((await groups.ofCluster('demo', { signal, maxAgeMs: 45_000 })).map(({ name, desiredCapacity }) => [name, desiredCapacity]))
  return { clock, sizes, groups, shared }
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
  await groups.describe(['b'], { signal })
  expect(await shared()).toEqual({ a: 3 })
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
