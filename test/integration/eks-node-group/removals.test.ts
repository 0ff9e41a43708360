import { AutoScalingClient, EnterStandbyCommand } from '@aws-sdk/client-auto-scaling'
import { describe, expect } from 'vitest'
import { marksOf } from '../../../src/drain/mark.ts'
import type { Node } from '../../../src/kube/objects.ts'
import { subnets } from '../../support/builders.ts'
import { type Call, account, credentialsOf, region } from '../../support/simulator.ts'
import { eventually } from '../../support/eventually.ts'
import { instanceOf, order, orderUid } from '../../support/order.ts'
import { Workload } from '../../support/workload.ts'
import { type Place, test } from '../../support/world.ts'
import { scaleTo, withNodes } from './sized.ts'

/** The group's own calls to Auto Scaling that change something, oldest first. */
async function scalingWrites(place: Place): Promise<readonly Call[]> {
  const group = await place.cloud.needGroup(place.inEks())
  const name = group.scaling?.name
  const instances = new Set((await instanceIds(place)).concat(group.scaling?.instanceIds ?? []))
  return (await place.cloud.allCalls()).filter(
    ({ service, access, input }) =>
      service === 'autoscaling' && access === 'write' && (input['AutoScalingGroupName'] === name || instances.has(String(input['InstanceId']))),
  )
}

const { signal } = new AbortController()

const seen = new Map<string, Set<string>>()

/** Ids of every instance that a Node of the group was seen to have. */
async function instanceIds(place: Place): Promise<string[]> {
  const known = seen.get(place.inEks()) ?? new Set()
  seen.set(place.inEks(), known)
  for (const node of await place.nodesOf(place.inEks())) known.add(instanceOf(node))
  return [...known]
}

async function numbersSent(place: Place): Promise<readonly unknown[]> {
  return (await place.cloud.calls(place.inEks(), { action: 'UpdateNodegroupConfig' })).map(({ input }) => input['scalingConfig'])
}

function zoneOf({ metadata }: Node): string {
  return metadata.labels?.['topology.kubernetes.io/zone'] ?? ''
}

describe.concurrent('a person lowers the number', () => {
  test('B4: the emptiest node is drained and ended by name; a lower number is never sent', async ({ place }) => {
    const { group, nodes } = await withNodes(place, { sizeOwner: 'Spec', desiredSize: 2 })
    const [busy, idle] = nodes
    const team = new Workload(place.client, place.namespace)
    await team.run('web', busy)
    await team.run('api', busy)
    await team.run('batch', idle)
    await instanceIds(place)
    await scaleTo(place, 1)
    await group.ready()
    expect((await place.nodesOf(place.inEks())).map(({ metadata }) => metadata.name)).toEqual([busy.metadata.name])
    expect(await team.isThere('web')).toBe(true)
    expect(await team.isThere('batch')).toBe(false)
    const writes = await scalingWrites(place)
    expect(writes.map(({ action, input }) => [action, input['InstanceId'], input['ShouldDecrementDesiredCapacity']])).toEqual([
      ['TerminateInstanceInAutoScalingGroup', instanceOf(idle), true],
    ])
    expect(await numbersSent(place)).toEqual([{ desiredSize: 2 }])
    expect(await place.events(group, 'NodeRemoved')).toHaveLength(1)
    const { status } = await group.read()
    expect(status?.removals).toBeUndefined()
    expect(status?.history?.map(({ operation, outcome }) => `${operation} ${outcome}`)).toContain('RemoveNode Succeeded')
  })

  test('P8: a budget that says no is waited for and named, and the node stays until it says yes', async ({ place }) => {
    const { group, nodes } = await withNodes(place, { sizeOwner: 'Spec', desiredSize: 1 })
    const [node] = nodes
    const team = new Workload(place.client, place.namespace)
    const lift = await team.runGuarded('guarded', node)
    await scaleTo(place, 0)
    await group.condition('Reconciling', { status: 'True', reason: 'DrainBlocked', says: [node.metadata.name, 'guarded', 'PodDisruptionBudget'] })
    await group.condition('Ready', { status: 'False', reason: 'DrainBlocked' })
    expect((await place.cloud.needGroup(place.inEks())).scaling).toMatchObject({ desiredSize: 1 })
    await lift()
    await group.ready()
    expect(await place.nodesOf(place.inEks())).toEqual([])
  })

  test('P3: that the target does not permit Force is told first; permitted, it deletes what no eviction moves', async ({ place }) => {
    const { group, nodes } = await withNodes(place, { sizeOwner: 'Spec', desiredSize: 1 })
    const [node] = nodes
    const team = new Workload(place.client, place.namespace)
    await team.run('free', node)
    await team.runGuarded('guarded', node)
    await scaleTo(place, 0, { scaleDown: { timeout: '1m', onTimeout: 'Force' } })
    const says = ['does not let us delete pods', 'bind the ClusterRole tidegate-force-drain', node.metadata.name]
    await group.condition('InSync', { status: 'False', reason: 'ForceNotPermitted', says })
    await group.condition('Reconciling', { status: 'True', reason: 'ForceNotPermitted', says: [...says, 'past its deadline', 'guarded'] })
    expect([await team.isThere('free'), await team.isThere('guarded')]).toEqual([false, true])
    const binding = `${place.namespace}-force`
    const operator = '--serviceaccount=tidegate-system:tidegate-operator'
    await place.kubectl('create', 'clusterrolebinding', binding, '--clusterrole=tidegate-force-drain', operator)
    try {
      await group.ready()
    } finally {
      await place.kubectl('delete', 'clusterrolebinding', binding)
    }
    expect(await team.isThere('guarded')).toBe(false)
    expect(await place.nodesOf(place.inEks())).toEqual([])
  })

  test('a number that is raised again gives the node back, with a foreign cordon as it was', async ({ place }) => {
    const { group, nodes } = await withNodes(place, { sizeOwner: 'Spec', desiredSize: 1 })
    const [node] = nodes
    const { name } = node.metadata
    const team = new Workload(place.client, place.namespace)
    const lift = await team.runGuarded('guarded', node)
    await place.kubectl('cordon', name)
    await scaleTo(place, 0)
    await group.condition('Reconciling', { reason: 'DrainBlocked' })
    await scaleTo(place, 1)
    await group.ready()
    const [after] = (await place.nodesOf(place.inEks())) as [Node]
    expect(marksOf(after)).toEqual([])
    expect(after.spec.unschedulable).toBe(true)
    expect((await group.read()).status?.removals).toBeUndefined()
    await place.kubectl('uncordon', name)
    await lift()
  })

  test('P8: what somebody keeps stays, and is told; an order may name it', async ({ place }) => {
    const { group, nodes } = await withNodes(place, { sizeOwner: 'Orders', desiredSize: 2 })
    const [annotated, protectedNode] = nodes
    const { cloud } = place
    const name = (await cloud.needGroup(place.inEks())).scaling?.name ?? ''
    await cloud.console.scalingGroups.protect(name, [instanceOf(protectedNode)], { protected: true, signal: new AbortController().signal })
    await place.kubectl('annotate', 'node', annotated.metadata.name, 'cluster-autoscaler.kubernetes.io/scale-down-disabled=true')
    await place.kubectl('scale', 'eksnodegroup/workers', '-n', place.namespace, '--replicas=0')
    const says = [`--instance-ids ${instanceOf(protectedNode)}`, `kubectl annotate node ${annotated.metadata.name} `]
    await group.condition('InSync', { status: 'False', reason: 'RemovalRefused', says })
    await place.kubectl('annotate', 'node', annotated.metadata.name, 'cluster-autoscaler.kubernetes.io/scale-down-disabled-')
    await eventually(async () => expect((await place.nodesOf(place.inEks())).map(({ metadata: { uid } }) => uid)).toEqual([protectedNode.metadata.uid]))
    await order(place, group, { desiredSize: 0, removals: [protectedNode] })
    await group.until(({ status }) => expect(status?.removals).toMatchObject([{ nodeUID: protectedNode.metadata.uid, state: 'Gone' }]))
  })

  test('B6: victims are taken from the fullest zone, and rebalancing is suspended and resumed', async ({ place }) => {
    const { group, nodes } = await withNodes(place, { sizeOwner: 'Spec', desiredSize: 4 }, { subnetIds: [...subnets] })
    const doubled = nodes.filter((node) => nodes.filter((other) => zoneOf(other) === zoneOf(node)).length === 2)
    expect(doubled).toHaveLength(2)
    const team = new Workload(place.client, place.namespace)
    for (const [index, node] of doubled.entries()) await team.run(`busy-${index}`, node) // by its pods another one would leave
    await scaleTo(place, 3, { subnetIds: [...subnets] })
    const { status } = await group.ready()
    expect(status?.zones?.map(({ running }) => running)).toEqual([1, 1, 1])
    const actions = (await place.cloud.allCalls())
      .filter(({ input }) => String(input['AutoScalingGroupName']).includes(place.inEks()))
      .map(({ action }) => action)
    expect(actions.filter((action) => action.endsWith('Processes'))).toEqual(['SuspendProcesses', 'ResumeProcesses'])
    const told = ['SuspendRebalance', 'ResumeRebalance']
    for (const reason of told) expect(await place.events(group, reason)).toHaveLength(1)
    const { history = [] } = (await group.read()).status ?? {}
    expect(history.flatMap(({ operation }) => (told.includes(operation) ? [operation] : []))).toEqual(told)
  })
})

describe.concurrent('an order names the nodes', () => {
  test('B4: exactly those leave, and each says how far it is', async ({ place }) => {
    const { group, nodes } = await withNodes(place, { sizeOwner: 'Orders', desiredSize: 3 })
    const [, victim] = nodes
    const lift = await new Workload(place.client, place.namespace).runGuarded('guarded', victim)
    await order(place, group, { desiredSize: 2, removals: [victim] })
    const named = { nodeUID: victim.metadata.uid, orderUID: orderUid, instanceId: instanceOf(victim) }
    const blocked = expect.stringMatching(new RegExp(`${place.namespace}/guarded.*PodDisruptionBudget`))
    await group.until(({ status }) => expect(status?.removals).toEqual([expect.objectContaining({ ...named, state: 'Draining', message: blocked })]))
    await lift()
    await group.until(({ status }) => expect(status?.removals).toMatchObject([{ ...named, state: 'Gone' }]))
    const left = await place.nodesOf(place.inEks())
    expect(left.map(({ metadata }) => metadata.uid)).not.toContain(victim.metadata.uid)
    expect(left).toHaveLength(2)
    await order(place, group, { desiredSize: 2, removals: [] })
    await group.until(({ status }) => expect(status?.removals).toBeUndefined())
    await group.ready()
  })

  test('B4: one that somebody set aside leaves without another one going', async ({ place }) => {
    const { group, nodes } = await withNodes(place, { sizeOwner: 'Orders', desiredSize: 3 })
    const [, victim] = nodes
    await instanceIds(place)
    const { cloud } = place
    const name = (await cloud.needGroup(place.inEks())).scaling?.name
    const client = new AutoScalingClient({ region, endpoint: cloud.url, credentials: credentialsOf(account) })
    await client.send(new EnterStandbyCommand({ AutoScalingGroupName: name, InstanceIds: [instanceOf(victim)], ShouldDecrementDesiredCapacity: true }))
    client.destroy()
    await order(place, group, { desiredSize: 2, removals: [victim] })
    await group.until(({ status }) => expect(status?.removals).toMatchObject([{ nodeUID: victim.metadata.uid, state: 'Gone' }]))
    expect((await cloud.needGroup(place.inEks())).scaling).toMatchObject({ desiredSize: 2 })
    expect((await scalingWrites(place)).filter(({ action }) => action === 'TerminateInstanceInAutoScalingGroup')).toMatchObject([
      { input: { InstanceId: instanceOf(victim), ShouldDecrementDesiredCapacity: false } },
    ])
  })

  test('below the minimum nothing is touched, and the reason says what to do', async ({ place }) => {
    const { group, nodes } = await withNodes(place, { sizeOwner: 'Orders', desiredSize: 2, minSize: 2 })
    const [victim] = nodes
    await order(place, group, { desiredSize: 2, removals: [victim] })
    await group.until(({ status }) => expect(status?.removals).toMatchObject([{ state: 'Refused', message: expect.stringContaining('minSize 2') }]))
    await group.condition('InSync', { status: 'False', reason: 'RemovalRefused' })
    const after = (await place.nodesOf(place.inEks())).find(({ metadata }) => metadata.uid === victim.metadata.uid)
    expect(after === undefined ? ['gone'] : marksOf(after)).toEqual([])
    await order(place, group, { desiredSize: 2, removals: [] })
    await group.ready()
  })
})

describe.concurrent('capacity that has not arrived', () => {
  test('B5: what runs is protected while the number goes down, and the protection comes off', async ({ place }) => {
    const { group } = await withNodes(place, { sizeOwner: 'Spec', desiredSize: 1 }, { instanceTypes: ['m6i.2xlarge'] })
    await instanceIds(place)
    const lift = await place.cloud.fault({ effect: 'NoCapacity', match: { instanceType: 'm6i.2xlarge' } })
    await scaleTo(place, 3, { instanceTypes: ['m6i.2xlarge'] })
    await group.until(({ status }) => expect(status?.scaling?.desiredSize).toBe(3))
    await scaleTo(place, 1, { instanceTypes: ['m6i.2xlarge'] })
    await group.until(({ status }) => {
      expect(status?.scaling?.desiredSize).toBe(1)
      expect(status?.withdrawal).toBeUndefined()
    })
    const writes = await scalingWrites(place)
    expect(writes.map(({ action, input }) => [action, input['ProtectedFromScaleIn'] ?? input['DesiredCapacity']])).toEqual([
      ['SetInstanceProtection', true],
      ['SetDesiredCapacity', 1],
      ['SetInstanceProtection', false],
    ])
    expect(await place.nodesOf(place.inEks())).toHaveLength(1)
    const { conditions = [] } = (await group.read()).status ?? {}
    expect(conditions.find(({ type }) => type === 'NodesReady')).toMatchObject({ status: 'True' })
    await lift()
  })
})

// It moves the clock of the cloud, which the others share.
describe('zones that a withdrawal leaves uneven', () => {
  test('B6: AWS does not even them by ending a node that nobody drained, and rebalances again once they are even', async ({ place }) => {
    const instanceType = 'm6i.4xlarge'
    const shape = { instanceTypes: [instanceType], subnetIds: [...subnets] }
    const { cloud } = place
    const short = await cloud.fault({ effect: 'NoCapacity', match: { instanceType, zone: 'us-west-2c' } })
    const group = await place.have({ ...shape, scaling: { sizeOwner: 'Spec', desiredSize: 3 } })
    // not Ready: AZRebalance soon finds no room in the third zone, and EKS says DEGRADED
    await group.until(({ status }) => expect(status?.nodes?.summary).toBe('3/3'))
    const nodes = await place.nodesOf(place.inEks())
    const suspended = async (): Promise<readonly string[]> => {
      const [now] = await cloud.console.scalingGroups.describe([(await cloud.needGroup(place.inEks())).scaling?.name ?? ''], { signal })
      return now?.suspendedProcesses ?? []
    }
    const none = await cloud.fault({ effect: 'NoCapacity', match: { instanceType } })
    await scaleTo(place, 5, shape)
    await group.until(({ status }) => expect(status?.scaling?.desiredSize).toBe(5))
    await scaleTo(place, 3, shape)
    await group.until(({ status }) => {
      expect(status?.scaling?.desiredSize).toBe(3)
      expect(status?.withdrawal).toBeUndefined()
    })
    await none()
    await short()
    await cloud.clock({ advanceSeconds: 900 })
    expect((await cloud.needGroup(place.inEks())).scaling?.instanceIds.toSorted()).toEqual(nodes.map(instanceOf).toSorted())
    expect(await suspended()).toEqual(['AZRebalance'])
    await scaleTo(place, 4, shape)
    await group.until(({ status }) => {
      expect(status?.zones?.map(({ running }) => running).toSorted()).toEqual([1, 1, 2])
      expect(status?.rebalance).toBeUndefined()
    })
    expect(await suspended()).toEqual([])
  })
})
