import type { Clock } from '../../lib/clock.ts'

export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

interface Bucket {
  tokens: number
  atMs: number
}

/**
 * AWS' request throttling: one token bucket for each account, region and action that has a rate (EC2 API reference, "Request throttling"; EKS and Auto
 * Scaling publish no numbers, so the scenario gives them). Time is real, as the clients' is.
 */
export class Throttle {
  readonly #rates: Readonly<Record<string, Rate>>
  readonly #clock: Clock
  readonly #buckets = new Map<string, Bucket>()

  constructor(rates: Readonly<Record<string, Rate>>, clock: Clock) {
    this.#rates = rates
    this.#clock = clock
  }

  /** Takes a token; false when there is none. */
  admits(call: { readonly account: string; readonly region: string; readonly service: string; readonly action: string }): boolean {
    const names = [`${call.service}:${call.action}`, call.service, '*']
    const name = names.find((candidate) => this.#rates[candidate] !== undefined)
    const rate = name === undefined ? undefined : this.#rates[name]
    if (rate === undefined) return true
    const key = `${call.account}/${call.region}/${name}`
    const now = this.#clock.monotonicMs()
    const bucket = this.#buckets.get(key) ?? { tokens: rate.burst, atMs: now }
    bucket.tokens = Math.min(rate.burst, bucket.tokens + ((now - bucket.atMs) * rate.perSecond) / 1000)
    bucket.atMs = now
    this.#buckets.set(key, bucket)
    if (bucket.tokens < 1) return false
    bucket.tokens -= 1
    return true
  }
}
