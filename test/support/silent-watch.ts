import { expect } from 'vitest'
import { eventually } from './eventually.ts'
import { type FaultProxy, isWatch } from './fault-proxy.ts'

/**
 * Breaks every connection, and from then on watches of the resource `plural` are accepted and carry nothing. Comes back once it is watched anew, and
 * `others` too, which are as they were; what comes back heals it.
 */
export async function silenceWatches(proxy: FaultProxy, plural: string, others: readonly string[] = []): Promise<() => void> {
  const count = (of: string): number => proxy.requests.filter((request) => isWatch(request) && request.path.endsWith(`/${of}`)).length
  const before = new Map([plural, ...others].map((of) => [of, count(of)]))
  const lift = proxy.rule({ match: (request) => isWatch(request) && request.path.endsWith(`/${plural}`), fault: { silence: true } })
  proxy.cut()
  await eventually(
    () => {
      for (const [of, watches] of before) expect(count(of)).toBeGreaterThan(watches)
    },
    { timeoutMs: 90_000 },
  )
  return () => {
    lift()
    proxy.cut()
  }
}
