import type { Metrics } from '../observability/metrics.ts'

/** The metrics of one queue, named as client-go's provider in controller-runtime names them (pkg/metrics/workqueue.go). */
export interface QueueMetrics {
  readonly depth: { set(value: number): void }
  readonly adds: { inc(): void }
  readonly retries: { inc(): void }
  /** Seconds from being added to being handed out. */
  readonly queueDuration: { observe(seconds: number): void }
  /** Seconds from being handed out to being done. */
  readonly workDuration: { observe(seconds: number): void }
}

/** All series of the queue exist from the start, so that a dashboard has no gaps. */
export function createQueueMetrics(metrics: Metrics, name: string): QueueMetrics {
  const depth = metrics.gauge('workqueue_depth', 'Keys that are ready', ['name']).labels(name)
  const adds = metrics.counter('workqueue_adds_total', 'Keys added', ['name']).labels(name)
  const retries = metrics.counter('workqueue_retries_total', 'Keys added with backoff', ['name']).labels(name)
  const queueDuration = metrics.histogram('workqueue_queue_duration_seconds', 'How long a key waits for a worker', ['name'])
  const workDuration = metrics.histogram('workqueue_work_duration_seconds', 'How long a worker has a key', ['name'])
  depth.set(0)
  adds.inc(0)
  retries.inc(0)
  queueDuration.zero({ name })
  workDuration.zero({ name })
  return { depth, adds, retries, queueDuration: queueDuration.labels(name), workDuration: workDuration.labels(name) }
}
