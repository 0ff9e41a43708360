import { describe, expect } from 'vitest'
import { marksOf } from '../../../src/drain/mark.ts'
import type { Node } from '../../../src/kube/objects.ts'
import { resources } from '../../../src/kube/resource.ts'
import { eventually } from '../../support/eventually.ts'
import { instanceOf } from '../../support/order.ts'
import type { Call } from '../../support/simulator.ts'
import { Workload } from '../../support/workload.ts'
import { type Place, test } from '../../support/world.ts'
import { withNodes } from './sized.ts'

const { signal } = new AbortController()

/** The calls that change this test's group, oldest first, with the instances that they name. */
async function writes(place: Place, known: readonly string[]): Promise<readonly Call[]> {
  return (await place.cloud.allCalls()).filter(({ access, input, service }) => {
    const own = input['nodegroupName'] === place.inEks() || String(input['AutoScalingGroupName']).includes(place.inEks())
    return access === 'write' && (own || (service === 'autoscaling' && known.includes(String(input['InstanceId']))))
  })
}

const one = { sizeOwner: 'Spec', desiredSize: 1 } as const

describe.concurrent('deletion of a group with nodes', () => {
  test('B8: sizes closed, late nodes kept empty, nodes drained and ended by name, then the group; a budget is waited for and named', async ({ place }) => {
    const { group, nodes, uid } = await withNodes(place, { sizeOwner: 'Spec', minSize: 2, desiredSize: 2 })
    const team = new Workload(place.client, place.namespace)
    await team.run('web', nodes[0])
    const lift = await team.runGuarded('guarded', nodes[1])
    await group.deleteConfirmed()
    const [, held] = nodes
    await group.condition('Reconciling', { reason: 'DrainBlocked', says: [held.metadata.name, 'guarded', 'PodDisruptionBudget'] })
    await group.condition('Ready', { status: 'False', reason: 'DrainBlocked' })
    await eventually(async () => expect((await place.nodesOf(place.inEks())).map(({ metadata: { name } }) => name)).toEqual([held.metadata.name]))
    expect(await place.cloud.calls(place.inEks(), { action: 'DeleteNodegroup' })).toEqual([])
    expect((await place.cloud.needGroup(place.inEks())).scaling).toMatchObject({ minSize: 0, maxSize: 2, desiredSize: 1 })
    await lift()
    await group.gone()
    const made = (await writes(place, nodes.map(instanceOf))).filter(({ action }) => action !== 'CreateNodegroup')
    expect(made.slice(1).map(({ action, input }) => [action, input['scalingConfig'] ?? input['taints'] ?? input['InstanceId']])).toEqual([
      ['UpdateNodegroupConfig', { minSize: 0, maxSize: 2 }],
      ['UpdateNodegroupConfig', { addOrUpdateTaints: [{ key: 'tidegate.io/leaving', value: uid, effect: 'NO_SCHEDULE' }] }],
      ['TerminateInstanceInAutoScalingGroup', instanceOf(nodes[0])],
      ['TerminateInstanceInAutoScalingGroup', instanceOf(nodes[1])],
      ['DeleteNodegroup', undefined],
    ])
    expect(await place.cloud.group(place.inEks())).toBeUndefined()
    expect(await place.nodesOf(place.inEks())).toEqual([])
  })

  test('B8: a node that comes while the group is deleted carries the mark, and leaves by name', async ({ place }) => {
    const { group, nodes, uid } = await withNodes(place, one)
    const [first] = nodes
    const team = new Workload(place.client, place.namespace)
    const lift = await team.runGuarded('guarded', first)
    await group.deleteConfirmed()
    await group.condition('Reconciling', { reason: 'DrainBlocked' })
    const { scalingGroup = '' } = await place.cloud.needGroup(place.inEks())
    await place.cloud.console.nodeGroups.updateScaling('demo', place.inEks(), { maxSize: 3 }, { token: `more-${place.namespace}`, signal })
    await eventually(async () => await place.cloud.console.scalingGroups.setDesiredCapacity(scalingGroup, 3, { signal }))
    const late = new Map<string, Node>()
    await eventually(async () => {
      for (const node of await place.nodesOf(place.inEks()))
        if (node.metadata.uid !== first.metadata.uid && !late.has(node.metadata.uid)) late.set(node.metadata.uid, node)
      expect(late.size).toBe(2)
    })
    expect([...late.values()].map((node) => marksOf(node).map((mark) => mark.uid))).toEqual([[uid], [uid]])
    await eventually(async () => expect((await place.nodesOf(place.inEks())).map(({ metadata }) => metadata.uid)).toEqual([first.metadata.uid]))
    expect(await team.isThere('guarded')).toBe(true)
    const ids = [...late.values()].map(instanceOf)
    const ended = (await writes(place, ids)).filter(({ action }) => action === 'TerminateInstanceInAutoScalingGroup')
    expect(ended.map(({ input }) => String(input['InstanceId'])).toSorted()).toEqual(ids.toSorted())
    await lift()
    await group.gone()
    expect(await place.nodesOf(place.inEks())).toEqual([])
    expect(await place.cloud.group(place.inEks())).toBeUndefined()
  })

  test('P1: an instance that AWS wants no more and does not end is drained all the same, and goes with its group', async ({ place }) => {
    const { group, nodes } = await withNodes(place, one)
    const lift = await new Workload(place.client, place.namespace).runGuarded('guarded', nodes[0])
    await group.patch({ op: 'replace', path: '/spec/scaling', value: { minSize: 0, maxSize: 5, sizeOwner: 'External' } })
    const { scalingGroup = '' } = await place.cloud.needGroup(place.inEks())
    const { scalingGroups } = place.cloud.console
    await scalingGroups.protect(scalingGroup, [instanceOf(nodes[0])], { protected: true, signal })
    await scalingGroups.setDesiredCapacity(scalingGroup, 0, { signal })
    await group.deleteConfirmed()
    await group.condition('Reconciling', { reason: 'DrainBlocked', says: [nodes[0].metadata.name, 'PodDisruptionBudget'] })
    expect(await place.cloud.calls(place.inEks(), { action: 'DeleteNodegroup' })).toEqual([])
    await lift()
    await group.gone()
    expect((await writes(place, nodes.map(instanceOf))).filter(({ action }) => action.startsWith('Terminate'))).toEqual([])
    // Kubernetes removes the Node of a machine that has ended a little later.
    await eventually(async () => expect(await place.nodesOf(place.inEks())).toEqual([]))
  })

  test('scaleDown.drain None: EKS is asked at once, and the Event says what that means', async ({ place }) => {
    const { group, nodes } = await withNodes(place, one, { scaleDown: { drain: 'None' } })
    await group.end()
    expect((await place.events(group, 'Deleting'))[0]).toContain('EKS evicts for 5 min')
    const scaling = await place.cloud.scalingCalls(place.inEks(), { access: 'write', instances: nodes.map(instanceOf) })
    expect(scaling.filter(({ action }) => action.startsWith('Terminate'))).toEqual([])
  })

  test('a drain that may fail keeps its node and the deletion, until a person asks for another try', async ({ place }) => {
    const { group, nodes, uid } = await withNodes(place, one, { scaleDown: { timeout: '1m', onTimeout: 'Fail' } })
    const [node] = nodes
    const team = new Workload(place.client, place.namespace)
    const lift = await team.runGuarded('guarded', node)
    await group.deleteConfirmed()
    await group.condition('Reconciling', { reason: 'RemovalRefused', says: [node.metadata.name, 'guarded', 'tidegate.io/retry'] })
    expect(await team.isThere('guarded')).toBe(true)
    await lift()
    // A minute is a few seconds here, which a busy machine may need for an eviction.
    await group.patch({ op: 'replace', path: '/spec/scaleDown/timeout', value: '1h' })
    await group.annotate({ 'confirm-deletion': uid, retry: '1' })
    await group.gone()
  })

  test('a namespace that is deleted waits for the confirmation and the drain', async ({ place }) => {
    const { group, uid } = await withNodes(place, one)
    await place.client.delete(resources.namespaces, { name: place.namespace }, { signal })
    await group.condition('Reconciling', { reason: 'WaitingForConfirmation', says: [uid] })
    expect((await place.cloud.needGroup(place.inEks())).scaling).toMatchObject({ desiredSize: 1 })
    await group.annotate({ 'confirm-deletion': uid })
    await group.gone()
    expect(await place.cloud.group(place.inEks())).toBeUndefined()
  })

  test('kubectl delete is refused with the line to type', async ({ place }) => {
    const { group, uid } = await withNodes(place, one)
    await expect(place.kubectl('delete', 'eksnodegroup', 'workers', '-n', place.namespace)).rejects.toThrow(`tidegate.io/confirm-deletion=${uid}`)
    expect((await group.read()).metadata.deletionTimestamp).toBeUndefined()
  })
})
