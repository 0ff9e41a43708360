import { expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { collectProcessMetrics, EventLoopMonitor } from './event-loop.ts'
import { createMetrics } from './metrics.ts'

test('a stall of the event loop is seen, in the value and in the metric', async () => {
  const metrics = createMetrics()
  const monitor = new EventLoopMonitor(metrics)
  await systemClock.sleep(50)
  monitor.reset()
  await systemClock.sleep(50)
  const until = systemClock.monotonicMs() + 300
  while (systemClock.monotonicMs() < until); // the stall
  await systemClock.sleep(50)
  monitor.stop()
  expect(monitor.longestStallMs).toBeGreaterThan(200)
  const { values } = await metrics.registry.getSingleMetric('tidegate_event_loop_longest_stall_seconds')!.get()
  expect(values[0]?.value).toBeGreaterThan(0.2)
})

test('the process metrics have their usual names', async () => {
  const metrics = createMetrics()
  collectProcessMetrics(metrics)
  const text = await metrics.registry.metrics()
  for (const name of ['process_resident_memory_bytes', 'process_cpu_seconds_total', 'nodejs_eventloop_lag_seconds']) expect(text).toContain(name)
})
