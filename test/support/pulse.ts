import type { KubeClient } from '../../src/kube/client.ts'
import { resources } from '../../src/kube/resource.ts'
import { systemClock } from '../../src/lib/clock.ts'

const everyMs = 100
const key = { namespace: 'default', name: 'pulse' }
const { signal } = new AbortController()

/** Something that is measured while the machine is slow or not. */
interface Measurement<T> {
  /** A write of a Lease takes no longer than this, until a watch may show it, where the machine can tell. */
  readonly calmMs: number
  /** Lets what was done before come to rest. */
  readonly rest: (attempt: number) => Promise<void>
  /** What comes back reads what happened meanwhile: that may take its time. */
  readonly measure: () => Promise<(slowest: Sample) => Promise<T>>
  readonly isGood: (found: T) => boolean
}

const attempts = 4

/** What was measured. Where it is not good, and the machine was too slow to tell, it is measured once more: four times in all. */
export async function measured<T>(client: KubeClient, { calmMs, rest, measure, isGood }: Measurement<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    await rest(attempt)
    const { result: read, slowest } = await besidePulse(client, measure)
    const found = await read(slowest)
    if (slowest.tookMs < calmMs || attempt === attempts || isGood(found)) return found
  }
}

/** What `timed` may do once more. */
export interface Again {
  /** What `work` must take less than, in milliseconds. */
  readonly promisedMs: number
  /** Brings things back to where they were before `work`. */
  readonly restore: () => Promise<void>
}

const once: Again = { promisedMs: Number.POSITIVE_INFINITY, restore: async () => {} }

/**
 * How long `work` took in milliseconds, less what the slowest write of a Lease waited meanwhile: what is promised to people is promised where the API server
 * answers. What this process computes is no excuse: an operator that keeps itself busy is measured. What took longer than promised all the
 * same is timed `again` where a write was slow, as in `measured`: several may have been.
 */
export async function timed(client: KubeClient, work: () => Promise<unknown>, { promisedMs, restore }: Again = once): Promise<number> {
  return await measured(client, {
    calmMs: 200,
    rest: async (attempt) => {
      if (attempt > 1) await restore()
    },
    measure: async () => {
      const since = systemClock.monotonicMs()
      await work()
      const tookMs = systemClock.monotonicMs() - since
      return async ({ waitedMs }) => await Promise.resolve(Number.isFinite(waitedMs) ? tookMs - waitedMs : tookMs)
    },
    isGood: (tookMs) => tookMs < promisedMs,
  })
}

/** A write of a Lease: how long it took in milliseconds until a watch may show it, and how much of that this process did not compute itself. */
interface Sample {
  readonly tookMs: number
  readonly waitedMs: number
}

const refused: Sample = { tookMs: Number.POSITIVE_INFINITY, waitedMs: Number.POSITIVE_INFINITY }

/**
 * Does `work`, and writes a Lease meanwhile each tenth of a second: as long takes the API server, or this process, with all that a test runs in it.
 * `slowest`: of each the most; infinite where the API server refused one. Rejects when it refuses the first, before the work: who is always refused
 * measures nothing.
 */
async function besidePulse<T>(client: KubeClient, work: () => Promise<T>): Promise<{ readonly result: T; readonly slowest: Sample }> {
  await sample(client, 0)
  const ending = new AbortController()
  let slowest: Sample = { tookMs: 0, waitedMs: 0 }
  const sampling = (async () => {
    for (let sequence = 1; !ending.signal.aborted; sequence += 1) {
      const { tookMs, waitedMs } = await sample(client, sequence).catch(() => refused)
      slowest = { tookMs: Math.max(slowest.tookMs, tookMs), waitedMs: Math.max(slowest.waitedMs, waitedMs) }
    }
  })()
  try {
    const result = await work()
    ending.abort()
    await sampling // the one under way may be the slowest
    return { result, slowest }
  } finally {
    ending.abort()
  }
}

async function sample(client: KubeClient, sequence: number): Promise<Sample> {
  const since = systemClock.monotonicMs()
  const before = process.cpuUsage()
  await systemClock.sleep(everyMs)
  const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: key, spec: { holderIdentity: String(sequence) } }
  const { metadata } = await client.apply(resources.leases, key, body, { fieldManager: 'pulse', signal })
  // Answered once the watch cache has it: what a busy API server writes at once it may show late.
  const { namespace, name } = key
  const { resourceVersion } = metadata
  await client.list(resources.leases, { namespace, fieldSelector: `metadata.name=${name}`, resourceVersion, signal })
  const tookMs = systemClock.monotonicMs() - since - everyMs
  const { user, system } = process.cpuUsage(before)
  return { tookMs, waitedMs: Math.max(0, tookMs - (user + system) / 1000) }
}
