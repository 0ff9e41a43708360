import { expect, test } from 'vitest'
import type { KubeClient } from '../../../src/kube/client.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { measured, timed } from '../../support/pulse.ts'

/** An API server that takes so long for each write but the first, or refuses it; and shows each so late. */
function server(answer: () => Promise<void>, show: () => Promise<void> = async () => {}): KubeClient {
  let writes = 0
  const apply = async (): Promise<object> => {
    writes += 1
    if (writes > 1) await answer()
    return { metadata: {} }
  }
  return { apply, list: async () => await show() } as unknown as KubeClient
}

const calm = server(async () => {})
const slow = server(async () => await systemClock.sleep(800))
const late = server(
  async () => {},
  async () => await systemClock.sleep(800),
)
const refusing = server(async () => await Promise.reject(new Error('refused')))

/** Of the processor's time, which a busy machine shares. */
function compute(ms: number): void {
  const before = process.cpuUsage()
  while (process.cpuUsage(before).user < ms * 1_000);
}

test('time in which the API server did not answer is not counted', async () => {
  expect(await timed(slow, async () => await systemClock.sleep(1_000))).toBeLessThan(900)
})

test('time that this process computes is counted, and so is all where the API server refuses', async () => {
  expect(await timed(calm, async () => compute(1_000))).toBeGreaterThan(900)
  expect(await timed(refusing, async () => await systemClock.sleep(300))).toBeGreaterThan(250)
})

test('who is refused from the first measures nothing', async () => {
  const never = { apply: async () => await Promise.reject(new Error('name must be provided')) } as unknown as KubeClient
  await expect(timed(never, async () => {})).rejects.toThrow('name must be provided')
})

test.for([
  { machine: 'calm', client: calm, calmMs: 10_000, attempts: 1 },
  { machine: 'slow', client: slow, calmMs: 500, attempts: 4 },
  { machine: 'late to show what it writes', client: late, calmMs: 500, attempts: 4 },
])('what is not good is measured $attempts times where the machine is $machine', async ({ client, calmMs, attempts }) => {
  let measurements = 0
  const measure = async () => {
    measurements += 1
    await systemClock.sleep(200)
    return async () => await Promise.resolve('bad')
  }
  expect(await measured(client, { calmMs, rest: async () => {}, measure, isGood: () => false })).toBe('bad')
  expect(measurements).toBe(attempts)
})

test('what a slow machine made longer than promised is timed four times in all, each from where it began', async () => {
  const seen: string[] = []
  const work = async () => {
    seen.push('work')
    await systemClock.sleep(200)
  }
  const restore = async () => await Promise.resolve(void seen.push('restore'))
  await timed(slow, work, { promisedMs: Number.NEGATIVE_INFINITY, restore })
  expect(seen.join(' ')).toBe('work restore work restore work restore work')
})
