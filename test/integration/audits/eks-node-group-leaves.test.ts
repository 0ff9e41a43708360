import { CreateLaunchTemplateCommand, EC2Client } from '@aws-sdk/client-ec2'
import { describe, expect, test as plain } from 'vitest'
import { type EksNodeGroup, eksNodeGroupKind } from '../../../src/crds/eks-node-group.ts'
import { type GroupSpec, anEksNodeGroup, nodeRole, subnets } from '../../support/builders.ts'
import { eventually } from '../../support/eventually.ts'
import { order, orderUid } from '../../support/order.ts'
import { account, credentialsOf, region } from '../../support/simulator.ts'
import type { Subject } from '../../support/subject.ts'
import { Workload } from '../../support/workload.ts'
import { type Place, test } from '../../support/world.ts'
import { answered, leavesOf } from './leaves.ts'

const { signal } = new AbortController()

type Seen = (group: Subject<EksNodeGroup>, place: Place) => Promise<unknown>

/** What a change of one field must lead to: a refusal in these words, or what `seen` waits for. */
interface Entry {
  readonly from?: GroupSpec
  /** What has to be there before the group, and whether the group is Ready before the change. */
  readonly given?: (place: Place) => Promise<void>
  readonly notReady?: true
  readonly to: unknown
  readonly refused?: string
  readonly seen?: Seen
}

const template = { id: 'lt-0a1b2c3d4e5f60001', version: '1' }
const waitsForApproval: Seen = async (group) => await group.condition('UpToDate', { status: 'False', reason: 'WaitingForApproval' })
const sent =
  (numbers: Readonly<Record<string, number>>): Seen =>
  async (_group, place) =>
    await eventually(async () => {
      const updates = await place.cloud.calls(place.inEks(), { action: 'UpdateNodegroupConfig' })
      expect(updates.map(({ input }) => input['scalingConfig'])).toContainEqual(expect.objectContaining(numbers))
    })

/** What a configuration update says beside sizes, such as `updateConfig`. */
const configured =
  (config: Readonly<Record<string, unknown>>): Seen =>
  async (_group, place) =>
    await eventually(async () => {
      const updates = await place.cloud.calls(place.inEks(), { action: 'UpdateNodegroupConfig' })
      expect(updates.map(({ input }) => input)).toContainEqual(expect.objectContaining(config))
    })

const tagged =
  (tags: Readonly<Record<string, string>>): Seen =>
  async (_group, place) =>
    await eventually(async () => expect((await place.cloud.needGroup(place.inEks())).tags).toMatchObject(tags))

const repairs = (config: Readonly<Record<string, unknown>>): Seen => configured({ nodeRepairConfig: expect.objectContaining(config) as unknown })

const one: GroupSpec = { scaling: { sizeOwner: 'Spec', desiredSize: 1 } }

/** Lowers the number to 0 while a budget forbids the eviction of the only node's pod; what comes back lifts that. */
async function lowered(group: Subject<EksNodeGroup>, place: Place, scaleDown: GroupSpec['scaleDown']): Promise<() => Promise<void>> {
  const [node] = await place.nodesOf(place.inEks())
  if (node === undefined) throw new Error('the group has no node')
  const lift = await new Workload(place.client, place.namespace).runGuarded('guarded', node)
  await group.apply(anEksNodeGroup({ nodeGroupName: place.inEks(), scaling: { sizeOwner: 'Spec', desiredSize: 0 }, scaleDown }))
  return lift
}

/** The pod that was guarded, whose node may be gone, and with it whoever would end it. */
async function ended(place: Place): Promise<void> {
  await place.kubectl('delete', 'pod', 'guarded', '-n', place.namespace, '--ignore-not-found', '--grace-period=0', '--force')
}

/** The timeout passes, and the node is kept. */
const givenUp: Seen = async (group, place) => {
  const lift = await lowered(group, place, { timeout: '1m', onTimeout: 'Fail' })
  await group.until(({ status }) => expect(status?.removals?.map(({ state }) => state)).toEqual(['Refused']))
  expect(await place.nodesOf(place.inEks())).toHaveLength(1)
  await lift()
  await ended(place)
  await group.annotate({ retry: '1' })
  await group.until(({ status }) => expect(status?.nodes?.summary).toBe('0/0'))
}

const release = '1.36.0-20250101'

/** An update is approved, and starts with these words. */
const updated =
  (input: Readonly<Record<string, unknown>>): Seen =>
  async (group, place) => {
    await group.patch({ op: 'add', path: '/spec/releaseVersion', value: release })
    await eventually(async () => {
      const updates = await place.cloud.calls(place.inEks(), { action: 'UpdateNodegroupVersion' })
      expect(updates.map((call) => call.input)).toContainEqual(expect.objectContaining(input))
    })
  }

const entries: Readonly<Record<string, Entry>> = {
  'targetClusterRef.name': { to: 'other', refused: 'targetClusterRef' },
  nodeGroupName: { to: 'other', refused: 'nodeGroupName' },
  subnetIds: { to: [subnets[1]], refused: 'subnetIds' },
  nodeRoleArn: { to: 'arn:aws:iam::111122223333:role/other', refused: 'nodeRoleArn' },
  instanceTypes: { to: ['m6i.xlarge'], refused: 'instanceTypes' },
  amiType: { to: 'BOTTLEROCKET_x86_64', refused: 'amiType' },
  capacityType: { to: 'Spot', refused: 'capacityType' },
  diskSizeGiB: { to: 30, refused: 'diskSizeGiB' },
  version: { to: '1.35', seen: async (group) => await group.condition('UpToDate', { status: 'False', reason: 'UpdateBarred' }) },
  releaseVersion: { to: release, seen: waitsForApproval },
  'launchTemplate.id': { from: { launchTemplate: template }, notReady: true, to: 'lt-0a1b2c3d4e5f60002', refused: 'another template' },
  'launchTemplate.name': { from: { launchTemplate: { name: 'nodes', version: '1' } }, notReady: true, to: 'others', refused: 'another template' },
  'launchTemplate.version': {
    given: async ({ cloud }) => {
      const client = new EC2Client({ region, endpoint: cloud.url, credentials: credentialsOf(account) })
      await client.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: 'leaves', LaunchTemplateData: { EbsOptimized: true } }))
      client.destroy()
    },
    from: { launchTemplate: { name: 'leaves', version: '1' } },
    to: '2',
    seen: waitsForApproval,
  },
  'scaling.minSize': { to: 1, seen: sent({ minSize: 1 }) },
  'scaling.maxSize': { to: 4, seen: sent({ maxSize: 4 }) },
  'scaling.desiredSize': { from: { scaling: { sizeOwner: 'Spec', desiredSize: 0 } }, to: 1, seen: sent({ desiredSize: 1 }) },
  'scaling.sizeOwner': {
    to: 'External',
    seen: async (group) => await group.until(({ status }) => expect(status?.scaling?.desiredSizeOwner).toBe('External')),
  },
  'scaling.removals': {
    from: { scaling: { desiredSize: 1 } },
    to: [{ nodeUID: orderUid, nodeName: 'ip-10-0-0-1', providerID: 'aws:///us-west-2a/i-0123456789abcdef0', orderUID: orderUid }],
    refused: 'scaling.removals is written by the operator alone',
    seen: async (group, place) => {
      await group.ready()
      const [node] = await place.nodesOf(place.inEks())
      if (node === undefined) throw new Error('the group has no node')
      await order(place, group, { desiredSize: 0, removals: [node] })
      await group.until(({ status }) => expect(status?.removals).toMatchObject([{ nodeUID: node.metadata.uid, orderUID: orderUid, state: 'Gone' }]))
      expect(await place.nodesOf(place.inEks())).toEqual([])
    },
  },
  'scaling.allowLarge': {
    from: { suspend: true, scaling: { minSize: 101, maxSize: 200, allowLarge: true } },
    notReady: true,
    to: false,
    refused: 'allowLarge',
  },
  labels: { to: { team: 'training' }, seen: configured({ labels: { addOrUpdateLabels: { team: 'training' } } }) },
  taints: {
    to: [{ key: 'dedicated', effect: 'NoSchedule' }],
    seen: configured({ taints: { addOrUpdateTaints: [{ key: 'dedicated', effect: 'NO_SCHEDULE' }] } }),
  },
  tags: { to: { team: 'training' }, seen: tagged({ team: 'training' }) },
  'scaleDown.drain': {
    from: one,
    to: 'None',
    seen: async (group, place) => {
      await lowered(group, place, { drain: 'None' })
      await group.ready()
      expect(await place.nodesOf(place.inEks())).toEqual([])
      await ended(place)
    },
  },
  'scaleDown.timeout': { from: { ...one, scaleDown: { timeout: '168h', onTimeout: 'Fail' } }, to: '1m', seen: givenUp },
  'scaleDown.onTimeout': { from: { ...one, scaleDown: { timeout: '1m' } }, to: 'Fail', seen: givenUp },
  'scaleDown.azRebalance': {
    from: { subnetIds: [...subnets], scaling: { sizeOwner: 'Spec', desiredSize: 3 } },
    to: 'Leave',
    seen: async (group, place) => {
      await group.patch({ op: 'replace', path: '/spec/scaling/desiredSize', value: 2 })
      await group.until(({ status }) => expect(status?.nodes?.summary).toBe('2/2'))
      const { scaling } = await place.cloud.needGroup(place.inEks())
      const held = (await place.cloud.allCalls()).filter(
        ({ action, input }) => action === 'SuspendProcesses' && input['AutoScalingGroupName'] === scaling?.name,
      )
      expect(held).toEqual([])
    },
  },
  'update.maxUnavailable': { to: 2, seen: configured({ updateConfig: { maxUnavailable: 2 } }) },
  'update.maxUnavailablePercentage': { to: 50, seen: configured({ updateConfig: { maxUnavailablePercentage: 50 } }) },
  'update.strategy': { to: 'Minimal', seen: configured({ updateConfig: expect.objectContaining({ updateStrategy: 'MINIMAL' }) as unknown }) },
  'update.approval': { to: 'Automatic', seen: updated({ releaseVersion: release }) },
  'update.force': {
    from: { update: { approval: 'Automatic' }, scaleDown: { onTimeout: 'Force' } },
    to: true,
    seen: updated({ releaseVersion: release, force: true }),
  },
  'nodeRepair.enabled': { from: { nodeRepair: {} }, to: true, seen: repairs({ enabled: true }) },
  'nodeRepair.maxUnhealthyNodeThresholdCount': { from: { nodeRepair: {} }, to: 3, seen: repairs({ maxUnhealthyNodeThresholdCount: 3 }) },
  'nodeRepair.maxUnhealthyNodeThresholdPercentage': { from: { nodeRepair: {} }, to: 30, seen: repairs({ maxUnhealthyNodeThresholdPercentage: 30 }) },
  'nodeRepair.maxParallelNodesRepairedCount': { from: { nodeRepair: {} }, to: 2, seen: repairs({ maxParallelNodesRepairedCount: 2 }) },
  'nodeRepair.maxParallelNodesRepairedPercentage': { from: { nodeRepair: {} }, to: 20, seen: repairs({ maxParallelNodesRepairedPercentage: 20 }) },
  'policy.management': { to: 'Observe', seen: async (group) => await group.condition('UpToDate', { status: 'True', reason: 'Observed' }) },
  'policy.adoption': {
    given: async (place) => {
      const creation = { subnetIds: [subnets[0]], nodeRoleArn: nodeRole, scaling: { minSize: 0, maxSize: 5, desiredSize: 0 }, tags: {} }
      await place.cloud.console.nodeGroups.create('demo', { ...creation, name: place.inEks() }, { token: place.inEks(), signal })
      place.leaves()
    },
    notReady: true,
    to: 'AdoptOrCreate',
    seen: async (group) => await group.until(({ status }) => expect(status?.ownership?.origin).toBe('Adopted')),
  },
  'policy.deletion': {
    to: 'Retain',
    seen: async (group, place) => {
      place.leaves()
      await group.delete()
      await group.gone()
      expect(await place.cloud.group(place.inEks())).toMatchObject({ status: 'ACTIVE' })
    },
  },
  suspend: { to: true, seen: async (group) => await group.condition('Paused', { status: 'True', reason: 'Suspended' }) },
}

plain('every field of the spec has an entry here', () => {
  expect(Object.keys(entries).toSorted()).toEqual(leavesOf(eksNodeGroupKind).toSorted())
})

describe.concurrent('a change is refused at apply, or seen', () => {
  test.for(Object.entries(entries))('%s', async ([leaf, { from, given, notReady, to, refused, seen }], { place }) => {
    await given?.(place)
    const group = await place.have(from)
    if (notReady !== true && refused === undefined) await group.ready()
    const change = group.patch({ op: 'add', path: `/spec/${leaf.replaceAll('.', '/')}`, value: to })
    await answered(change, refused)
    await seen?.(group, place)
    if (leaf === 'suspend' || from?.suspend === true) await group.patch({ op: 'add', path: '/spec/suspend', value: false })
    if (leaf === 'policy.management') await group.patch({ op: 'add', path: '/spec/policy/management', value: 'Manage' })
  })
})
