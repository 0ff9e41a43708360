import type { Metrics } from '../observability/metrics.ts'
import type { Outcome } from './answers.ts'

type Result = 'accepted' | 'gone' | Extract<Outcome, { readonly kind: 'Held' }>['result']

const results: readonly Result[] = [
  'accepted',
  'gone',
  'budget',
  'severalBudgets',
  'namespaceTerminating',
  'forbidden',
  'replaced',
  'refused',
  'unjudged',
  'noAnswer',
]

/** What one target's drains cost and how they end; every series is there from the start. */
export class DrainMetrics {
  readonly asked: (act: 'Evict' | 'Delete', outcome: Outcome) => void
  readonly ended: (how: 'empty' | 'failed' | 'gone' | 'released') => void
  readonly isolated: (tookMs: number) => void
  readonly limited: (waitMs: number) => void
  readonly places: (begun: number, waiting: number) => void

  constructor(metrics: Metrics, target: string) {
    const evictions = metrics.counter('tidegate_drain_evictions_total', 'Evictions by what the API server answered.', ['target', 'result'])
    const deletions = metrics.counter('tidegate_drain_forced_deletions_total', 'Pods deleted after a deadline, by answer.', ['target', 'result'])
    for (const result of results) for (const counter of [evictions, deletions]) counter.inc({ target, result }, 0)
    this.asked = (act, outcome) => {
      const result = outcome.kind === 'Held' ? outcome.result : outcome.kind === 'Gone' ? 'gone' : 'accepted'
      ;(act === 'Evict' ? evictions : deletions).inc({ target, result })
    }
    const nodes = metrics.counter('tidegate_drain_nodes_total', 'Drains that ended, by how.', ['target', 'result'])
    for (const result of ['empty', 'failed', 'gone', 'released']) nodes.inc({ target, result }, 0)
    this.ended = (result) => nodes.inc({ target, result })
    const isolation = metrics.histogram('tidegate_drain_isolation_duration_seconds', 'From the begin of a drain until its node was isolated.', ['target'])
    this.isolated = (tookMs) => isolation.observe({ target }, tookMs / 1000)
    const limit = metrics.histogram('tidegate_drain_eviction_limit_wait_seconds', 'Time that evictions had to wait for evictionsPerSecond.', ['target'])
    this.limited = (waitMs) => limit.observe({ target }, waitMs / 1000)
    const active = metrics.gauge('tidegate_drain_active', 'Drains that have begun and not ended.', ['target'])
    const waiting = metrics.gauge('tidegate_drain_waiting', 'Drains, and updates of groups, that wait for a place (maxConcurrentDrains).', ['target'])
    this.places = (begun, queued) => {
      active.set({ target }, begun)
      waiting.set({ target }, queued)
    }
  }
}
