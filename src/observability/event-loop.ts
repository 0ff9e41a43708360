import { monitorEventLoopDelay } from 'node:perf_hooks'
import { collectDefaultMetrics, Gauge } from 'prom-client'
import type { Metrics } from './metrics.ts'

/** How exact a stall is known, in milliseconds; finer costs processor time at rest. */
const resolutionMs = 20

/**
 * Measures how long the event loop was held up: while it is, no lease is renewed and no watch is read.
 * `tidegate_event_loop_longest_stall_seconds` is the longest since the start; the lag since the last scrape is in prom-client's `nodejs_eventloop_lag_*`.
 */
export class EventLoopMonitor {
  readonly #histogram = monitorEventLoopDelay({ resolution: resolutionMs })

  constructor(metrics: Metrics) {
    const longest = (): number => this.longestStallMs / 1000
    const gauge: Gauge = new Gauge({
      name: 'tidegate_event_loop_longest_stall_seconds',
      help: 'Longest time the event loop was held up since the start',
      registers: [], // registered below
      collect: (): void => {
        gauge.set(longest())
      },
    })
    metrics.registry.registerMetric(gauge)
    this.#histogram.enable()
  }

  /** The longest stall since the start or the last `reset`, in milliseconds. */
  get longestStallMs(): number {
    return this.#histogram.count === 0 ? 0 : Math.max(0, this.#histogram.max / 1e6 - resolutionMs)
  }

  reset(): void {
    this.#histogram.reset()
  }

  /** Ends the measuring. */
  stop(): void {
    this.#histogram.disable()
  }
}

/** Memory, processor time, garbage collection and event-loop lag of this process, under prom-client's usual names. Once per registry. */
export function collectProcessMetrics(metrics: Metrics): void {
  collectDefaultMetrics({ register: metrics.registry })
}
