import { expect } from 'vitest'
import { deleteInConsole, makeInConsole } from './console.ts'
import { expectAtRest, nodesOf, nodesReady } from './scene.ts'
import type { Actor, Story } from './story.ts'
import { tokensOf } from './theatre.ts'

const uidOfOld = '8b6c1f0e-0000-4000-8000-000000000000'

/** A group that bears the mark of an object which is gone, and that a person gives to this one. */
export const takenOver: Story = {
  title: 'a group of another object is taken over',
  before: async (actor) => {
    const mark = { 'tidegate.io/owner': uidOfOld, 'tidegate.io/object': 'other/workers', 'tidegate.io/cluster': 'elsewhere' }
    await makeInConsole(actor, 1, { team: 'training', ...mark })
    await actor.apply({ policy: { adoption: 'AdoptOrCreate', deletion: 'Delete' }, scaling: { minSize: 0, maxSize: 4 } })
    await actor.group.condition('Stalled', { reason: 'OwnedByAnother' })
  },
  act: async ({ group }) => await group.annotate({ 'take-over': uidOfOld }),
  ended: async (actor) => {
    await expectAtRest(actor)
    expect((await actor.group.read()).spec.scaling?.desiredSize).toBe(1)
  },
  check: async (actor) => {
    const { metadata, status } = await actor.group.read()
    const { tags, scaling } = await actor.stage.cloud.needGroup(actor.name)
    expect(status?.ownership?.origin).toBe('Adopted')
    expect(tags).toMatchObject({ team: 'training', 'tidegate.io/owner': metadata.uid, 'tidegate.io/object': `chaos/${actor.name}` })
    expect(status?.history?.map(({ operation, outcome }) => `${operation} ${outcome}`)).toEqual(['Tag Succeeded'])
    expect(scaling).toMatchObject({ minSize: 0, desiredSize: 1, maxSize: 4 })
    expect(await nodesOf(actor)).toHaveLength(1)
    expect(await tokensOf(actor, 'UpdateNodegroupConfig')).toEqual([])
  },
}

/** The object goes, and what it made stays as it is. */
export const abandoned: Story = {
  title: 'an object is abandoned',
  before: async (actor) => void (await nodesReady(actor, 1)),
  act: async ({ group }) => {
    const { metadata } = await group.read()
    await group.annotate({ abandon: metadata.uid })
    await group.delete()
  },
  ended: async ({ group }) => expect(await group.find()).toBeUndefined(),
  check: expectLeft,
}

/** The group runs as before, and stays until a person deletes it. */
async function expectLeft(actor: Actor): Promise<void> {
  const { stage, name } = actor
  const { status, scaling } = await stage.cloud.needGroup(name)
  expect(status).toBe('ACTIVE')
  expect(scaling).toMatchObject({ minSize: 0, desiredSize: 1, maxSize: 4 })
  expect(await nodesOf(actor)).toHaveLength(1)
  const taken = (await stage.cloud.calls(name, { access: 'write' })).filter((call) => call.status === 200)
  expect(taken.map(({ action }) => action)).toEqual(['CreateNodegroup', 'UpdateNodegroupConfig'])
  await deleteInConsole(actor)
}
