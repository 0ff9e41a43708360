import type { Metrics } from '../observability/metrics.ts'

/** How a pass can end, as a label: controller-runtime's, and the three that it does not have. */
export const passResults = ['success', 'requeue_after', 'checkpoint', 'conflict', 'error', 'terminal'] as const
export type PassResult = (typeof passResults)[number]

export interface ControllerMetrics {
  passed(result: PassResult, seconds: number): void
  activeWorkers(change: 1 | -1): void
  /** How many objects cannot store their status, because the CRD in the cluster is older than this program. */
  schemaTooOld(objects: number): void
}

/** Named as controller-runtime's (pkg/internal/controller/metrics/metrics.go); every series exists from the start, so that a dashboard has no gaps. */
export function createControllerMetrics(metrics: Metrics, controller: string, concurrency: number): ControllerMetrics {
  const total = metrics.counter('controller_runtime_reconcile_total', 'Passes by how they ended', ['controller', 'result'])
  const errors = metrics.counter('controller_runtime_reconcile_errors_total', 'Passes that threw', ['controller']).labels(controller)
  const terminal = metrics.counter('controller_runtime_terminal_reconcile_errors_total', 'Passes that ended Stalled', ['controller']).labels(controller)
  const time = metrics.histogram('controller_runtime_reconcile_time_seconds', 'How long a pass takes', ['controller'])
  const most = metrics.gauge('controller_runtime_max_concurrent_reconciles', 'Workers of the controller', ['controller'])
  const active = metrics.gauge('controller_runtime_active_workers', 'Workers that run a pass now', ['controller']).labels(controller)
  const tooOld = metrics.gauge('tidegate_status_schema_too_old', 'Objects whose status the CRD in the cluster cannot hold', ['controller']).labels(controller)
  for (const result of passResults) total.inc({ controller, result }, 0)
  for (const counter of [errors, terminal]) counter.inc(0)
  for (const gauge of [active, tooOld]) gauge.set(0)
  time.zero({ controller })
  most.set({ controller }, concurrency)
  return {
    passed: (result, seconds) => {
      total.inc({ controller, result })
      time.observe({ controller }, seconds)
      if (result === 'error') errors.inc()
      if (result === 'terminal') terminal.inc()
    },
    activeWorkers: (change) => active.inc(change),
    schemaTooOld: (objects) => tooOld.set(objects),
  }
}
