import { expect } from 'vitest'
import { expectCondition } from '../../support/subject.ts'
import { makeInConsole } from './console.ts'
import type { Actor, Story } from './story.ts'
import { tokensOf } from './theatre.ts'

async function expectSize({ group }: Actor, nodes: number): Promise<void> {
  const object = await group.read()
  expectCondition(object, 'Ready', { status: 'True' })
  expect(object.status).toMatchObject({ observedGeneration: object.metadata.generation, nodes: { summary: `${nodes}/${nodes}` } })
  expect(object.status?.operation).toBeUndefined()
}

async function historyOf({ group }: Actor): Promise<readonly string[]> {
  return ((await group.read()).status?.history ?? []).map(({ operation, outcome }) => `${operation} ${outcome}`)
}

/** Exactly the numbers, and exactly so many Nodes. */
async function expectNumbers(
  { stage, name }: Actor,
  numbers: { readonly minSize: number; readonly desiredSize: number; readonly maxSize: number },
): Promise<void> {
  const named = (await stage.cloud.groups()).filter((group) => group.name === name)
  expect(named).toHaveLength(1)
  const { scaling, status } = await stage.cloud.needGroup(name)
  expect(status).toBe('ACTIVE')
  expect(scaling).toMatchObject(numbers)
  expect(scaling?.instanceIds).toHaveLength(numbers.desiredSize)
  expect(await stage.nodesOf(name)).toHaveLength(numbers.desiredSize)
}

export const create: Story = {
  title: 'create',
  act: async (actor) => await actor.apply({ scaling: { minSize: 1, maxSize: 4, desiredSize: 2 } }),
  ended: async (actor) => await expectSize(actor, 2),
  check: async (actor) => {
    await expectNumbers(actor, { minSize: 1, desiredSize: 2, maxSize: 4 })
    expect(await tokensOf(actor, 'CreateNodegroup')).toHaveLength(1)
    expect(await tokensOf(actor, 'UpdateNodegroupConfig')).toHaveLength(1)
    expect(await historyOf(actor)).toEqual(['Create Succeeded', 'UpdateScaling Succeeded'])
    expect((await actor.group.read()).status?.ownership?.origin).toBe('Created')
  },
}

/** Orders own the number and nobody has said one: the operator writes it into the spec, which is a write of its own. */
export const createAndFill: Story = {
  title: 'create, with the number filled in',
  act: async (actor) => await actor.apply({ scaling: { minSize: 1, maxSize: 4 } }),
  ended: async (actor) => await expectSize(actor, 1),
  check: async (actor) => {
    await expectNumbers(actor, { minSize: 1, desiredSize: 1, maxSize: 4 })
    expect((await actor.group.read()).spec.scaling?.desiredSize).toBe(1)
    expect(await tokensOf(actor, 'CreateNodegroup')).toHaveLength(1)
    expect(await historyOf(actor)).toEqual(['Create Succeeded', 'UpdateScaling Succeeded'])
  },
}

/** EKS gives up on the first group, which nothing of ever joined. */
export const recreate: Story = {
  title: 'create, again after EKS failed to',
  before: async ({ stage, name }) => {
    const failure = { action: 'CreateNodegroup', effect: 'FailLater', code: 'InternalFailure', message: 'an error of EKS', times: 1 }
    await stage.cloud.groupFault(name, failure)
  },
  act: async (actor) => await actor.apply({ scaling: { minSize: 1, maxSize: 4, desiredSize: 2 } }),
  ended: async (actor) => await expectSize(actor, 2),
  check: async (actor) => {
    await expectNumbers(actor, { minSize: 1, desiredSize: 2, maxSize: 4 })
    expect(await tokensOf(actor, 'CreateNodegroup')).toHaveLength(2)
    expect(await tokensOf(actor, 'UpdateNodegroupConfig')).toHaveLength(1)
    const made = await actor.stage.cloud.calls(actor.name, { access: 'write' })
    const taken = made.filter(({ status }) => status === 200).map(({ action }) => action)
    // None that could be about the group that came up.
    expect(taken.lastIndexOf('DeleteNodegroup')).toBeLessThan(taken.lastIndexOf('CreateNodegroup'))
    expect(taken).toContain('DeleteNodegroup')
    expect(await historyOf(actor)).toEqual(['Create Failed', 'Delete Succeeded', 'Create Succeeded', 'UpdateScaling Succeeded'])
  },
}

export const scaleUp: Story = {
  title: 'scale up',
  before: async (actor) => {
    await actor.apply({ scaling: { minSize: 1, maxSize: 4, desiredSize: 1 } })
    await actor.group.ready()
  },
  act: async ({ stage, name }) => void (await stage.kubectl('scale', 'eksnodegroup', name, '-n', 'chaos', '--replicas=3')),
  ended: async (actor) => await expectSize(actor, 3),
  check: async (actor) => {
    await expectNumbers(actor, { minSize: 1, desiredSize: 3, maxSize: 4 })
    expect(await tokensOf(actor, 'UpdateNodegroupConfig')).toHaveLength(2)
    expect(await historyOf(actor)).toEqual(['Create Succeeded', 'UpdateScaling Succeeded', 'UpdateScaling Succeeded'])
  },
}

export const remove: Story = {
  title: 'delete, with nodes, confirmed',
  before: async (actor) => {
    await actor.apply({ scaling: { minSize: 1, maxSize: 4, desiredSize: 1 } })
    const { metadata } = await actor.group.ready()
    await actor.group.annotate({ 'confirm-deletion': metadata.uid })
  },
  act: async ({ group }) => await group.delete(),
  ended: async ({ group }) => expect(await group.find()).toBeUndefined(),
  check: async ({ stage, name }) => {
    expect(await stage.cloud.group(name)).toBeUndefined()
    expect(await stage.nodesOf(name)).toEqual([])
    expect((await stage.cloud.calls(name, { action: 'CreateNodegroup' })).length).toBe(1)
  },
}

export const adopt: Story = {
  title: 'adopt',
  before: async (actor) => await makeInConsole(actor, 2, { team: 'training' }),
  act: async (actor) => await actor.apply({ policy: { adoption: 'AdoptOrCreate', deletion: 'Delete' }, scaling: { minSize: 0, maxSize: 4 } }),
  ended: async (actor) => {
    await expectSize(actor, 2)
    expect((await actor.group.read()).spec.scaling?.desiredSize).toBe(2)
  },
  check: async (actor) => {
    await expectNumbers(actor, { minSize: 0, desiredSize: 2, maxSize: 4 })
    const { status, metadata } = await actor.group.read()
    expect(status?.ownership?.origin).toBe('Adopted')
    expect((await actor.stage.cloud.needGroup(actor.name)).tags).toMatchObject({ team: 'training', 'tidegate.io/owner': metadata.uid })
    expect(await tokensOf(actor, 'UpdateNodegroupConfig')).toEqual([])
    expect(await historyOf(actor)).toEqual(['Tag Succeeded'])
  },
}
