import type { KubeClient } from '../../kube/client.ts'
import { isKubeError } from '../../kube/kube-error.ts'
import type { KubeObject } from '../../kube/objects.ts'
import { apiVersion, resources } from '../../kube/resource.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../observability/logger.ts'
import { microTime } from '../../runtime/micro-time.ts'

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

export interface TargetLeaseOptions {
  /** Of the target. */
  readonly client: KubeClient
  /** Id of the management cluster: the same for each of its processes, so that a new leader goes on with the lease of the old one. */
  readonly holder: string
  /** The lease was taken over or deleted, or could be renewed again after it had counted as lost. */
  readonly onChange: () => void
  readonly clock: Clock
  readonly log: Logger
}

/** What keeps two management clusters apart in one target (kinds.md, TargetCluster). */
export const targetLeaseKey = { namespace: 'kube-system', name: 'tidegate' } as const

const renewEveryMs = 60_000
const retryEveryMs = 10_000
const durationMs = 180_000
/** Two thirds of the lease: a pass that began within it, and may take a minute, ends before others may take the lease. */
const trustedMs = 120_000
const callTimeoutMs = 10_000
/** Whoever loses a race reads who won. */
const attempts = 3
const fieldManager = 'tidegate'

/**
 * Our Lease in one target.
 *
 * Guarantees: a lease of another holder is taken only when it is released, or when this process has not seen it change for its whole duration (as
 * client-go's leader election; no two clocks are compared); every write carries the UID and resourceVersion that were read; `isHeld` is true only
 * within two thirds of the lease since the sending of the last write that succeeded. Nothing is created or taken over but by `claim`, which is called
 * once the cluster is known to be the right one.
 */
export class TargetLease {
  readonly #options: TargetLeaseOptions
  /** As we stored it last. */
  #own: Lease | undefined
  #sentMs = Number.NEGATIVE_INFINITY
  /** The spec of somebody else seen last, and since when it has stood so. */
  #seen: { readonly text: string; readonly sinceMs: number } | undefined
  /** When the first of the tries failed since which none has worked. */
  #failsSinceMs: number | undefined
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: TargetLeaseOptions) {
    this.#options = options
  }

  /** To be asked before anything is begun in the target. */
  isHeld(): boolean {
    return this.#own !== undefined && this.#ageMs() < trustedMs
  }

  /** For how long what was due has failed, in milliseconds: to claim it, or to renew it; 0 where the last try worked. */
  failsForMs(): number {
    return this.#failsSinceMs === undefined ? 0 : this.#options.clock.monotonicMs() - this.#failsSinceMs
  }

  /** Takes the lease where it may. Answers who holds it, if not we. Asks nothing while it is held. Errors: `KubeError`. */
  async claim(signal: AbortSignal): Promise<string | undefined> {
    return await this.#inTurn(async () => (this.isHeld() ? undefined : await this.#tried(signal, async () => await this.#claim(signal))))
  }

  /** Renews what was claimed, every 60 s, until `signal` aborts; never rejects. */
  async keep(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    for (;;) {
      const dueMs = this.#own === undefined ? retryEveryMs : Math.max(renewEveryMs - this.#ageMs(), this.#failed ? retryEveryMs : 0)
      await clock.sleep(dueMs, { signal }).catch(() => undefined)
      if (signal.aborted) return
      await this.#inTurn(async () => {
        if (this.#own !== undefined && this.#ageMs() >= renewEveryMs) await this.#renew(this.#own, signal)
      })
    }
  }

  /** Gives it back, so that nobody has to wait, and answers whether it did; one that cannot be given back ends by itself after 3 min. Never rejects. */
  async release(signal: AbortSignal): Promise<boolean> {
    return await this.#inTurn(async () => {
      const own = this.#own
      this.#own = undefined
      if (own === undefined) return false
      const now = microTime(this.#options.clock.now())
      const leaseTransitions = own.spec?.leaseTransitions ?? 0
      try {
        await this.#write(own, { holderIdentity: '', leaseDurationSeconds: 1, acquireTime: now, renewTime: now, leaseTransitions }, signal)
        return true
      } catch (error) {
        this.#options.log.warn({ err: error }, 'lease in the target not released; it ends by itself')
        return false
      }
    })
  }

  /** One call at a time: a pass and the renewal would refuse each other. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work)
    this.#turn = mine.catch(() => undefined)
    return await mine
  }

  /** Keeps in mind since when tries have failed. One that was called off says nothing. */
  async #tried<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    try {
      const answer = await work()
      this.#failsSinceMs = undefined
      return answer
    } catch (error) {
      if (!signal.aborted) this.#failsSinceMs ??= this.#options.clock.monotonicMs()
      throw error
    }
  }

  #ageMs(): number {
    return this.#options.clock.monotonicMs() - this.#sentMs
  }

  get #failed(): boolean {
    return this.#ageMs() >= renewEveryMs
  }

  async #claim(signal: AbortSignal): Promise<string | undefined> {
    for (let left = attempts; ; left -= 1) {
      const lease = await this.#read(signal)
      const inTheWay = lease === undefined ? undefined : this.#inTheWay(lease)
      if (inTheWay !== undefined) {
        this.#own = undefined
        return inTheWay
      }
      try {
        await this.#take(lease, signal)
        return undefined
      } catch (error) {
        if (left <= 1 || !isKubeError(error, 'Conflict', 'AlreadyExists', 'NotFound')) throw error
      }
    }
  }

  async #renew(own: Lease, signal: AbortSignal): Promise<void> {
    const { log } = this.#options
    const wasHeld = this.isHeld()
    try {
      await this.#tried(signal, async () => await this.#take(own, signal))
      if (!wasHeld) this.#tell()
    } catch (error) {
      if (signal.aborted) return
      log[isKubeError(error, 'Conflict', 'NotFound') ? 'info' : 'warn']({ err: error }, 'lease in the target not renewed')
      if (!isKubeError(error, 'Conflict', 'NotFound')) return
      // Somebody changed, took or deleted it, or another cluster answers: the next pass finds out which.
      this.#own = undefined
      this.#tell()
    }
  }

  /** What a listener throws says nothing about the lease. */
  #tell(): void {
    try {
      this.#options.onChange()
    } catch (error) {
      this.#options.log.error({ err: error }, 'listener failed when the lease in a target changed')
    }
  }

  async #take(before: Lease | undefined, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    const sentMs = clock.monotonicMs()
    this.#own = await this.#write(before, this.#nextSpec(before?.spec), signal)
    this.#sentMs = sentMs
    this.#seen = undefined
  }

  async #read(signal: AbortSignal): Promise<Lease | undefined> {
    try {
      return await this.#options.client.get<Lease>(resources.leases, targetLeaseKey, { signal, timeoutMs: callTimeoutMs })
    } catch (error) {
      if (isKubeError(error, 'NotFound')) return undefined
      throw error
    }
  }

  /** The holder that has to be left alone; `undefined` when there is none, or it has not stirred for its whole lease. */
  #inTheWay({ spec = {} }: Lease): string | undefined {
    const { clock, holder } = this.#options
    const { holderIdentity = '', leaseDurationSeconds = durationMs / 1000 } = spec
    if (holderIdentity === '' || holderIdentity === holder) return undefined
    const text = JSON.stringify(spec)
    if (text !== this.#seen?.text) this.#seen = { text, sinceMs: clock.monotonicMs() }
    return clock.monotonicMs() - this.#seen.sinceMs < leaseDurationSeconds * 1000 ? holderIdentity : undefined
  }

  #nextSpec(before: LeaseSpec = {}): LeaseSpec {
    const { clock, holder } = this.#options
    const now = microTime(clock.now())
    const same = before.holderIdentity === holder
    return {
      holderIdentity: holder,
      leaseDurationSeconds: durationMs / 1000,
      acquireTime: same ? (before.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: (before.leaseTransitions ?? 0) + (same || before.holderIdentity === undefined ? 0 : 1),
    }
  }

  /** Create, or PUT with what was read: of two writers one gets a conflict. */
  async #write(before: Lease | undefined, spec: LeaseSpec, signal: AbortSignal): Promise<Lease> {
    const { client } = this.#options
    const body = { apiVersion: apiVersion(resources.leases), kind: resources.leases.kind, spec }
    const options = { signal, timeoutMs: callTimeoutMs, fieldManager }
    const { namespace } = targetLeaseKey
    if (before === undefined) return await client.create<Lease>(resources.leases, { ...body, metadata: targetLeaseKey }, { ...options, namespace })
    const { uid, resourceVersion, labels, annotations } = before.metadata
    const metadata = {
      ...targetLeaseKey,
      uid,
      resourceVersion,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    }
    return await client.replace<Lease>(resources.leases, targetLeaseKey, { ...body, metadata }, options)
  }
}
