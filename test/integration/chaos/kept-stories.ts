import { expect } from 'vitest'
import { marksOf } from '../../../src/drain/mark.ts'
import type { Node } from '../../../src/kube/objects.ts'
import { subnets } from '../../support/builders.ts'
import { eventually } from '../../support/eventually.ts'
import { instanceOf } from '../../support/order.ts'
import { expectCondition } from '../../support/subject.ts'
import { Workload } from '../../support/workload.ts'
import { deleteInConsole } from './console.ts'
import { expectTheirs } from './others.ts'
import { cordon, expectScene, nodesOf, nodesReady, run, sceneOf, setNumber, setScene } from './scene.ts'
import type { Actor, Story } from './story.ts'

const { signal } = new AbortController()

/** Nothing else on the stage has it: nobody else finds that there is none. */
const instanceType = 'm6i.4xlarge'

/**
 * As much of ours as can stand on a group at once, when two nodes are kept by budgets and a third one has left: marks on nodes, AZRebalance suspended, and
 * the two protected, since AWS wants a third that it cannot give and takes no lower number either. `begin` makes nodes leave.
 */
async function midway(actor: Actor, begin: () => Promise<void>): Promise<void> {
  const { stage, name, group } = actor
  const { cloud } = stage
  const [a, b, victim] = (await nodesReady(actor, 3, { subnetIds: [...subnets], instanceTypes: [instanceType] })) as [Node, Node, Node]
  const team = new Workload(stage.client, 'chaos')
  const quiet = [await run(actor, 'a', a), await run(actor, 'b', a), await run(actor, 'c', b)]
  const moved = [await run(actor, 'd', victim)]
  const lifts: (() => Promise<void>)[] = []
  for (const pod of quiet) lifts.push(await team.guard(pod))
  await cordon(actor, a)
  await begin()
  await eventually(async () => {
    expect(uidsOf(await nodesOf(actor))).toEqual(uidsOf([a, b]))
    expect((await group.read()).status?.removals?.map(({ state }) => state)).not.toContain('Removing')
  }, patient)
  lifts.push(await cloud.fault({ effect: 'NoCapacity', match: { instanceType } }))
  lifts.push(await cloud.fault({ service: 'autoscaling', action: 'SetDesiredCapacity', effect: 'Error', code: 'ScalingActivityInProgress', message: 'busy' }))
  await cloud.happen({ order: 'SetCapacity', cluster: 'demo', nodegroup: name, desiredSize: 3 })
  await eventually(async () => {
    const { status } = await group.read()
    expect(status?.withdrawal?.protected.toSorted()).toEqual([a, b].map(instanceOf).toSorted())
    expect(status?.rebalance).toBeDefined()
    const [now] = await cloud.console.scalingGroups.describe([(await cloud.needGroup(name)).scalingGroup ?? ''], { signal })
    expect(now?.instances.map(({ protectedFromScaleIn }) => protectedFromScaleIn)).toEqual([true, true])
    expect(now?.suspendedProcesses).toEqual(['AZRebalance'])
    expect((await nodesOf(actor)).flatMap(marksOf)).not.toEqual([])
  }, patient)
  const lift = async (): Promise<void> => {
    for (const each of lifts) await each()
  }
  setScene(actor, { staying: [a, b], victims: [victim], quiet, moved, number: 3, lift })
}

const patient = { timeoutMs: 120_000, everyMs: 100 } as const

/** All of ours is off, and only that; the group stays until a person deletes it. */
async function expectKept(actor: Actor): Promise<void> {
  const { nodeGroups } = actor.stage.cloud.console
  // Where the object went while EKS was still at it, EKS ends it.
  await eventually(async () => expect((await nodeGroups.describe('demo', actor.name, { signal }))?.taints).toEqual([]))
  await expectScene(actor)
  const nodes = await nodesOf(actor)
  expectTheirs(nodes)
  const [cordoned] = sceneOf(actor).staying
  expect(uidsOf(nodes.filter(({ spec }) => spec.unschedulable === true))).toEqual([cordoned?.metadata.uid])
  await sceneOf(actor).lift?.()
  await deleteInConsole(actor, patient)
}

function uidsOf(nodes: readonly Node[]): readonly string[] {
  return nodes.map(({ metadata }) => metadata.uid).toSorted()
}

export const retainMidDrain: Story = {
  title: 'the deletion is to retain the group while its nodes drain',
  before: async (actor) => {
    await midway(actor, async () => await actor.group.deleteConfirmed())
    expect((await actor.group.read()).status?.deletion?.taintedAt).toBeDefined()
  },
  act: async ({ group }) => void (await group.patch({ op: 'add', path: '/spec/policy/deletion', value: 'Retain' })),
  ended: async ({ group }) => expect(await group.find()).toBeUndefined(),
  check: expectKept,
}

export const observeMidDrain: Story = {
  title: 'the group is only to be observed while its nodes drain',
  before: async (actor) => await midway(actor, async () => await setNumber(actor, 1)),
  act: async ({ group }) => void (await group.patch({ op: 'replace', path: '/spec/policy/management', value: 'Observe' })),
  ended: async ({ group }) => {
    const object = await group.read()
    expectCondition(object, 'InSync', { status: 'True', reason: 'Observed' })
    expect(object.status?.observedGeneration).toBe(object.metadata.generation)
  },
  check: async (actor) => {
    expect((await actor.group.read()).status?.operation).toBeUndefined()
    await expectKept(actor)
  },
}
