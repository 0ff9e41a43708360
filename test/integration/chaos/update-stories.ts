import { expect } from 'vitest'
import type { GroupSpec } from '../../support/builders.ts'
import { eventually } from '../../support/eventually.ts'
import { expectAtRest, nodesOf } from './scene.ts'
import type { Actor, Story } from './story.ts'
import { tokensOf } from './theatre.ts'

const { signal } = new AbortController()

/** Releases that the simulator has for the version of its cluster. */
const releases = { old: '1.36.2-20260616', next: '1.36.2-20260714' } as const
const size = { minSize: 0, maxSize: 4, sizeOwner: 'Spec', desiredSize: 2 } as const

const oneNode = { ...size, desiredSize: 1 } as const

/** What EKS replaced ends after the update does. */
async function expectTwoNodes(actor: Actor): Promise<void> {
  await eventually(async () => {
    const { scaling } = await actor.stage.cloud.needGroup(actor.name)
    expect(scaling).toMatchObject({ minSize: 0, maxSize: 4, desiredSize: 2 })
    expect(scaling?.instanceIds).toHaveLength(2)
    expect(await nodesOf(actor)).toHaveLength(2)
  })
}

const oldRelease: GroupSpec = { releaseVersion: releases.old, scaling: size }

/** EKS is asked once, whatever happens to the one who asked: it cannot be stopped. */
export const updateRelease: Story = {
  title: 'an update that EKS runs',
  before: async (actor) => {
    await actor.apply(oldRelease)
    await actor.group.ready()
  },
  act: async (actor) => await actor.apply({ ...oldRelease, releaseVersion: releases.next, update: { approval: 'Automatic' } }),
  ended: async (actor) => {
    await expectAtRest(actor)
    const { status } = await actor.group.read()
    expect(status).toMatchObject({ releaseVersion: releases.next })
    expect(status?.update).toBeUndefined()
  },
  check: async (actor) => {
    await expectTwoNodes(actor)
    expect(await tokensOf(actor, 'UpdateNodegroupVersion')).toHaveLength(1)
    const { history } = (await actor.group.read()).status ?? {}
    expect(history?.filter(({ operation }) => operation === 'UpdateVersion').map(({ outcome }) => outcome)).toEqual(['Succeeded'])
  },
}

export const relabel: Story = {
  title: 'labels and taints that change',
  before: async (actor) => {
    await actor.apply({ scaling: size, labels: { team: 'web', gone: 'soon' } })
    await actor.group.ready()
  },
  act: async (actor) => await actor.apply({ scaling: size, labels: { team: 'ml' }, taints: [{ key: 'ml', value: 'only', effect: 'NoSchedule' }] }),
  ended: expectAtRest,
  check: async (actor) => {
    await expectTwoNodes(actor)
    const now = await actor.stage.cloud.console.nodeGroups.describe('demo', actor.name, { signal })
    expect(now).toMatchObject({ labels: { team: 'ml' }, taints: [{ key: 'ml', value: 'only' }] })
    // the number, then the labels with the taints
    expect(await tokensOf(actor, 'UpdateNodegroupConfig')).toHaveLength(2)
  },
}

/** What is not in the spec and never was is somebody else's, and stays. */
export const retag: Story = {
  title: 'tags that change',
  before: async (actor) => {
    await actor.apply({ scaling: oneNode, tags: { team: 'web', gone: 'soon' } })
    await actor.group.ready()
    const { arn } = await actor.stage.cloud.needGroup(actor.name)
    await actor.stage.cloud.console.nodeGroups.tag(arn, { 'cost-center': 'theirs' }, { signal })
  },
  act: async (actor) => await actor.apply({ scaling: oneNode, tags: { team: 'ml', new: 'yes' } }),
  ended: expectAtRest,
  check: async (actor) => {
    const { metadata, status } = await actor.group.read()
    const { tags, scaling } = await actor.stage.cloud.needGroup(actor.name)
    const others = Object.fromEntries(Object.entries(tags).filter(([key]) => !key.startsWith('tidegate.io/')))
    expect(others).toEqual({ team: 'ml', new: 'yes', 'cost-center': 'theirs' })
    expect(tags).toMatchObject({ 'tidegate.io/owner': metadata.uid, 'tidegate.io/object': `chaos/${actor.name}` })
    expect(status?.history?.filter(({ operation }) => operation === 'Tag').map(({ outcome }) => outcome)).toEqual(['Succeeded'])
    expect(scaling?.instanceIds).toHaveLength(1)
    expect(await nodesOf(actor)).toHaveLength(1)
    // the number alone
    expect(await tokensOf(actor, 'UpdateNodegroupConfig')).toHaveLength(1)
  },
}
