import type { Clock } from '../lib/clock.ts'
import type { Metrics } from '../observability/metrics.ts'
import { type AwsService, awsServices } from './api.ts'
import { type Rate, TokenBucket } from './token-bucket.ts'

export type AwsRates = Readonly<Record<AwsService, Rate>>

/** EKS publishes no rates (reference aws-eks §3.4): these leave room for the people and tools that share the account. */
const defaultAwsRates: AwsRates = {
  autoscaling: { perSecond: 10, burst: 50 },
  eks: { perSecond: 10, burst: 50 },
  sts: { perSecond: 5, burst: 20 },
}

/** The defaults as they would be typed, for the help of `--aws-rate`. */
export function defaultAwsRatesText(): string {
  return Object.entries(defaultAwsRates)
    .map(([service, { perSecond, burst }]) => `${service}=${perSecond}:${burst}`)
    .join(', ')
}

/**
 * Reads one `--aws-rate` value, `eks=50` or `eks=50:200`: calls per second, and calls at once (else in the proportion of the default).
 *
 * Throws a `RangeError` whose message names the value, the form and the known services.
 */
export function parseAwsRate(text: string): { readonly service: AwsService; readonly rate: Rate } {
  const match = /^([a-z0-9]+)=([0-9]+(?:\.[0-9]+)?)(?::([0-9]+))?$/.exec(text)
  if (match === null) throw new RangeError(`"${text}" is not SERVICE=CALLS_PER_SECOND[:BURST], such as eks=50`)
  const [, name = '', rate, burstText] = match
  const service = awsServices.find((known) => known === name)
  if (service === undefined) throw new RangeError(`"${name}" is not a service with a budget; known: ${awsServices.join(', ')}`)
  const perSecond = Number(rate)
  if (perSecond < 0.1 || perSecond > 1000) throw new RangeError(`"${text}": the rate must lie between 0.1 and 1000 calls per second`)
  const usual = defaultAwsRates[service]
  const burst = burstText === undefined ? Math.max(1, Math.ceil((perSecond * usual.burst) / usual.perSecond)) : Number(burstText)
  if (burst < 1) throw new RangeError(`"${text}": the burst must be at least 1`)
  return { service, rate: { perSecond, burst } }
}

/** The budgets of one account and region. */
export interface AccountBudgets {
  /** Resolves when a call may go; rejects with the signal's reason. */
  take(service: AwsService, signal: AbortSignal): Promise<void>
  /** Books what the SDK sent on its own. */
  charge(service: AwsService, calls: number): void
}

/** One call budget per account, region and service, shared by all that call there: AWS counts per account, not per object. */
export interface AwsBudgets {
  of(place: { readonly accountId: string; readonly region: string }): AccountBudgets
}

export function createBudgets(options: { readonly clock: Clock; readonly metrics: Metrics; readonly rates?: Partial<AwsRates> }): AwsBudgets {
  const { clock, metrics } = options
  const rates: AwsRates = { ...defaultAwsRates, ...options.rates }
  const waits = metrics.histogram('tidegate_aws_budget_wait_seconds', 'Time that a call waited for its place in the call budget.', ['service'])
  const buckets = new Map<string, TokenBucket>()
  return {
    of: ({ accountId, region }) => {
      const bucketOf = (service: AwsService): TokenBucket => {
        const key = `${accountId}/${region}/${service}`
        const bucket = buckets.get(key) ?? new TokenBucket(rates[service], clock)
        buckets.set(key, bucket)
        return bucket
      }
      return {
        take: async (service, signal) => {
          const since = clock.monotonicMs()
          await bucketOf(service).take(signal)
          waits.observe({ service }, (clock.monotonicMs() - since) / 1000)
        },
        charge: (service, calls) => {
          bucketOf(service).charge(calls)
        },
      }
    },
  }
}
