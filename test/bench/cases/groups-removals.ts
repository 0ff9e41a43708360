import { systemClock } from '../../../src/lib/clock.ts'
import { countBy } from '../audit.ts'
import { groupOf } from '../aws-orders.ts'
import type { BenchContext } from '../bench.ts'
import { type GroupFleet, isReady, nameIn, nameOf } from '../group-fleet.ts'

/** One empty node of each of the first groups leaves, while the others rest. */
export async function removals(fleet: GroupFleet, count: number, { figure, progress }: BenchContext): Promise<void> {
  const names = Array.from({ length: count }, (_, n) => nameOf(n))
  await fleet.aws.forgetCalls()
  const fromMs = systemClock.now().getTime()
  await Promise.all(names.map(async (name) => await fleet.apply(name, { sizeOwner: 'Spec', desiredSize: 1 })))
  const seconds = await fleet.until('all Ready again', () => names.every((name) => isThere(fleet, name)), 600_000)
  const [calls, writes] = [await fleet.aws.calls(), await fleet.writes(fromMs)]
  const conditions = { groups: fleet.groups.length, removals: count }
  figure({ figure: `${count} groups lose a node each: until all are Ready`, unit: 's', values: [seconds], conditions })
  const instances = new Map(calls.flatMap(({ action, input }) => (action.startsWith('Terminate') ? [[String(input['InstanceId']), input] as const] : [])))
  const own = calls.filter((call) => names.includes(nameIn(groupOf(call))) || instances.has(groupOf(call) ?? ''))
  figure({ figure: 'AWS calls of a removal, mean', unit: 'count', values: [own.length / count], conditions })
  figure({ figure: 'AWS calls that are shared', unit: 'count', values: [calls.filter((call) => groupOf(call) === undefined).length], conditions })
  progress(`AWS calls: ${JSON.stringify(Object.fromEntries(countBy(calls, (call) => `${call.action}${groupOf(call) === undefined ? ' shared' : ''}`)))}`)
  progress(`writes: ${JSON.stringify(Object.fromEntries(countBy(writes, ({ what }) => what)))}`)
  const statuses = writes.filter(({ what, object }) => what === 'patch eksnodegroups/status' && names.includes(nameIn(object)))
  figure({ figure: 'status writes of a removal', unit: 'count', values: [...countBy(statuses, ({ object }) => object).values()], conditions })
}

function isThere(fleet: GroupFleet, name: string): boolean {
  const group = fleet.group(name)
  return group !== undefined && group.spec.scaling?.desiredSize === 1 && isReady(group)
}
