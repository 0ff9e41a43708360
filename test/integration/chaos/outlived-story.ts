import { expect } from 'vitest'
import type { Node } from '../../../src/kube/objects.ts'
import { resources } from '../../../src/kube/resource.ts'
import { kwokAnnotation, kwokValues } from '../../../src/simulator/joiner/node-object.ts'
import { eventually } from '../../support/eventually.ts'
import { instanceOf, order, orderUid } from '../../support/order.ts'
import { cordon, expectAtRest, expectScene, nodesOf, nodesReady, run, sceneOf, setScene } from './scene.ts'
import type { Actor, Story } from './story.ts'

const as = { fieldManager: 'person', signal: new AbortController().signal }
const outOfService = { key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' }

/** Somebody's finalizer keeps a Node when Kubernetes removes it; what comes back takes it off. */
async function hold({ stage: { client } }: Actor, { metadata: { name } }: Node): Promise<() => Promise<void>> {
  const path = '/metadata/finalizers'
  await client.jsonPatch(resources.nodes, { name }, [{ op: 'add', path, value: ['example.com/held'] }], as)
  return async () => void (await client.jsonPatch(resources.nodes, { name }, [{ op: 'remove', path }], as))
}

/** Throws until the machine is gone, its Node stands, and nobody speaks for it: kwok would go on, and is made to let go as the kubelet did. */
async function outlived({ stage, name: group }: Actor, node: Node): Promise<void> {
  const { name } = node.metadata
  expect((await stage.cloud.needGroup(group)).scaling?.instanceIds).not.toContain(instanceOf(node))
  const annotation = `/metadata/annotations/${kwokAnnotation.replaceAll('/', '~1')}`
  await stage.client.jsonPatch(resources.nodes, { name }, [{ op: 'add', path: annotation, value: kwokValues.broken }], as)
  const { status } = await stage.client.get<Node>(resources.nodes, { name }, as)
  const index = status?.conditions?.findIndex(({ type }) => type === 'Ready') ?? -1
  const path = `/status/conditions/${index}`
  if (status?.conditions?.[index]?.status !== 'True') return
  const silent = [
    { op: 'test', path: `${path}/type`, value: 'Ready' },
    { op: 'replace', path: `${path}/status`, value: 'Unknown' },
  ] as const
  await stage.client.jsonPatch(resources.nodes, { name }, silent, { ...as, subresource: 'status' })
  throw new Error(`Node ${name} was still Ready`)
}

/** The Nodes of the group of which Kubernetes was told that their machine is gone for good, and how often. */
async function toldGone(actor: Actor): Promise<readonly string[]> {
  const told = (await nodesOf(actor)).flatMap(({ metadata: { name }, spec: { taints = [] } }) => taints.map((taint) => ({ name, taint })))
  return told.filter(({ taint }) => taint.key === outOfService.key).map(({ name }) => name)
}

/** Of two Nodes that outlive their machines Kubernetes is told of the one that we ended, and not of the one that somebody else did. */
export const nodeOutlives: Story = {
  title: 'a Node outlives the instance that an order ended',
  before: async (actor) => {
    const { stage, name, group } = actor
    const [busy, taken, victim] = (await nodesReady(actor, 3)) as [Node, Node, Node]
    const lifts = [await hold(actor, taken), await hold(actor, victim)]
    await stage.cloud.happen({ order: 'TerminateInstance', instanceId: instanceOf(taken) })
    const instead = await eventually(async () => {
      await outlived(actor, taken)
      const known = new Set([busy, taken, victim].map(({ metadata }) => metadata.uid))
      const another = (await nodesOf(actor)).find(({ metadata }) => !known.has(metadata.uid))
      if (another === undefined) throw new Error(`nothing stands in for ${instanceOf(taken)}`)
      expect((await stage.cloud.needGroup(name)).scaling?.instanceIds.toSorted()).toEqual([busy, victim, another].map(instanceOf).toSorted())
      return another
    })
    await group.until(({ status }) => expect(status?.nodes?.summary).toBe('3/3'))
    await group.ready()
    const quiet = [await run(actor, 'a', busy), await run(actor, 'b', instead)]
    const moved = [await run(actor, 'c', victim)]
    await cordon(actor, busy)
    const lift = async (): Promise<void> => {
      for (const each of lifts) await each()
    }
    setScene(actor, { staying: [busy, instead], victims: [victim], quiet, moved, lift })
  },
  act: async (actor) => await order(actor.stage, actor.group, { desiredSize: 2, removals: sceneOf(actor).victims }),
  ended: async (actor) => {
    const [victim] = sceneOf(actor).victims as [Node]
    await outlived(actor, victim)
    expect(await toldGone(actor)).toEqual([victim.metadata.name])
    const { status } = await actor.group.read()
    expect(status?.operation).toBeUndefined()
    expect(status?.nodes?.summary).toBe('2/2')
    const waiting = { nodeUID: victim.metadata.uid, orderUID: orderUid, state: 'Removing', outSince: expect.any(String) }
    expect(status?.removals).toMatchObject([waiting])
  },
  check: async (actor) => {
    const { victims, lift } = sceneOf(actor)
    const [victim] = victims as [Node]
    const nodes = await nodesOf(actor)
    expect(nodes).toHaveLength(4)
    expect(nodes.find(({ metadata }) => metadata.uid === victim.metadata.uid)?.spec.taints).toContainEqual(expect.objectContaining(outOfService))
    expect(await toldGone(actor)).toEqual([victim.metadata.name])
    await lift?.()
    await eventually(async () => {
      expect((await actor.group.read()).status?.removals).toMatchObject([{ nodeUID: victim.metadata.uid, orderUID: orderUid, state: 'Gone' }])
      await expectAtRest(actor)
      expect(await nodesOf(actor)).toHaveLength(2)
    })
    expect(await toldGone(actor)).toEqual([])
    await expectScene(actor)
    await order(actor.stage, actor.group, { desiredSize: 2, removals: [] })
    await actor.group.until(({ status }) => expect(status?.removals).toBeUndefined())
  },
}
