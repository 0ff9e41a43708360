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

/** Twenty changes, spread over the sweep's pace: ten of a bound, five of a number, five lost instances. */
export async function changesAtRest(fleet: GroupFleet, first: number, { figure, progress }: BenchContext): Promise<void> {
  const kinds = { bound: [] as number[], number: [] as number[], instance: [] as number[] }
  for (let n = 0; n < every; n += 1) {
    // the groups whose number nobody but AWS has
    const name = nameOf(first + n)
    const kind = n % 2 === 0 ? 'bound' : n % 4 === 1 ? 'number' : 'instance'
    kinds[kind].push(await show(fleet, { bound, number, instance: loss }[kind](name)))
    await systemClock.sleep((n * 7919) % 9_000)
  }
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
  const values: number[] = []
  for (const [n, name] of names.entries()) {
    values.push(await show(fleet, bound(name)))
    await systemClock.sleep((n * 7919) % 3_000, { signal })
  }
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
