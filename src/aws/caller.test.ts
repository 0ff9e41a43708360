import { expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { createMetrics } from '../observability/metrics.ts'
import type { AwsAction } from './api.ts'
import { createBudgets } from './budgets.ts'
import { createCaller } from './caller.ts'
import type { AwsClients } from './clients.ts'

const { signal } = new AbortController()

/** A caller whose budget is spent: one call a second and service,. */
async function spent() {
  const clock = new FakeClock()
  const metrics = createMetrics()
  const rate = { perSecond: 1, burst: 1 }
  const budgets = createBudgets({ clock, metrics, rates: { autoscaling: rate, eks: rate } }).of({ accountId: 'a', region: 'r' })
  const sent: AwsAction[] = []
  const clients = { send: async (action: AwsAction) => void sent.push(action) } as unknown as AwsClients
  for (const service of ['autoscaling', 'eks'] as const) await budgets.take(service, signal)
  const call = createCaller({ clients, budgets, beforeWrite: async () => undefined, clock, metrics })
  return { clock, sent, call }
}

const options = { signal, target: 'workers' }

test('P1: a termination, or a number, waits for no place in the budget: it would be sent on a look that has grown old', async () => {
  const { call, sent } = await spent()
  await call('autoscaling:TerminateInstanceInAutoScalingGroup', { InstanceId: 'i-1', ShouldDecrementDesiredCapacity: true }, options)
  await call('eks:UpdateNodegroupConfig', { clusterName: 'demo', nodegroupName: 'workers', scalingConfig: { desiredSize: 2 } }, options)
  expect(sent).toEqual(['autoscaling:TerminateInstanceInAutoScalingGroup', 'eks:UpdateNodegroupConfig'])
})

test('it is booked all the same: those who ask next wait for it', async () => {
  const { call, sent, clock } = await spent()
  await call('autoscaling:TerminateInstanceInAutoScalingGroup', { InstanceId: 'i-1', ShouldDecrementDesiredCapacity: true }, options)
  const next = call('autoscaling:DescribeAutoScalingGroups', {}, options)
  await clock.advance(1_900)
  expect(sent).toHaveLength(1)
  await clock.advance(100)
  await next
  expect(sent).toHaveLength(2)
})

test('a change that depends on no look waits for its turn', async () => {
  const { call, sent, clock } = await spent()
  const labels = call('eks:UpdateNodegroupConfig', { clusterName: 'demo', nodegroupName: 'workers', labels: {} }, options)
  await clock.advance(900)
  expect(sent).toEqual([])
  await clock.advance(100)
  await labels
  expect(sent).toEqual(['eks:UpdateNodegroupConfig'])
})
