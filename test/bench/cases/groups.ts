import { systemClock } from '../../../src/lib/clock.ts'
import { countBy } from '../audit.ts'
import { type AwsCallRecord, groupOf } from '../aws-orders.ts'
import type { BenchCase, BenchContext } from '../bench.ts'
import { GroupFleet, isReady, nameIn, nameOf } from '../group-fleet.ts'
import type { RunningOperator } from '../operator-world.ts'
import { type Programs, bundlePrograms } from '../programs.ts'
import { changesAtRest, changesWhileBooting, changesWhileUpdating } from './groups-changes.ts'
import { removals } from './groups-removals.ts'
import { rest } from './groups-rest.ts'

/** The first groups have a second node, which the last part takes away. */
const withTwo = 20
/** The next ones leave their number to others. */
const external = 20

export const groupsCase: BenchCase = {
  name: 'groups',
  description: '200 node groups at once, at rest, changed by others, and scaled down by name; AWS and cluster on the same machine',
  run: async (context) => {
    const programs = await bundlePrograms(context)
    const wants = (part: string): boolean => context.settings.parts?.includes(part) ?? true
    if (['create', 'rest', 'changes', 'removals'].some(wants)) {
      const fleet = await GroupFleet.start(programs, context)
      const operator = await create(fleet, { flags: ['--aws-rate', 'eks=50'], reported: false }, context)
      if (wants('rest')) await rest(fleet, operator, context)
      if (wants('changes')) {
        await changesAtRest(fleet, withTwo, context)
        await changesWhileUpdating(fleet, withTwo + external, context)
        await changesWhileBooting(fleet, withTwo + 2 * external, context)
      }
      if (wants('removals')) await removals(fleet, withTwo, context)
      await operator.end()
    }
    if (wants('default-rate')) await defaultRate(programs, context)
  },
}

async function defaultRate(programs: Programs, context: BenchContext): Promise<void> {
  const fleet = await GroupFleet.start(programs, context)
  const operator = await create(fleet, { flags: [], reported: true }, context)
  await operator.end()
}

/** All groups at once, from the first request until the last is Ready. The operator leads and is at rest before. */
async function create(
  fleet: GroupFleet,
  { flags, reported }: { readonly flags: readonly string[]; readonly reported: boolean },
  context: BenchContext,
): Promise<RunningOperator> {
  const { settings, signal, progress, figure } = context
  const { groups, settleSeconds } = settings
  const operator = await fleet.world.startOperator({ flags })
  await operator.line(/"msg":"leading"/)
  await systemClock.sleep(settleSeconds * 1000, { signal })
  const idle = await operator.sample()
  await fleet.world.applyObjects({ groups: false })
  await fleet.world.kubectl('wait', '--for=condition=Ready', 'targetcluster/demo', '--timeout=60s')
  await fleet.aws.forgetCalls()
  const [fromMs, before] = [systemClock.now().getTime(), await operator.sample()]
  const wishes = Array.from({ length: groups }, (_, n) =>
    n >= withTwo && n < withTwo + external ? ({ sizeOwner: 'External' } as const) : ({ sizeOwner: 'Spec', desiredSize: n < withTwo ? 2 : 1 } as const),
  )
  const applied = Promise.all(wishes.map(async (wish, n) => await fleet.apply(nameOf(n), wish)))
  const readyAt = new Map<string, number>()
  const seconds = await fleet.until(
    `all ${groups} groups Ready`,
    () => {
      const now = (systemClock.now().getTime() - fromMs) / 1000
      for (const group of fleet.groups) if (!readyAt.has(group.metadata.name) && isReady(group)) readyAt.set(group.metadata.name, now)
      return readyAt.size === groups
    },
    600_000,
  )
  await applied
  const [after, calls, writes] = [await operator.sample(), await fleet.aws.calls(), await fleet.writes(fromMs)]
  const conditions = { groups, flags: flags.join(' '), cloudDelays: '1 s' }
  const target = (text: string): { readonly target?: string } => (reported ? {} : { target: text })
  const what = reported ? ', default rate' : ''
  figure({ figure: `${groups} groups at once until the last is Ready${what}`, unit: 's', values: [seconds], ...target('< 60'), conditions })
  figure({ figure: `the same, each group${what}`, unit: 's', values: [...readyAt.values()], conditions })
  reportCalls(calls, what, conditions, context)
  const statuses = writes.filter((write) => write.what === 'patch eksnodegroups/status')
  figure({ figure: `status writes of a group until Ready${what}`, unit: 'count', values: [...countBy(statuses, ({ object }) => object).values()], conditions })
  figure({ figure: `processor time until all are Ready${what}`, unit: 's', values: [after.cpuSeconds - before.cpuSeconds], conditions })
  progress(`writes: ${JSON.stringify(Object.fromEntries(countBy(writes, (write) => write.what)))}`)
  await systemClock.sleep(settleSeconds * 1000, { signal })
  const settled = await operator.sample()
  const memory = async (name: string): Promise<string> => ((await operator.metric(new RegExp(`^${name} (\\S+)$`, 'm'))) / 2 ** 20).toFixed(1)
  progress(
    `heap used ${await memory('nodejs_heap_size_used_bytes')} of ${await memory('nodejs_heap_size_total_bytes')}, external ${await memory('nodejs_external_memory_bytes')} MiB`,
  )
  progress(
    `RSS idle ${idle.rssMiB.toFixed(1)}, target connected ${before.rssMiB.toFixed(1)}, settled ${settled.rssMiB.toFixed(1)}, peak ${settled.peakMiB.toFixed(1)}`,
  )
  figure({ figure: `RSS above the idle bundle without objects${what}`, unit: 'MiB', values: [settled.rssMiB - idle.rssMiB], ...target('< 40'), conditions })
  figure({ figure: `RSS above the idle bundle with a target${what}`, unit: 'MiB', values: [settled.rssMiB - before.rssMiB], conditions })
  figure({ figure: `peak RSS${what}`, unit: 'MiB', values: [settled.peakMiB], conditions })
  return operator
}

function reportCalls(calls: readonly AwsCallRecord[], what: string, conditions: Readonly<Record<string, string | number>>, context: BenchContext): void {
  const { figure, progress, settings } = context
  const own = calls.filter((call) => groupOf(call) !== undefined)
  const perGroup = countBy(own, (call) => nameIn(groupOf(call)))
  const target = what === '' ? { target: '≤ 10' } : {}
  figure({ figure: `AWS calls of a group until Ready${what}`, unit: 'count', values: [...perGroup.values()].slice(0, settings.groups), ...target, conditions })
  figure({ figure: `AWS calls shared by the groups${what}`, unit: 'count', values: [calls.length - own.length], conditions })
  progress(
    `AWS calls: ${JSON.stringify(Object.fromEntries(countBy(calls, (call) => `${call.action}${groupOf(call) === undefined ? ' shared' : ''}${call.error === undefined ? '' : ` ${call.error}`}`)))}`,
  )
}
