import { expect, test } from 'vitest'
import { FakeClock } from '../../lib/fake-clock.ts'
import type { AwsCall } from '../api.ts'
import { createScalingGroups } from './scaling-groups.ts'

const signal = new AbortController().signal

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
