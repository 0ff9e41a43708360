import type { EksNodeGroup } from '../../../src/crds/eks-node-group.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import type { BenchContext } from '../bench.ts'
import { type GroupFleet, instanceType, isReady, nameIn, nameOf } from '../group-fleet.ts'

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

/** To a number that no moving group has before, and of which no Node tells while it moves. */
function higherNumber(name: string): Change {
  return {
    name,
    happen: async (fleet) => await fleet.aws.order({ order: 'SetCapacity', cluster: 'demo', nodegroup: name, desiredSize: 3 }),
    shows: ({ status }) => status?.scaling?.desiredSize === 3,
  }
}

/** No Node tells of this one either: it has none. */
function lossUnjoined(name: string): Change {
  let lost: string | undefined
  return {
    name,
    happen: async (fleet) => {
      lost = fleet.group(name)?.status?.nodes?.missing?.[0]?.instanceId
      await fleet.aws.order({ order: 'TerminateInstance', instanceId: lost })
    },
    shows: ({ status }) => status?.nodes?.missing?.some(({ instanceId }) => instanceId === lost) !== true,
  }
}

type Kind = 'bound' | 'number' | 'instance'
type Changes = readonly (readonly [Kind, (name: string) => Change])[]

interface Round {
  /** As the figures name it. */
  readonly when: string
  readonly target: string
  readonly apartMs: number
  /** In turns, one for each group. */
  readonly changes: Changes
}

const every = 20
/** Nearly two of the slowest pace of what moves go by while they happen. */
const moving = { target: '< 10', apartMs: 700 } as const

function namesFrom(first: number): readonly string[] {
  return Array.from({ length: every }, (_, n) => nameOf(first + n))
}

/** One change in each of these groups. */
async function changeEach(fleet: GroupFleet, names: readonly string[], { when, target, apartMs, changes }: Round, context: BenchContext): Promise<void> {
  const { figure, progress, signal } = context
  const values = new Map<Kind, number[]>(changes.map(([kind]) => [kind, []]))
  await Promise.all(
    names.map(async (name, n) => {
      const [kind, change] = changes[n % changes.length] as Changes[number]
      await systemClock.sleep(n * apartMs, { signal })
      values.get(kind)?.push(await show(fleet, change(name)))
    }),
  )
  progress(`${when}: ${JSON.stringify([...values])}`)
  for (const [kind, seconds] of values)
    figure({ figure: `changed in AWS, seen in status, ${when}: ${kind}`, unit: 's', values: seconds, target, conditions: { groups: fleet.groups.length } })
}

async function readyAgain(fleet: GroupFleet): Promise<void> {
  await fleet.until('all Ready again', () => fleet.groups.every(isReady), 300_000)
}

/** Ten changes of a bound, five of a number, five lost instances, spread over two paces of the sweep. `first`: from there on the number is AWS' alone. */
export async function changesAtRest(fleet: GroupFleet, first: number, context: BenchContext): Promise<void> {
  const changes: Changes = [
    ['bound', bound],
    ['number', number],
    ['bound', bound],
    ['instance', loss],
  ]
  await changeEach(fleet, namesFrom(first), { when: 'at rest', target: '< 40', apartMs: 3_500, changes }, context)
  await readyAgain(fleet)
}

/** Ten of a bound and ten of a number while EKS is made to stand still in the middle of an update; nothing is lost where the cloud's time stands still. */
export async function changesWhileUpdating(fleet: GroupFleet, first: number, context: BenchContext): Promise<void> {
  const names = namesFrom(first)
  await fleet.aws.clock({ pause: true })
  await Promise.all(names.map(async (name) => await fleet.apply(name, { sizeOwner: 'Spec', desiredSize: 2 })))
  await slowest(context)
  const changes: Changes = [
    ['bound', bound],
    ['number', higherNumber],
  ]
  await changeEach(fleet, names, { when: 'while EKS updates', ...moving, changes }, context)
  await fleet.aws.clock({ resume: true })
  await readyAgain(fleet)
}

/** All three while each group waits for a second instance, which boots and does not join: ten of a bound, five of a number, five lost instances. */
export async function changesWhileBooting(fleet: GroupFleet, first: number, context: BenchContext): Promise<void> {
  const names = namesFrom(first)
  await Promise.all(names.map(async (name) => await fleet.apply(name, { sizeOwner: 'External' })))
  await readyAgain(fleet)
  const joinAgain = await fleet.aws.fault({ effect: 'NoJoin', match: { instanceType } })
  for (const name of names) await fleet.aws.order({ order: 'SetCapacity', cluster: 'demo', nodegroup: name, desiredSize: 2 })
  await fleet.until('a second instance of each', () => names.every((name) => fleet.group(name)?.status?.nodes?.missing?.length === 1), 120_000)
  await slowest(context)
  const changes: Changes = [
    ['bound', bound],
    ['number', higherNumber],
    ['bound', bound],
    ['instance', lossUnjoined],
  ]
  await changeEach(fleet, names, { when: 'while instances boot', ...moving, changes }, context)
  await joinAgain()
  for (const { id, state, joined, scalingGroup } of await fleet.aws.instances())
    if (state === 'running' && !joined && names.includes(nameIn(scalingGroup))) await fleet.aws.order({ order: 'TerminateInstance', instanceId: id })
  await readyAgain(fleet)
}

/** Until what moves is looked at seldomest. */
async function slowest({ signal }: BenchContext): Promise<void> {
  await systemClock.sleep(30_000, { signal })
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
