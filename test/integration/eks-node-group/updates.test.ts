import { describe, expect } from 'vitest'
import type { EksNodeGroup } from '../../../src/crds/eks-node-group.ts'
import type { Node } from '../../../src/kube/objects.ts'
import { type GroupSpec, aTargetCluster, anEksNodeGroup } from '../../support/builders.ts'
import { dayMs, weekdayOf } from '../../support/days.ts'
import { eventually } from '../../support/eventually.ts'
import { instanceOf } from '../../support/order.ts'
import type { Call } from '../../support/simulator.ts'
import type { Subject } from '../../support/subject.ts'
import { fallSilent } from '../../support/silent-node.ts'
import { Workload } from '../../support/workload.ts'
import { type Place, test } from '../../support/world.ts'

const { signal } = new AbortController()

/** Releases that the simulator has for the version of its cluster. */
const release = { old: '1.36.2-20260616', next: '1.36.2-20260714', unknown: '1.36.9-20990101' } as const
const inWords = `releaseVersion ${release.old} → ${release.next}`

async function started(place: Place): Promise<readonly Call[]> {
  return await place.cloud.calls(place.inEks(), { action: 'UpdateNodegroupVersion' })
}

/** A group of the old release that is Ready. */
async function old(place: Place, spec: GroupSpec = {}): Promise<Subject<EksNodeGroup>> {
  const group = await place.have({ releaseVersion: release.old, ...spec, scaling: { sizeOwner: 'Spec', desiredSize: 1, ...spec.scaling } })
  await group.ready()
  return group
}

async function wish(place: Place, spec: GroupSpec = {}): Promise<EksNodeGroup> {
  const whole: GroupSpec = {
    nodeGroupName: place.inEks(),
    releaseVersion: release.next,
    ...spec,
    scaling: { sizeOwner: 'Spec', desiredSize: 1, ...spec.scaling },
  }
  return await place.group(place.namespace, 'workers').apply(anEksNodeGroup(whole))
}

async function instances(place: Place): Promise<readonly (string | undefined)[]> {
  return (await place.nodesOf(place.inEks())).map(({ spec }) => spec.providerID)
}

async function reasonOf(group: Subject<EksNodeGroup>): Promise<string | undefined> {
  return (await group.read()).status?.conditions?.find(({ type }) => type === 'UpToDate')?.reason
}

/** Does what makes EKS begin an update, and waits until the object says what is expected of it: else it could be over before anybody looks. */
async function seenRunning(place: Place, expected: Parameters<Subject<EksNodeGroup>['condition']>[1], begin: () => Promise<unknown>): Promise<void> {
  await place.cloud.clock({ pause: true })
  try {
    await begin()
    await place.group(place.namespace, 'workers').condition('UpToDate', { status: 'False', ...expected })
  } finally {
    await place.cloud.clock({ resume: true })
  }
}

const automatic = { update: { approval: 'Automatic' } } as const

// One after the other: they stop the clock of the cloud, or change the target.
describe('an update that the spec asks for', () => {
  test('B7: it waits for consent to this generation, runs once, and says that it cannot be stopped', async ({ place }) => {
    const group = await old(place)
    const before = await instances(place)
    const { metadata } = await wish(place)
    const line = `kubectl annotate eksnodegroup workers -n ${place.namespace} --overwrite tidegate.io/approve-update=${metadata.generation}`
    await group.condition('UpToDate', { status: 'False', reason: 'WaitingForApproval', says: [inWords, 'cannot be stopped', line] })
    await group.annotate({ 'approve-update': 'yes' })
    expect(await place.events(group, 'AnnotationUnclear')).toEqual([expect.stringContaining('approve-update is "yes", which is no generation')])
    await group.annotate({ 'approve-update': String((metadata.generation ?? 0) + 1) })
    await group.condition('UpToDate', { reason: 'WaitingForApproval', says: [`the object is at ${metadata.generation}`] })
    expect(await place.events(group, 'ApprovalUnclear')).toHaveLength(1)
    expect(await started(place)).toEqual([])
    const approve = async (): Promise<void> => await group.annotate({ 'approve-update': String(metadata.generation) })
    await seenRunning(place, { reason: 'UpdateRunning', says: ['cannot be stopped once started'] }, approve)
    const { status } = await group.ready()
    expect(status).toMatchObject({ releaseVersion: release.next, nodes: { summary: '1/1' } })
    expect(status?.update).toBeUndefined()
    expect(status?.history?.at(-1)).toMatchObject({
      operation: 'UpdateVersion',
      from: `releaseVersion ${release.old}`,
      to: `releaseVersion ${release.next}`,
      outcome: 'Succeeded',
    })
    expect((await started(place)).map(({ input }) => [input['releaseVersion'], input['force']])).toEqual([[release.next, undefined]])
    expect(await instances(place)).not.toEqual(before)
  })

  test('B7: what EKS adds and takes while it updates is no reason to remove or to size anything', async ({ place }) => {
    const group = await old(place, { scaling: { desiredSize: 2 } })
    const team = new Workload(place.client, place.namespace)
    const nodes = (await place.nodesOf(place.inEks())) as [Node, Node]
    const before = nodes.map(instanceOf)
    await team.run('web', nodes[0])
    await seenRunning(place, { reason: 'UpdateRunning' }, async () => await wish(place, { ...automatic, scaling: { desiredSize: 2 } }))
    const { status } = await group.ready()
    expect(status?.history?.map(({ operation }) => operation)).not.toContain('RemoveNode')
    expect(status?.scaling).toMatchObject({ desiredSize: 2 })
    const writes = (await place.cloud.calls(place.inEks(), { access: 'write' })).map(({ action }) => action)
    expect(writes).toEqual(['CreateNodegroup', 'UpdateNodegroupConfig', 'UpdateNodegroupVersion'])
    const { scaling } = await place.cloud.needGroup(place.inEks())
    const names = new Set([scaling?.name, ...before, ...(scaling?.instanceIds ?? [])])
    const ofScaling = (await place.cloud.allCalls()).filter(({ service, access }) => service === 'autoscaling' && access === 'write')
    expect(ofScaling.filter(({ input }) => names.has(String(input['AutoScalingGroupName'] ?? input['InstanceId'])))).toEqual([])
  })

  test('B7: one that failed names the pods in the way, and is repeated by a new retry alone', async ({ place }) => {
    const group = await old(place)
    const [node] = (await place.nodesOf(place.inEks())) as [Node]
    const lift = await new Workload(place.client, place.namespace).runGuarded('guarded', node)
    await seenRunning(place, { reason: 'UpdateRunning' }, async () => await wish(place, automatic))
    await wish(place, { ...automatic, scaling: { minSize: 1 } }) // waits, and does not make it forgotten
    const says = ['PodEvictionFailure', node.metadata.name, `${place.namespace}/guarded`, 'tidegate.io/retry=']
    await group.condition('UpToDate', { status: 'False', reason: 'UpdateFailed', says })
    await lift()
    await wish(place, { ...automatic, scaling: { minSize: 1, maxSize: 6 } }) // another generation, and the same wish
    await group.until(({ status }) => expect(status?.scaling?.maxSize).toBe(6))
    await group.condition('UpToDate', { reason: 'UpdateFailed' })
    expect(await started(place)).toHaveLength(1)
    await group.annotate({ retry: 'again' })
    await group.ready()
    expect(await started(place)).toHaveLength(2)
    const { status } = await group.read()
    expect(status?.history?.filter(({ operation }) => operation === 'UpdateVersion').map(({ outcome }) => outcome.slice(0, 26))).toEqual([
      'Failed: PodEvictionFailure',
      'Succeeded',
    ])
  })

  test('B7: it starts inside a window alone, and says when that opens', async ({ place }) => {
    const group = await old(place)
    const far = new Date(Date.parse((await group.read()).metadata.creationTimestamp ?? '') + 3 * dayMs)
    const day = weekdayOf(far)
    await place.target('demo').apply(aTargetCluster({ windows: [{ days: [day], start: '02:00', end: '03:00' }] } as never))
    try {
      await wish(place, automatic)
      await group.condition('UpToDate', { status: 'False', reason: 'WaitingForWindow', says: [`${far.toISOString().slice(0, 10)}T02:00:00Z`] })
      expect(await started(place)).toEqual([])
    } finally {
      await place.target('demo').apply(aTargetCluster())
    }
    await group.ready()
    expect(await started(place)).toHaveLength(1)
  })

  test('B7: it takes a place of the target’s budget: where there is one, the second of two groups waits until the first is done', async ({ place }) => {
    const names = ['one', 'two']
    const scaling = { sizeOwner: 'Spec', desiredSize: 1 } as const
    const groups = await Promise.all(names.map(async (name) => await place.have({ releaseVersion: release.old, scaling }, name)))
    await Promise.all(groups.map(async (group) => await group.ready()))
    await place.target('demo').apply(aTargetCluster({ budget: { maxConcurrentDrains: 1 } }))
    await place.target('demo').ready()
    await place.cloud.clock({ pause: true }) // else the first could be over before anybody looks
    try {
      await Promise.all(names.map(async (name) => await place.have({ releaseVersion: release.next, ...automatic, scaling }, name)))
      const second = await eventually(async () => {
        const held = await Promise.all(groups.map(async (group) => (await reasonOf(group)) === 'UpdateHeldBack'))
        const [waiting, ...others] = groups.filter((_, index) => held[index])
        if (waiting === undefined || others.length > 0) throw new Error('not one of the two waits')
        return waiting
      })
      const first = groups.find((group) => group !== second) ?? second
      const says = [inWords, `groups updated (${place.namespace}/${first.key.name})`, 'budget.maxConcurrentDrains allows (1)']
      await second.condition('UpToDate', { status: 'False', reason: 'UpdateHeldBack', says })
      await place.cloud.clock({ resume: true })
      const { status } = await second.until((object) => expect(object.status?.operation?.kind).toBe('UpdateVersion'))
      const done = (await first.read()).status?.history?.find(({ operation }) => operation === 'UpdateVersion')
      expect(done).toMatchObject({ outcome: 'Succeeded' })
      expect(Date.parse(status?.operation?.startedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(done?.time ?? ''))
      await second.until((object) => expect(object.status?.releaseVersion).toBe(release.next))
    } finally {
      await place.cloud.clock({ resume: true })
      await place.target('demo').apply(aTargetCluster())
    }
  })
})

describe.concurrent('an update that nothing has to be held still for', () => {
  test('B7: by itself it is not begun while a node is not Ready, and a person may begin it all the same', async ({ place }) => {
    const group = await old(place, { scaling: { desiredSize: 2 } })
    const [node] = (await place.nodesOf(place.inEks())) as [Node]
    await fallSilent(place, node)
    await group.condition('NodesReady', { status: 'False', reason: 'NodeNotReady' })
    const { metadata } = await wish(place, { ...automatic, scaling: { desiredSize: 2 } })
    await group.condition('UpToDate', { status: 'False', reason: 'UpdateHeldBack', says: [node.metadata.name] })
    expect(await started(place)).toEqual([])
    await group.annotate({ 'approve-update': String(metadata.generation) })
    await group.ready()
    expect(await started(place)).toHaveLength(1)
  })

  test('A3: settings come first, in a request of their own', async ({ place }) => {
    const group = await old(place)
    await wish(place, { ...automatic, labels: { pool: 'workers' } })
    await group.ready()
    const writes = (await place.cloud.calls(place.inEks(), { access: 'write' })).slice(2)
    expect(writes.map(({ action }) => action)).toEqual(['UpdateNodegroupConfig', 'UpdateNodegroupVersion'])
  })

  test('A2: the answer gets lost, and it is started once all the same', async ({ place }) => {
    const group = await old(place)
    const lift = await place.cloud.groupFault(place.inEks(), { action: 'UpdateNodegroupVersion', effect: 'DropResponse', times: 4 })
    await wish(place, automatic)
    await group.ready()
    await lift()
    const { nodeGroups } = place.cloud.console
    const ids = await nodeGroups.listUpdates('demo', place.inEks(), { signal })
    const all = await Promise.all(ids.map(async (id) => await nodeGroups.describeUpdate('demo', place.inEks(), id, { signal })))
    expect(all.filter((update) => update?.type === 'VersionUpdate')).toHaveLength(1)
    expect((await group.read()).status?.history?.at(-1)).toMatchObject({ operation: 'UpdateVersion', outcome: 'Succeeded' })
  })

  test('what EKS refuses says so, and starts nothing', async ({ place }) => {
    const group = await old(place)
    await wish(place, { ...automatic, releaseVersion: release.unknown })
    await group.condition('Stalled', { status: 'True', reason: 'RefusedByAws', says: [release.unknown] })
    const says = [release.unknown, 'has not begun, since AWS refuses it', 'Correct what AWS names', 'tidegate.io/retry=']
    await group.condition('UpToDate', { status: 'False', reason: 'UpdateBarred', says })
    await wish(place, { releaseVersion: release.old })
    await group.ready()
    expect((await group.read()).status?.update).toBeUndefined()
    expect((await started(place)).filter(({ error }) => error === undefined)).toEqual([])
  })

  test('B7: nobody is asked to agree to a version that EKS would refuse, and it is not asked for', async ({ place }) => {
    const group = await place.have({ scaling: { sizeOwner: 'Spec', desiredSize: 1 } })
    await group.ready()
    const wished = async (spec: GroupSpec): Promise<void> => {
      await group.apply(anEksNodeGroup({ nodeGroupName: place.inEks(), scaling: { sizeOwner: 'Spec', desiredSize: 1 }, ...spec }))
    }
    await wished({ version: '1.37' })
    const newer = ['version 1.36 → 1.37', 'cluster, which has 1.36', 'update the cluster to 1.37 first']
    await group.condition('UpToDate', { status: 'False', reason: 'UpdateBarred', says: newer })
    const { metadata } = await group.read()
    await group.annotate({ 'approve-update': String(metadata.generation) })
    await wished({ version: '1.35', ...automatic })
    const older = ['version 1.36 → 1.35', 'this one has 1.36', 'set spec.version to 1.36']
    await group.condition('UpToDate', { status: 'False', reason: 'UpdateBarred', says: older })
    await wished({ version: '1.36' })
    const { status } = await group.ready()
    expect(status?.update).toBeUndefined()
    expect(await started(place)).toEqual([])
  })
})

test('B7: while EKS runs an update that somebody else started, it is called theirs and nothing is sent', async ({ place }) => {
  const group = await place.have({ scaling: { sizeOwner: 'Spec', desiredSize: 1 } })
  await group.ready()
  const { nodeGroups } = place.cloud.console
  await seenRunning(place, { reason: 'Updating', says: ['somebody else'] }, async () => {
    await nodeGroups.updateVersion('demo', place.inEks(), { version: '1.36' }, { token: place.inEks(), signal })
    await group.apply(anEksNodeGroup({ nodeGroupName: place.inEks(), labels: { pool: 'workers' }, scaling: { sizeOwner: 'Spec', desiredSize: 2 } }))
  })
  const { status } = await group.ready()
  expect(status).toMatchObject({ nodes: { summary: '2/2' } })
  const refused = (await place.cloud.calls(place.inEks(), { access: 'write' })).filter(({ error }) => error !== undefined)
  expect(refused).toEqual([])
})
