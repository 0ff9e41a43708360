import type { Counter, Histogram } from 'prom-client'
import type { Metrics } from '../observability/metrics.ts'
import type { Resource } from './resource.ts'

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'apply' | 'patch' | 'delete' | 'evict'

const callLabels = ['code', 'method', 'verb', 'resource', 'host'] as const
const durationLabels = ['verb', 'resource', 'host'] as const

/** Names as client-go's (tools/metrics and component-base/metrics/prometheus/restclient), with verb and resource beside its labels. */
export class RestMetrics {
  readonly #host: string
  readonly #calls: Counter<(typeof callLabels)[number]>
  readonly #duration: Histogram<(typeof durationLabels)[number]>
  readonly #limited: Histogram<'verb' | 'host'>

  constructor(metrics: Metrics, host: string) {
    this.#host = host
    this.#calls = metrics.counter('rest_client_requests_total', 'Calls to the API server by code, verb and resource.', callLabels)
    this.#duration = metrics.histogram('rest_client_request_duration_seconds', 'Time until the answer was read; of a watch, until it began.', durationLabels)
    this.#limited = metrics.histogram('rest_client_rate_limiter_duration_seconds', 'Time that calls waited for the client-side rate limit.', ['verb', 'host'])
  }

  waited(verb: Verb, waitedMs: number): void {
    this.#limited.observe({ verb, host: this.#host }, waitedMs / 1000)
  }

  /** `code` is `<error>` when no answer came, as in client-go. */
  finished(call: { readonly verb: Verb; readonly method: string; readonly resource: Resource | undefined }, code: string, tookMs: number): void {
    const labels = { verb: call.verb, resource: call.resource?.plural ?? '', host: this.#host }
    this.#calls.inc({ ...labels, code, method: call.method })
    this.#duration.observe(labels, tookMs / 1000)
  }
}
