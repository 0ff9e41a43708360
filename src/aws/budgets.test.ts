import { describe, expect, it } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { createMetrics } from '../observability/metrics.ts'
import { createBudgets, defaultAwsRatesText, parseAwsRate } from './budgets.ts'

const never = new AbortController().signal

describe('createBudgets', () => {
  it('counts each account, region and service apart, and shares one among all that ask for the same', async () => {
    const clock = new FakeClock()
    const budgets = createBudgets({ clock, metrics: createMetrics(), rates: { eks: { perSecond: 1, burst: 1 } } })
    const west = { accountId: '111122223333', region: 'us-west-2' }
    await budgets.of(west).take('eks', never)
    await budgets.of(west).take('sts', never)
    await budgets.of({ ...west, region: 'us-east-1' }).take('eks', never)
    await budgets.of({ ...west, accountId: '444455556666' }).take('eks', never)
    let passed = false
    const same = budgets
      .of({ ...west })
      .take('eks', never)
      .then(() => (passed = true))
    await clock.advance(999)
    expect(passed).toBe(false)
    await clock.advance(1)
    expect(await same).toBe(true)
  })

  it('shows how long calls waited', async () => {
    const clock = new FakeClock()
    const metrics = createMetrics()
    const budget = createBudgets({ clock, metrics, rates: { eks: { perSecond: 1, burst: 1 } } }).of({ accountId: 'a', region: 'r' })
    const both = Promise.all([budget.take('eks', never), budget.take('eks', never)])
    await clock.advance(1000)
    await both
    const text = await metrics.registry.metrics()
    expect(text).toContain('tidegate_aws_budget_wait_seconds_sum{service="eks"} 1')
    expect(text).toContain('tidegate_aws_budget_wait_seconds_count{service="eks"} 2')
  })
})

describe('parseAwsRate', () => {
  it.each([
    ['eks=50', 'eks', { perSecond: 50, burst: 250 }],
    ['autoscaling=0.5', 'autoscaling', { perSecond: 0.5, burst: 3 }],
    ['sts=5:7', 'sts', { perSecond: 5, burst: 7 }],
  ])('%s is read', (text, service, rate) => {
    expect(parseAwsRate(text)).toEqual({ service, rate })
  })

  it.each([
    ['eks', '"eks" is not SERVICE=CALLS_PER_SECOND[:BURST], such as eks=50'],
    ['eks=fast', '"eks=fast" is not SERVICE=CALLS_PER_SECOND[:BURST], such as eks=50'],
    ['eks=-1', '"eks=-1" is not SERVICE=CALLS_PER_SECOND[:BURST], such as eks=50'],
    ['s3=5', '"s3" is not a service with a budget; known: autoscaling, eks, sts'],
    ['eks=0', '"eks=0": the rate must lie between 0.1 and 1000 calls per second'],
    ['eks=5:0', '"eks=5:0": the burst must be at least 1'],
  ])('%s is refused with what is wrong', (text, message) => {
    expect(() => parseAwsRate(text)).toThrow(new RangeError(message))
  })
})

it('shows the defaults as they would be typed', () => {
  const shown = defaultAwsRatesText().split(', ').map(parseAwsRate)
  expect(shown.map(({ service }) => service)).toEqual(['autoscaling', 'eks', 'sts'])
  expect(shown).toContainEqual({ service: 'sts', rate: { perSecond: 5, burst: 20 } })
})
