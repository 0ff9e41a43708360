import { expect } from 'vitest'
import { subnets } from '../../support/builders.ts'
import { eventually } from '../../support/eventually.ts'
import { instanceOf, order, orderUid } from '../../support/order.ts'
import { Workload } from '../../support/workload.ts'
import type { Node } from '../../../src/kube/objects.ts'
import { cordon, evictedByUs, expectAtRest, expectScene, nodesOf, nodesReady, run, sceneOf, setNumber, setScene } from './scene.ts'
import type { Story } from './story.ts'

export const orderRemoves: Story = {
  title: 'an order names the node that leaves',
  before: async (actor) => {
    const [a, b, victim] = (await nodesReady(actor, 3)) as [Node, Node, Node]
    const quiet = [await run(actor, 'a', a), await run(actor, 'b', b)]
    const moved = [await run(actor, 'c', victim)]
    await cordon(actor, a)
    setScene(actor, { staying: [a, b], victims: [victim], quiet, moved })
  },
  act: async (actor) => await order(actor.stage, actor.group, { desiredSize: 2, removals: sceneOf(actor).victims }),
  ended: async (actor) => {
    const [victim] = sceneOf(actor).victims
    expect((await actor.group.read()).status?.removals).toMatchObject([{ nodeUID: victim?.metadata.uid, orderUID: orderUid, state: 'Gone' }])
    await expectAtRest(actor)
  },
  check: async (actor) => {
    await expectScene(actor)
    await order(actor.stage, actor.group, { desiredSize: 2, removals: [] })
    await actor.group.until(({ status }) => expect(status?.removals).toBeUndefined())
  },
}

export const personScalesDown: Story = {
  title: 'a person lowers the number',
  before: async (actor) => {
    const [busy, victim] = (await nodesReady(actor, 2)) as [Node, Node]
    const quiet = [await run(actor, 'a', busy), await run(actor, 'b', busy)]
    const moved = [await run(actor, 'c', victim)]
    await cordon(actor, busy)
    setScene(actor, { staying: [busy], victims: [victim], quiet, moved })
  },
  act: async (actor) => await setNumber(actor, 1),
  ended: expectAtRest,
  check: expectScene,
}

export const overZones: Story = {
  title: 'a person lowers the number of a group in three zones',
  before: async (actor) => {
    const [busy, ...victims] = (await nodesReady(actor, 3, { subnetIds: [...subnets] })) as [Node, Node, Node]
    const quiet = [await run(actor, 'a', busy), await run(actor, 'b', busy)]
    setScene(actor, { staying: [busy], victims, quiet, moved: [] })
  },
  act: async (actor) => await setNumber(actor, 1),
  ended: async (actor) => {
    await expectAtRest(actor)
    expect((await actor.group.read()).status?.rebalance).toBeUndefined()
  },
  check: expectScene,
}

export const withdrawn: Story = {
  title: 'a number that AWS cannot give is lowered again, in three zones',
  before: async (actor) => {
    const [busy] = (await nodesReady(actor, 1, { instanceTypes: ['m6i.2xlarge'], subnetIds: [...subnets] })) as [Node]
    const quiet = [await run(actor, 'a', busy)]
    const lift = await actor.stage.cloud.fault({ effect: 'NoCapacity', match: { instanceType: 'm6i.2xlarge' } })
    await setNumber(actor, 3)
    await eventually(async () => {
      expect((await actor.stage.cloud.needGroup(actor.name)).scaling).toMatchObject({ desiredSize: 3 })
      expect((await actor.group.read()).status?.operation).toBeUndefined()
    })
    setScene(actor, { staying: [busy], victims: [], quiet, moved: [], lift })
  },
  act: async (actor) => await setNumber(actor, 1),
  ended: async (actor) => {
    const { status } = await actor.group.read()
    expect(status?.scaling?.desiredSize).toBe(1)
    expect(status?.withdrawal).toBeUndefined()
    expect(status?.rebalance).toBeUndefined()
    expect((await actor.stage.cloud.needGroup(actor.name)).scaling).toMatchObject({ desiredSize: 1 })
  },
  check: async (actor) => {
    await sceneOf(actor).lift?.()
    await expectScene(actor)
  },
}

export const cancelled: Story = {
  title: 'an order that waits for a budget is taken back',
  before: async (actor) => {
    const [other, victim] = (await nodesReady(actor, 2)) as [Node, Node]
    const quiet = [await run(actor, 'a', other), await run(actor, 'guarded', victim)]
    const lift = await new Workload(actor.stage.client, 'chaos').guard(`${actor.name}-guarded`)
    await cordon(actor, victim)
    setScene(actor, { staying: [other, victim], victims: [], quiet, moved: [], lift })
    await order(actor.stage, actor.group, { desiredSize: 1, removals: [victim] })
    await actor.group.condition('Reconciling', { reason: 'DrainBlocked' })
  },
  act: async (actor) => await order(actor.stage, actor.group, { desiredSize: 2, removals: [] }),
  ended: async (actor) => {
    expect((await actor.group.read()).status?.removals).toBeUndefined()
    await expectAtRest(actor)
  },
  check: async (actor) => {
    await expectScene(actor)
    await sceneOf(actor).lift?.()
  },
}

/** Every pod is evicted by us, every instance ended once, and the node group goes last. */
export const deleteDrained: Story = {
  title: 'delete, with pods on the nodes',
  before: async (actor) => {
    await actor.apply({ scaling: { minSize: 0, maxSize: 4, desiredSize: 2 } })
    const { metadata } = await actor.group.ready()
    const victims = (await nodesOf(actor)) as [Node, Node]
    const moved = [await run(actor, 'a', victims[0]), await run(actor, 'b', victims[1])]
    setScene(actor, { staying: [], victims, quiet: [], moved })
    await actor.group.annotate({ 'confirm-deletion': metadata.uid })
  },
  act: async ({ group }) => await group.delete(),
  ended: async ({ group }) => expect(await group.find()).toBeUndefined(),
  check: async (actor) => {
    const { stage, name } = actor
    const { victims, moved } = sceneOf(actor)
    expect(await stage.cloud.group(name)).toBeUndefined()
    expect(await nodesOf(actor)).toEqual([])
    expect(await evictedByUs(actor)).toEqual(expect.arrayContaining([...moved]))
    const calls = (await stage.cloud.allCalls()).filter(({ action, status }) => action === 'TerminateInstanceInAutoScalingGroup' && status === 200)
    const ids = victims.map(instanceOf).toSorted()
    expect(
      calls
        .map(({ input }) => String(input['InstanceId']))
        .filter((id) => ids.includes(id))
        .toSorted(),
    ).toEqual(ids)
  },
}
