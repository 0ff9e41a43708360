import { TargetConnections } from '../../../src/cmd/target-connections.ts'
import type { DrainState, NodeRef } from '../../../src/drain/request.ts'
import { loadKubeConfig } from '../../../src/kube/cluster-access.ts'
import { connect } from '../../../src/kube/connection.ts'
import { RestClient } from '../../../src/kube/rest.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import type { AfterWrite, BeforeWrite } from '../../../src/lib/outside-write.ts'
import { systemRandom } from '../../../src/lib/random.ts'
import { createLogger } from '../../../src/observability/logger.ts'
import { createMetrics } from '../../../src/observability/metrics.ts'
import { defaultDrainRules } from '../../../src/scaling/drain/rules.ts'
import { print } from './watched-cluster.ts'

/**
 * `drain KUBECONFIG GROUP EVICTIONS_PER_SECOND`: the connection to a target as the operator has it, and what a pass of a node group does with it:
 * all nodes of the group in one pass, the next pass when the connection wakes it or when a drain wants one. Says `SYNCED nodes=<n>`; begins at SIGUSR2;
 * says `DRAINED {…}`: how long it took in all, for each node until its isolation was answered, and when each eviction was sent.
 */
const [kubeconfig = '', group = '', perSecond = '1000'] = process.argv.slice(2)
/** As in `cmd/wire.ts`. */
const wakeDelayMs = 75
const mark = { kind: 'leaving', uid: 'bench' } as const
const stop = new AbortController()
const { signal } = stop
const clock = systemClock

const isolatedAt: number[] = []
const evictedAt: number[] = []
let startedAt = 0
const since = (): number => clock.monotonicMs() - startedAt
const beforeWrite: BeforeWrite = async ({ action }) => {
  if (action === 'evict') evictedAt.push(since())
  const after: AfterWrite = async () => void isolatedAt.push(since())
  return action === 'patch' ? after : undefined
}

let wake: () => void = () => undefined
const parts = { clock, random: systemRandom, log: createLogger({ level: 'warn' }), metrics: createMetrics() }
const connection = connect(await loadKubeConfig({ path: kubeconfig }))
const kubeRate = { qps: 1000, burst: 2000 }
const connections = new TargetConnections({
  management: new RestClient({ connection, rateLimit: kubeRate, beforeWrite, userAgent: 'tidegate-bench', ...parts }),
  beforeWrite,
  kubeRate,
  ownNamespace: () => undefined,
  updating: () => new Map(),
  begunDrains: () => new Set(),
  ownerOf: () => undefined,
  onNode: () => undefined,
  onDrain: () => wake(),
  onSynced: () => undefined,
  leaseHolder: () => 'bench',
  onLease: () => undefined,
  ...parts,
})
const { nodes, drain } = await connections.open('bench', undefined)
drain.setBudget({ maxConcurrentDrains: 50, evictionsPerSecond: Number(perSecond) })
while (!nodes.hasSynced) await clock.sleep(20)
const refs: readonly NodeRef[] = nodes.inGroup(group).map(({ metadata: { name, uid }, spec: { providerID } }) => ({ name, uid, providerID }))
const { promise: told, resolve: begin } = Promise.withResolvers<void>()
process.once('SIGUSR2', begin)
print(`SYNCED nodes=${refs.length} pods=${refs.reduce((sum, { name }) => sum + nodes.podsOn(name), 0)}`)
await told

/** Until a drain wants the next pass, or somebody wakes it; then a little longer, as the work queue does. */
async function rest(ms: number): Promise<void> {
  const over = new AbortController()
  const { promise: woken, resolve } = Promise.withResolvers<void>()
  wake = resolve
  await Promise.race([clock.sleep(ms, { signal: over.signal }).catch(() => undefined), woken.then(async () => await clock.sleep(Math.min(ms, wakeDelayMs)))])
  over.abort()
}

startedAt = clock.monotonicMs()
const cpu = process.cpuUsage()
const states = new Map<NodeRef, DrainState | undefined>(refs.map((node) => [node, undefined]))
let passes = 0
while (states.size > 0) {
  passes += 1
  const results = await Promise.all(
    [...states].map(async ([node, state]) => {
      const { state: after, next } = await drain.drainNode({ node, mark, rules: defaultDrainRules, deadline: undefined, state }, { signal })
      if (next.kind === 'empty') states.delete(node)
      else states.set(node, after)
      return next
    }),
  )
  const waits = results.flatMap((next) => (next.kind === 'wait' ? [next.ms] : next.kind === 'again' ? [0] : []))
  if (states.size > 0 && !waits.includes(0)) await rest(Math.min(...waits))
}
const seconds = since() / 1000
const { user, system } = process.cpuUsage(cpu)
print(`DRAINED ${JSON.stringify({ seconds, passes, cpuSeconds: (user + system) / 1e6, isolatedAt, evictedAt })}`)
await connections.closeAll()
await connection.close()
process.exit(0)
