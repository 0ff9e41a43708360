import { expect } from 'vitest'
import { loadBalancerLabel, marksOf } from '../../../src/drain/mark.ts'
import type { Node } from '../../../src/kube/objects.ts'
import { resources } from '../../../src/kube/resource.ts'
import { audited, operatorUser } from '../../support/audit.ts'
import { instanceOf } from '../../support/order.ts'
import { expectCondition } from '../../support/subject.ts'
import { Workload } from '../../support/workload.ts'
import type { Actor } from './story.ts'

const { signal } = new AbortController()

/** What stands on the stage when a story of nodes that leave begins: who stays with which pods, who goes, and what has to be put right at its end. */
export interface Scene {
  readonly staying: readonly Node[]
  readonly victims: readonly Node[]
  /** Pods that must not notice anything. */
  readonly quiet: readonly string[]
  /** Pods that must be evicted, by us. */
  readonly moved: readonly string[]
  /** What AWS is asked for at the end, where it cannot give that; else as many as stay. */
  readonly number?: number
  readonly lift?: () => Promise<void>
}

const scenes = new WeakMap<Actor, Scene>()

export function setScene(actor: Actor, scene: Scene): void {
  scenes.set(actor, scene)
}

export function sceneOf(actor: Actor): Scene {
  const scene = scenes.get(actor)
  if (scene === undefined) throw new Error('the scene is not set')
  return scene
}

/** A group of so many Ready nodes, in the order of their names. */
export async function nodesReady(actor: Actor, desiredSize: number, spec: Parameters<Actor['apply']>[0] = {}): Promise<readonly Node[]> {
  await actor.apply({ ...spec, scaling: { minSize: 0, maxSize: 4, desiredSize } })
  await actor.group.ready()
  return await nodesOf(actor)
}

export async function setNumber({ stage, name }: Actor, replicas: number): Promise<void> {
  await stage.kubectl('scale', 'eksnodegroup', name, '-n', 'chaos', `--replicas=${replicas}`)
}

export async function nodesOf({ stage, name }: Actor): Promise<readonly Node[]> {
  return await stage.nodesOf(name)
}

/** Runs a pod of the group's own team on this very node; gives its name. */
export async function run({ stage, name }: Actor, pod: string, node: Node): Promise<string> {
  await new Workload(stage.client, 'chaos').run(`${name}-${pod}`, node)
  return `${name}-${pod}`
}

/** Somebody else's cordon. */
export async function cordon({ stage }: Actor, { metadata: { name } }: Node): Promise<void> {
  await stage.client.jsonPatch(resources.nodes, { name }, [{ op: 'add', path: '/spec/unschedulable', value: true }], { fieldManager: 'person', signal })
}

/** Ready for the spec that it has now, with nothing under way. */
export async function expectAtRest({ group }: Actor): Promise<void> {
  const object = await group.read()
  expectCondition(object, 'Ready', { status: 'True' })
  expect(object.status?.observedGeneration).toBe(object.metadata.generation)
  expect(object.status?.operation).toBeUndefined()
}

/** The pods whose eviction the API server granted the operator. */
export async function evictedByUs({ stage }: Actor): Promise<readonly string[]> {
  const all = await audited(stage.plane.auditLog)
  return all.filter(({ user, kind, code }) => user === operatorUser && kind === 'pods/eviction' && code === 201).map(({ name = '' }) => name)
}

/**
 * Exactly those who stay are there, with what runs on them, and the number says so; each victim was ended once, after we evicted its pods; nothing of
 * ours is left on a node or on the Auto Scaling group.
 */
export async function expectScene(actor: Actor): Promise<void> {
  const { stage, name } = actor
  const { staying, victims, quiet, moved, number = staying.length } = sceneOf(actor)
  const nodes = await nodesOf(actor)
  expect(nodes.map(({ metadata }) => metadata.uid).toSorted()).toEqual(staying.map(({ metadata }) => metadata.uid).toSorted())
  for (const before of staying) {
    const after = nodes.find(({ metadata }) => metadata.uid === before.metadata.uid)
    expect(after === undefined ? ['gone'] : marksOf(after)).toEqual([])
    expect(after?.metadata.labels).not.toHaveProperty([loadBalancerLabel])
  }
  const { scaling } = await stage.cloud.needGroup(name)
  expect(scaling).toMatchObject({ desiredSize: number })
  expect(scaling?.instanceIds.toSorted()).toEqual(staying.map(instanceOf).toSorted())
  await expectNothingLeft(actor, scaling?.name ?? '')
  const ended = (await stage.cloud.allCalls()).filter(({ action, status }) => action === 'TerminateInstanceInAutoScalingGroup' && status === 200)
  const ours = ended.map(({ input }) => String(input['InstanceId'])).filter((id) => [...staying, ...victims].some((node) => instanceOf(node) === id))
  expect(ours.toSorted()).toEqual(victims.map(instanceOf).toSorted())
  const team = new Workload(stage.client, 'chaos')
  for (const pod of quiet) expect([pod, await team.isThere(pod)]).toEqual([pod, true])
  const evicted = await evictedByUs(actor)
  expect(evicted).toEqual(expect.arrayContaining([...moved]))
  expect(evicted.filter((pod) => quiet.includes(pod))).toEqual([])
}

/** No protection, no suspension and no tag of ours on the Auto Scaling group. */
async function expectNothingLeft({ stage, group }: Actor, scalingGroup: string): Promise<void> {
  const [now] = await stage.cloud.console.scalingGroups.describe([scalingGroup], { signal })
  expect(now?.instances.filter(({ protectedFromScaleIn }) => protectedFromScaleIn)).toEqual([])
  expect(now?.suspendedProcesses).toEqual([])
  for (const tag of ['tidegate.io/suspended', 'tidegate.io/protected']) expect(now?.tags).not.toHaveProperty([tag])
  const status = (await group.find())?.status
  expect(status?.withdrawal).toBeUndefined()
  expect(status?.rebalance).toBeUndefined()
  expect((status?.removals ?? []).filter(({ state }) => state !== 'Gone')).toEqual([])
}
