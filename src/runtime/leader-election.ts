import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import type { KubeClient } from '../kube/client.ts'
import { withDeadline } from '../kube/deadline.ts'
import { isKubeError } from '../kube/kube-error.ts'
import type { KubeObject } from '../kube/objects.ts'
import { apiVersion, type ObjectKey, resources } from '../kube/resource.ts'
import type { Logger } from '../observability/logger.ts'
import type { Metrics } from '../observability/metrics.ts'
import { microTime } from './micro-time.ts'

interface LeaseSpec {
  readonly holderIdentity?: string
  readonly leaseDurationSeconds?: number
  readonly acquireTime?: string
  readonly renewTime?: string
  readonly leaseTransitions?: number
}

interface Lease extends KubeObject {
  readonly spec?: LeaseSpec
}

export interface LeaderElectorOptions {
  readonly client: KubeClient
  readonly lease: { readonly namespace: string; readonly name: string }
  /** Unique for each process and each of its starts. */
  readonly identity: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly metrics: Metrics
  /** How long others leave a lease alone that they do not see changing. Default 15 s. */
  readonly leaseDurationMs?: number | undefined
  /** How long a leader that cannot renew goes on. At most two thirds of the lease. Default 10 s. */
  readonly renewDeadlineMs?: number | undefined
  /** How often the leader renews and the others look. Default 2 s. */
  readonly retryPeriodMs?: number | undefined
}

/** Another process leads, or nobody knows: everything of this one must stop. */
export class LeadershipLostError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'LeadershipLostError'
  }
}

/** An answer that takes longer is asked for again, since the connection may be dead. */
const callTimeoutMs = 5000
const releaseTimeoutMs = 1500
/** How long a leader acts on without an answer. */
const contactMs = 5000
const fieldManager = 'tidegate'

/**
 * One leader by a `coordination.k8s.io` Lease, by client-go's rules (tools/leaderelection) on the monotonic clock.
 *
 * Guarantees: a lease of another is taken only when nobody holds it, or when this process has not seen it change for its whole duration (no two
 * clocks are compared, so a wrong one does no harm); `isLeader` is true only within two thirds of the lease since the *sending* of the last renewal
 * that succeeded; `lead` is aborted on loss and when `signal` aborts, and a lease is released only after `lead` has ended.
 * Two leaders are rare, not impossible (a paused process wakes up in the middle of a write): outside writes must be conditional anyway.
 */
export class LeaderElector {
  readonly #options: Required<{ [K in keyof LeaderElectorOptions]: NonNullable<LeaderElectorOptions[K]> }>
  readonly #key: ObjectKey
  readonly #setStatus: (leads: 0 | 1) => void
  /** The lease as we stored it last: spares the read before the next renewal. */
  #own: Lease | undefined
  /** The spec seen last, and when it was first seen so. */
  #observed: { readonly text: string; readonly spec: LeaseSpec; readonly atMs: number } | undefined
  #holds = false
  #renewedMs = 0

  constructor(options: LeaderElectorOptions) {
    const { leaseDurationMs = 15_000, renewDeadlineMs = 10_000, retryPeriodMs = 2000 } = options
    if (renewDeadlineMs * 3 > leaseDurationMs * 2) throw new RangeError('the renew deadline must be at most two thirds of the lease')
    this.#options = { ...options, leaseDurationMs, renewDeadlineMs, retryPeriodMs }
    this.#key = options.lease
    const status = options.metrics.gauge('leader_election_master_status', '1 while this process leads', ['name'])
    this.#setStatus = (leads) => status.set({ name: options.lease.name }, leads)
    this.#setStatus(0)
  }

  /** To be asked before every outside write. */
  isLeader(): boolean {
    const { clock, leaseDurationMs } = this.#options
    return this.#holds && clock.monotonicMs() - this.#renewedMs < (leaseDurationMs * 2) / 3
  }

  /** Whether the API server answered within the last 5 s, counted from the sending: what people asked for since could not be known (P10). */
  inContact(): boolean {
    return this.isLeader() && this.#options.clock.monotonicMs() - this.#renewedMs < contactMs
  }

  /**
   * Waits for leadership, then runs `lead` and renews. Resolves when `signal` aborts or `lead` ends, with the lease released.
   * Errors: `LeadershipLostError`, after `lead` has ended; what `lead` throws.
   */
  async run(signal: AbortSignal, lead: (signal: AbortSignal) => Promise<void>): Promise<void> {
    if (!(await this.#acquire(signal))) return
    const { log, identity } = this.#options
    log.info({ identity }, 'became leader')
    const leading = new AbortController()
    const renewing = new AbortController()
    const onAbort = (): void => leading.abort(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    const work = lead(leading.signal)
    const lost = this.#renew(renewing.signal)
    try {
      const why = await Promise.race([lost, work.then(() => undefined)])
      if (why !== undefined) await this.#giveUp(why, leading, work)
    } finally {
      signal.removeEventListener('abort', onAbort)
      renewing.abort()
      await lost
      if (this.#holds) await this.#release()
      this.#stepDown()
    }
  }

  async #giveUp(why: string, leading: AbortController, work: Promise<void>): Promise<never> {
    const error = new LeadershipLostError(why)
    this.#stepDown()
    this.#options.log.error({ err: error }, 'leadership lost')
    leading.abort(error)
    await work.catch((failure: unknown) => this.#options.log.debug({ err: failure }, 'work aborted'))
    throw error
  }

  #stepDown(): void {
    this.#holds = false
    this.#own = undefined
    this.#setStatus(0)
  }

  /** False when `signal` aborts first. */
  async #acquire(signal: AbortSignal): Promise<boolean> {
    const { clock, retryPeriodMs, random } = this.#options
    while (!signal.aborted) {
      if (await this.#tryAcquireOrRenew(signal, callTimeoutMs)) return true
      const expiresMs = this.#expiresInMs()
      // The moment of expiry is known, so it is not slept through; a little chance keeps two standbys apart.
      const pauseMs = retryPeriodMs * (1 - 0.2 * random.next())
      await clock.sleep(expiresMs > 0 ? Math.min(pauseMs, expiresMs) : pauseMs, { signal }).catch(() => undefined)
    }
    return false
  }

  /** Renews until `signal` aborts (undefined) or leadership is lost (why). */
  async #renew(signal: AbortSignal): Promise<string | undefined> {
    const { clock, renewDeadlineMs, retryPeriodMs } = this.#options
    for (;;) {
      const leftMs = this.#renewedMs + renewDeadlineMs - clock.monotonicMs()
      await clock.sleep(Math.max(0, Math.min(retryPeriodMs, leftMs)), { signal }).catch(() => undefined)
      if (signal.aborted) return undefined
      const remainingMs = this.#renewedMs + renewDeadlineMs - clock.monotonicMs()
      if (remainingMs <= 0) return `not renewed for ${renewDeadlineMs} ms`
      const renewed = await this.#tryAcquireOrRenew(signal, Math.min(callTimeoutMs, remainingMs))
      if (signal.aborted) return undefined
      const holder = this.#observed?.spec.holderIdentity ?? ''
      if (!renewed && holder !== this.#options.identity) return `the lease is held by ${holder === '' ? 'nobody' : holder}`
    }
  }

  async #tryAcquireOrRenew(signal: AbortSignal, timeoutMs: number): Promise<boolean> {
    const { clock, log } = this.#options
    const expired = (): Error => new Error(`no answer within ${timeoutMs} ms`)
    try {
      const renewed = await withDeadline({ clock, signal, timeoutMs, expired }, async (inner) => this.#takeOrRenew(inner))
      if (renewed === undefined) return false
      // Only here, not when an answer comes after its deadline: by then this process may have given up.
      this.#own = renewed.lease
      this.#observe(renewed.lease.spec)
      this.#renewedMs = renewed.sentMs
      this.#holds = true
      this.#setStatus(1)
      return true
    } catch (error) {
      this.#own = undefined
      if (!signal.aborted) log[isKubeError(error, 'Conflict', 'AlreadyExists') ? 'debug' : 'warn']({ err: error }, 'lease not renewed')
      return false
    }
  }

  /** Undefined when another holds the lease. */
  async #takeOrRenew(signal: AbortSignal): Promise<{ readonly lease: Lease; readonly sentMs: number } | undefined> {
    const lease = this.#own ?? (await this.#read(signal))
    if (lease !== undefined && this.#isHeldByAnother()) return undefined
    const sentMs = this.#options.clock.monotonicMs()
    return { lease: await this.#write(lease, this.#nextSpec(lease?.spec), signal), sentMs }
  }

  async #read(signal: AbortSignal): Promise<Lease | undefined> {
    try {
      const lease = await this.#options.client.get<Lease>(resources.leases, this.#key, { signal })
      this.#observe(lease.spec)
      return lease
    } catch (error) {
      if (!isKubeError(error, 'NotFound')) throw error
      this.#observed = undefined
      return undefined
    }
  }

  #observe(spec: LeaseSpec = {}): void {
    const text = JSON.stringify(spec)
    if (text !== this.#observed?.text) this.#observed = { text, spec, atMs: this.#options.clock.monotonicMs() }
  }

  #expiresInMs(): number {
    if (this.#observed === undefined) return 0
    const { spec, atMs } = this.#observed
    return atMs + (spec.leaseDurationSeconds ?? 0) * 1000 - this.#options.clock.monotonicMs()
  }

  #isHeldByAnother(): boolean {
    const holder = this.#observed?.spec.holderIdentity ?? ''
    return holder !== '' && holder !== this.#options.identity && this.#expiresInMs() > 0
  }

  #nextSpec(before: LeaseSpec = {}): LeaseSpec {
    const { identity, clock, leaseDurationMs } = this.#options
    const now = microTime(clock.now())
    const same = before.holderIdentity === identity
    return {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(leaseDurationMs / 1000),
      acquireTime: same ? (before.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: (before.leaseTransitions ?? 0) + (same || before.holderIdentity === undefined ? 0 : 1),
    }
  }

  /** Create, or PUT with the resourceVersion that was read: of two writers one gets a conflict. */
  async #write(lease: Lease | undefined, spec: LeaseSpec, signal: AbortSignal): Promise<Lease> {
    const { client, lease: place } = this.#options
    const body = { apiVersion: apiVersion(resources.leases), kind: resources.leases.kind, spec }
    if (lease === undefined) return client.create<Lease>(resources.leases, { ...body, metadata: place }, { namespace: place.namespace, signal, fieldManager })
    const { uid, resourceVersion, labels, annotations } = lease.metadata
    const metadata = { ...place, uid, resourceVersion, ...(labels === undefined ? {} : { labels }), ...(annotations === undefined ? {} : { annotations }) }
    return client.replace<Lease>(resources.leases, this.#key, { ...body, metadata }, { signal, fieldManager })
  }

  /** Empties the holder, so that a standby takes over at its next look; as client-go does, with a duration of 1 s. */
  async #release(): Promise<void> {
    const { clock, log, identity } = this.#options
    const own = this.#own
    this.#stepDown()
    const now = microTime(clock.now())
    const signal = new AbortController().signal // the caller's is aborted by now
    try {
      await withDeadline({ clock, signal, timeoutMs: releaseTimeoutMs, expired: notReleased }, async (inner) => {
        // the stop came while a renewal was on its way: only the server knows whether it arrived
        const lease = own ?? (await this.#read(inner))
        if (lease?.spec?.holderIdentity !== identity) return
        const leaseTransitions = lease.spec.leaseTransitions ?? 0
        await this.#write(lease, { holderIdentity: '', leaseDurationSeconds: 1, acquireTime: now, renewTime: now, leaseTransitions }, inner)
        log.info('lease released')
      })
    } catch (error) {
      log.warn({ err: error }, 'lease not released')
    }
  }
}

function notReleased(): Error {
  return new Error(`no answer within ${releaseTimeoutMs} ms`)
}
