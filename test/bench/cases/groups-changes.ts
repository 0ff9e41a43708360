import type { EksNodeGroup } from '../../../src/crds/eks-node-group.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import type { BenchContext } from '../bench.ts'
import { type GroupFleet, isReady, nameIn, nameOf } from '../group-fleet.ts'

/** Something that somebody else does in AWS, and how the status shows it. */
interface Change {
  readonly name: string
  readonly happen: (fleet: GroupFleet) => Promise<void>
  readonly shows: (group: EksNodeGroup) => boolean
}

/** No Node tells of it: only a read of AWS can. */
function bound(name: string): Change {
  return {
    name,
    happen: async (fleet) => await fleet.aws.order({ order: 'SetCapacity', cluster: 'demo', nodegroup: name, maxSize: 6 }),
    shows: ({ status }) => status?.scaling?.maxSize === 6,
  }
}

function number(name: string): Change {
  return {
    name,
    happen: async (fleet) => await fleet.aws.order({ order: 'SetCapacity', cluster: 'demo', nodegroup: name, desiredSize: 2 }),
    shows: ({ status }) => status?.scaling?.desiredSize === 2,
  }
}

function loss(name: string): Change {
  return {
    name,
    happen: async (fleet) => {
      const instance = (await fleet.aws.instances()).find(({ scalingGroup }) => nameIn(scalingGroup) === name)
      await fleet.aws.order({ order: 'TerminateInstance', instanceId: instance?.id })
    },
    shows: ({ status }) => status?.nodes?.ready === 0,
  }
}

const every = 20
/** Two paces of the shared read go by while they happen. */
const apartMs = 3_500

/** Twenty changes, spread over the sweep's pace: ten of a bound, five of a number, five lost instances. */
export async function changesAtRest(fleet: GroupFleet, first: number, { figure, progress, signal }: BenchContext): Promise<void> {
  const kinds = { bound: [] as number[], number: [] as number[], instance: [] as number[] }
  await Promise.all(
    Array.from({ length: every }, async (_, n) => {
      // the groups whose number nobody but AWS has
      const name = nameOf(first + n)
      const kind = n % 2 === 0 ? 'bound' : n % 4 === 1 ? 'number' : 'instance'
      await systemClock.sleep(n * apartMs, { signal })
      kinds[kind].push(await show(fleet, { bound, number, instance: loss }[kind](name)))
    }),
  )
  progress(`at rest: ${JSON.stringify(kinds)}`)
  for (const [kind, values] of Object.entries(kinds))
    figure({ figure: `changed in AWS, seen in status, at rest: ${kind}`, unit: 's', values, target: '< 40', conditions: { groups: fleet.groups.length } })
  await fleet.until('all Ready again', () => fleet.groups.every(isReady), 300_000)
}

/** The same while the group is busy: EKS is made to stand still in the middle of an update. */
export async function changesWhileMoving(fleet: GroupFleet, first: number, { figure, signal }: BenchContext): Promise<void> {
  const names = Array.from({ length: every }, (_, n) => nameOf(first + every + n))
  await fleet.aws.clock({ pause: true })
  await Promise.all(names.map(async (name) => await fleet.apply(name, { sizeOwner: 'Spec', desiredSize: 2 })))
  // long enough for the slowest pace of what moves
  await systemClock.sleep(30_000, { signal })
  const values = await Promise.all(
    names.map(async (name, n) => {
      await systemClock.sleep(n * (apartMs / 5), { signal })
      return await show(fleet, bound(name))
    }),
  )
  figure({ figure: 'changed in AWS, seen in status, while moving', unit: 's', values, target: '< 10', conditions: { groups: fleet.groups.length } })
  await fleet.aws.clock({ resume: true })
  await fleet.until('all Ready again', () => fleet.groups.every(isReady), 300_000)
}

async function show(fleet: GroupFleet, change: Change): Promise<number> {
  const began = systemClock.monotonicMs()
  await change.happen(fleet)
  await fleet.until(
    `change of ${change.name}`,
    () => {
      const group = fleet.group(change.name)
      return group !== undefined && change.shows(group)
    },
    120_000,
  )
  return (systemClock.monotonicMs() - began) / 1000
}
