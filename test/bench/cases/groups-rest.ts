import { systemClock } from '../../../src/lib/clock.ts'
import { countBy } from '../audit.ts'
import { groupOf } from '../aws-orders.ts'
import type { BenchContext } from '../bench.ts'
import type { GroupFleet } from '../group-fleet.ts'
import type { RunningOperator } from '../operator-world.ts'

/** Lease of the leader and Lease in the target: renewed while nothing happens. */
const heartbeat = /^(update|patch) leases$/

/** What it costs, in writes and calls, that nothing happens. Real time. */
export async function rest(fleet: GroupFleet, operator: RunningOperator, { settings, signal, figure, progress }: BenchContext): Promise<void> {
  const { groups, restSeconds } = settings
  // The target lists the groups of EKS every few minutes; that it has found them all belongs to their creation.
  const listed = `-o=jsonpath={.status.groups[*].object}`
  while ((await fleet.world.kubectl('get', 'targetcluster', 'demo', listed)).trim().split(' ').length < groups) await systemClock.sleep(5_000, { signal })
  await systemClock.sleep(10_000, { signal })
  progress(`${restSeconds} s at rest`)
  await fleet.aws.forgetCalls()
  const [fromMs, before] = [systemClock.now().getTime(), await operator.sample()]
  await systemClock.sleep(restSeconds * 1000, { signal })
  const [calls, writes, after] = [await fleet.aws.calls(), await fleet.writes(fromMs), await operator.sample()]
  const hours = (systemClock.now().getTime() - fromMs) / 3_600_000
  const conditions = { groups, restSeconds, time: 'real' }
  const beats = writes.filter(({ what }) => heartbeat.test(what))
  for (const [object, count] of countBy(beats, (write) => write.object)) {
    figure({ figure: `at rest: seconds between writes of Lease ${object}`, unit: 's', values: [restSeconds / count], conditions })
  }
  const others = writes.filter((write) => !beats.includes(write))
  if (others.length > 0) progress(`writes: ${JSON.stringify(Object.fromEntries(countBy(others, ({ what, object }) => `${what} ${object}`)))}`)
  figure({ figure: 'at rest: other Kubernetes writes', unit: 'count', values: [others.length], target: '= 0', conditions })
  const own = calls.filter((call) => groupOf(call) !== undefined)
  figure({ figure: 'at rest: AWS calls of an object and hour', unit: 'count', values: [own.length / groups / hours], target: '≤ 7', conditions })
  figure({
    figure: 'at rest: shared AWS calls of the target and hour',
    unit: 'count',
    values: [(calls.length - own.length) / hours],
    target: '≤ 130',
    conditions,
  })
  progress(`AWS calls: ${JSON.stringify(Object.fromEntries(countBy(calls, (call) => `${call.action}${groupOf(call) === undefined ? ' shared' : ''}`)))}`)
  figure({ figure: 'at rest: processor time of an hour', unit: 's', values: [(after.cpuSeconds - before.cpuSeconds) / hours], conditions })
  figure({ figure: 'at rest: RSS at the end', unit: 'MiB', values: [after.rssMiB], conditions })
}
