import { expect } from 'vitest'
import { expectCondition } from '../../support/subject.ts'
import { type Story, playEveryDeath, test, tokensOf } from './theatre.ts'

const { signal } = new AbortController()
const release = { old: '1.36.2-20260616', next: '1.36.2-20260714' } as const
const scaling = { minSize: 1, maxSize: 4, desiredSize: 1 } as const

/** Settings, tags and an update of the release at once. */
const update: Story = {
  title: 'update',
  before: async (actor) => {
    await actor.apply({ releaseVersion: release.old, tags: { team: 'web' }, scaling })
    await actor.group.ready()
  },
  act: async (actor) =>
    await actor.apply({ releaseVersion: release.next, labels: { pool: 'workers' }, tags: { cost: '1' }, update: { approval: 'Automatic' }, scaling }),
  ended: async ({ group }) => {
    const object = await group.read()
    expectCondition(object, 'Ready', { status: 'True' })
    expect(object.status).toMatchObject({ observedGeneration: object.metadata.generation, releaseVersion: release.next })
    expect([object.status?.operation, object.status?.update]).toEqual([undefined, undefined])
  },
  check: async (actor) => {
    const { stage, name, group } = actor
    const { nodeGroups } = stage.cloud.console
    const inAws = await nodeGroups.describe('demo', name, { signal })
    expect(inAws).toMatchObject({ releaseVersion: release.next, labels: { pool: 'workers' }, tags: { cost: '1' } })
    expect(Object.keys(inAws?.tags ?? {})).not.toContain('team')
    expect(await tokensOf(actor, 'UpdateNodegroupVersion')).toHaveLength(1)
    const ids = await nodeGroups.listUpdates('demo', name, { signal })
    const all = await Promise.all(ids.map(async (id) => await nodeGroups.describeUpdate('demo', name, id, { signal })))
    expect(all.filter((one) => one?.type === 'VersionUpdate')).toHaveLength(1)
    expect(await stage.nodesOf(name)).toHaveLength(1)
    const { status } = await group.read()
    const ended = (status?.history ?? []).map(({ operation, outcome }) => `${operation} ${outcome}`)
    expect(ended.filter((entry) => entry.startsWith('UpdateVersion'))).toEqual(['UpdateVersion Succeeded'])
    expect(ended).not.toContain('RemoveNode Succeeded')
  },
}

test(`${update.title}: killed before and after its writes, the end is the same`, { timeout: 600_000 }, async ({ theatre }) => {
  await playEveryDeath(theatre, update, 0.1)
})
