import { Counter, Gauge, Histogram, Registry } from 'prom-client'

export { Registry } from 'prom-client'

/** What every part that counts something takes; made once by the composition root, so that no module has a global registry. */
export interface Metrics {
  readonly registry: Registry
  counter<L extends string>(name: string, help: string, labels: readonly L[]): Counter<L>
  gauge<L extends string>(name: string, help: string, labels: readonly L[]): Gauge<L>
  histogram<L extends string>(name: string, help: string, labels: readonly L[], buckets?: readonly number[]): Histogram<L>
}

/** Durations in seconds, from 1 ms to a minute: controller-runtime's reach (pkg/internal/controller/metrics/metrics.go) with fewer steps. */
const durationBuckets: readonly number[] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** Asking twice for one name gives the same metric, so that each target's client and each controller can ask for what it needs. */
export function createMetrics(registry: Registry = new Registry()): Metrics {
  const known = <M>(name: string, make: () => M): M => (registry.getSingleMetric(name) as M | undefined) ?? make()
  const registers = [registry]
  return {
    registry,
    counter: (name, help, labelNames) => known(name, () => new Counter({ name, help, labelNames, registers })),
    gauge: (name, help, labelNames) => known(name, () => new Gauge({ name, help, labelNames, registers })),
    histogram: (name, help, labelNames, buckets = durationBuckets) =>
      known(name, () => new Histogram({ name, help, labelNames, buckets: [...buckets], registers })),
  }
}
