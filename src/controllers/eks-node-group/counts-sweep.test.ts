import { expect, test } from 'vitest'
import type { ScalingGroup } from '../../aws/autoscaling/port.ts'
import { FakeClock } from '../../lib/fake-clock.ts'
import { createLogger } from '../../observability/logger.ts'
import { aScalingGroup } from './test-pass.ts'
import { CountsSweep } from './counts-sweep.ts'

/** Two targets with a cluster each; what AWS says of them, and what the sweep told. */
function start() {
  const clock = new FakeClock()
  const stop = new AbortController()
  const aws: Record<string, () => Promise<readonly ScalingGroup[]>> = { a: async () => [aScalingGroup({ name: 'a1' }), aScalingGroup({ name: 'a2' })] }
  const calls: Record<string, number> = {}
  const told: string[] = []
  /** The answer that passes share: the last sweep's, with what one of them saw since. */
  const shared: Record<string, readonly ScalingGroup[]> = {}
  const ofCluster = async (name: string, { maxAgeMs }: { readonly maxAgeMs: number }): Promise<readonly ScalingGroup[]> => {
    if (maxAgeMs > 0) return shared[name] ?? []
    calls[name] = (calls[name] ?? 0) + 1
    shared[name] = (await aws[name]?.()) ?? []
    return shared[name]
  }
  const sweep = new CountsSweep({
    targets: () => Object.keys(aws).map((name) => ({ name, clusterName: name, scalingGroups: { ofCluster } })),
    changed: (target, groups) => void told.push(`${target}: ${[...groups].join(' ')}`),
    clock,
    log: createLogger({ level: 'silent' }),
  })
  const ended = sweep.run(stop.signal)
  return { clock, stop, ended, aws, calls, shared, told }
}

const instance = (instanceId: string, lifecycleState = 'InService') => ({ instanceId, zone: 'z', lifecycleState, protectedFromScaleIn: false })

test('A5: an hour costs at most 112 reads of a target, and a change is told within 40 s to the group that it is about', async () => {
  const { clock, aws, calls, told } = start()
  await clock.advance(1)
  expect(told).toEqual(['a: a1 a2']) // what was read before this process is unknown
  await clock.advance(3_600_000)
  expect(calls['a']).toBeLessThanOrEqual(112)
  expect(told).toHaveLength(1)
  aws['a'] = async () => [aScalingGroup({ name: 'a1' }), aScalingGroup({ name: 'a2', desiredCapacity: 4 })]
  await clock.advance(39_000)
  expect(told.slice(1)).toEqual(['a: a2'])
})

test('P8: what a pass saw between two sweeps, and what is over at the second, is told: it may wait for days for what it saw', async () => {
  const { clock, shared, told } = start()
  await clock.advance(1)
  told.splice(0)
  shared['a'] = [aScalingGroup({ name: 'a1', operator: 'ecs.amazonaws.com' })] // and a2 was written to
  await clock.advance(40_000)
  expect(told).toEqual(['a: a1'])
})

test('P8: what the pass of one group read of all is told to the others all the same: they have not seen it', async () => {
  const { clock, aws, shared, told } = start()
  await clock.advance(1)
  told.splice(0)
  const changed = [aScalingGroup({ name: 'a1', desiredCapacity: 4 }), aScalingGroup({ name: 'a2' })]
  aws['a'] = async () => changed
  shared['a'] = changed
  await clock.advance(40_000)
  expect(told).toEqual(['a: a1'])
})

test('another order of AWS is no change; an instance that goes, and a group that comes or goes, is', async () => {
  const { clock, aws, told } = start()
  aws['a'] = async () => [aScalingGroup({ name: 'a1', instances: [instance('i-1'), instance('i-2')] })]
  await clock.advance(40_000)
  told.splice(0)
  aws['a'] = async () => [aScalingGroup({ name: 'a1', instances: [instance('i-2'), instance('i-1')] })]
  await clock.advance(40_000)
  expect(told).toEqual([])
  aws['a'] = async () => [aScalingGroup({ name: 'a1', instances: [instance('i-2'), instance('i-1', 'Terminating:Wait')] })]
  await clock.advance(40_000)
  expect(told).toEqual(['a: a1'])
  aws['a'] = async () => [aScalingGroup({ name: 'a3' })]
  await clock.advance(40_000)
  expect(told.at(-1)).toBe('a: a3 a1')
})

test('a target that hangs or fails holds up no other', async () => {
  const { clock, aws, calls, told } = start()
  aws['b'] = async () => await new Promise<never>(() => {})
  aws['c'] = async () => await Promise.reject(new Error('throttled'))
  await clock.advance(100_000)
  expect(calls['b']).toBe(1)
  expect(calls['c']).toBeGreaterThan(1)
  aws['a'] = async () => []
  await clock.advance(40_000)
  expect(told.at(-1)).toBe('a: a1 a2')
})

test('it ends when it is told to', async () => {
  const { clock, stop, ended, calls } = start()
  await clock.advance(1)
  stop.abort()
  await ended
  await clock.advance(100_000)
  expect(calls['a']).toBe(1)
})
