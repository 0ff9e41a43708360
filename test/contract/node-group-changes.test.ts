import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { NodeGroup, NodeGroupCreation } from '../../src/aws/eks/port.ts'
import type { Aws } from '../../src/aws/ports.ts'
import { testAws } from '../integration/aws/support.ts'
import { nodeRole, type SimulatedAws, startSimulatedAws, subnets } from './simulated-aws.ts'

const { signal } = new AbortController()
const older = '1.36.2-20260616'
const newer = '1.36.2-20260714'

let cloud: SimulatedAws
let aws: Aws
let account = 640_000_000_000
let tokens = 0

beforeAll(async () => {
  cloud = await startSimulatedAws()
})
afterAll(async () => {
  await cloud.simulator.close()
})
beforeEach(() => {
  account += 1
  aws = testAws(cloud.simulator.url, { credentials: async () => await Promise.resolve(cloud.clientConfig(String(account)).credentials) }).aws
})
afterEach(async () => {
  await aws.close()
})

const write = () => {
  tokens += 1
  return { signal, token: `token-${tokens}` }
}

async function made(more: Partial<NodeGroupCreation> = {}): Promise<void> {
  const scaling = { minSize: 0, maxSize: 5, desiredSize: 0 }
  const creation = { name: 'workers', subnetIds: subnets, nodeRoleArn: nodeRole(String(account)), scaling, tags: {}, releaseVersion: older, ...more }
  await aws.nodeGroups.create('demo', creation, write())
  await cloud.advance(120)
}

async function now(): Promise<NodeGroup> {
  const found = await aws.nodeGroups.describe('demo', 'workers', { signal })
  if (found === undefined) throw new Error('no node group')
  return found
}

/** The inputs of the calls that changed the node group, without what names it. */
async function sent(action: string): Promise<readonly object[]> {
  const { calls } = (await cloud.get(`calls?account=${account}&service=eks`)) as {
    readonly calls: readonly { readonly action: string; readonly input: object }[]
  }
  return calls
    .filter((call) => call.action === action)
    .map(({ input }) => Object.fromEntries(Object.entries(input).filter(([key]) => !['clusterName', 'nodegroupName', 'clientRequestToken'].includes(key))))
}

describe('A3: a change of configuration', () => {
  it('of labels and taints sends those alone, and leaves the count of another owner', async () => {
    await made({ labels: { tier: 'web', old: 'x' }, taints: [{ key: 'old', value: 'x', effect: 'NoExecute' }] })
    const [group = ''] = (await now()).autoScalingGroups
    await aws.scalingGroups.setDesiredCapacity(group, 2, { signal })
    const change = {
      labels: { set: { tier: 'gpu' }, remove: ['old'] },
      taints: { set: [{ key: 'dedicated', effect: 'NoSchedule' }], remove: [{ key: 'old', value: 'x', effect: 'NoExecute' }] },
    } as const
    const id = await aws.nodeGroups.updateConfig('demo', 'workers', change, write())
    expect(await sent('UpdateNodegroupConfig')).toEqual([
      {
        labels: { addOrUpdateLabels: { tier: 'gpu' }, removeLabels: ['old'] },
        taints: { addOrUpdateTaints: [{ key: 'dedicated', effect: 'NO_SCHEDULE' }], removeTaints: [{ key: 'old', value: 'x', effect: 'NO_EXECUTE' }] },
      },
    ])
    await cloud.advance(120)
    expect(await aws.nodeGroups.describeUpdate('demo', 'workers', id ?? '', { signal })).toMatchObject({ state: 'Successful' })
    expect(await now()).toMatchObject({ labels: { tier: 'gpu' }, taints: [{ key: 'dedicated', effect: 'NoSchedule' }] })
    expect((await aws.scalingGroups.describe([group], { signal }))[0]?.desiredCapacity).toBe(2)
  })

  it('of how nodes are rolled and repaired is described as it was asked for', async () => {
    await made({ update: { maxUnavailable: 2 }, nodeRepair: { enabled: false } })
    expect(await now()).toMatchObject({ update: { maxUnavailable: 2 }, nodeRepair: { enabled: false } })
    const nodeRepair = { enabled: true, maxUnhealthyNodeThresholdPercentage: 30, maxParallelNodesRepairedCount: 1 }
    await aws.nodeGroups.updateConfig('demo', 'workers', { update: { maxUnavailablePercentage: 25, strategy: 'Minimal' }, nodeRepair }, write())
    await cloud.advance(120)
    const { update, nodeRepair: shown } = await now()
    expect(update).toEqual({ maxUnavailablePercentage: 25, strategy: 'Minimal' })
    expect(shown).toEqual(nodeRepair)
  })

  it('of nothing is not sent', async () => {
    await made()
    expect(await aws.nodeGroups.updateConfig('demo', 'workers', { labels: { set: {}, remove: [] } }, write())).toBeUndefined()
    expect(await sent('UpdateNodegroupConfig')).toEqual([])
  })

  it('waits while another runs, and is the same one when its answer was lost', async () => {
    await made()
    await cloud.post('faults', { account: String(account), service: 'eks', action: 'UpdateNodegroupConfig', effect: 'DropResponse', times: 1 })
    const change = { labels: { set: { a: 'b' }, remove: [] } }
    const id = await aws.nodeGroups.updateConfig('demo', 'workers', change, write())
    expect(await aws.nodeGroups.listUpdates('demo', 'workers', { signal })).toEqual([id])
    expect(await sent('UpdateNodegroupConfig')).toHaveLength(2)
    await expect(aws.nodeGroups.updateConfig('demo', 'workers', change, write())).rejects.toMatchObject({ kind: 'Busy', reason: 'NodeGroupBusy' })
    await expect(aws.nodeGroups.updateConfig('demo', 'gone', change, write())).rejects.toMatchObject({ kind: 'NotFound', reason: 'NodeGroupNotFound' })
  })
})

describe('B7: a version update', () => {
  it('sends what is given, takes the node group to its release, and lets nothing else run', async () => {
    await made()
    const id = await aws.nodeGroups.updateVersion('demo', 'workers', { releaseVersion: newer, force: true }, write())
    expect(await sent('UpdateNodegroupVersion')).toEqual([{ releaseVersion: newer, force: true }])
    expect(await now()).toMatchObject({ state: 'Updating' })
    await expect(aws.nodeGroups.updateVersion('demo', 'workers', {}, write())).rejects.toMatchObject({ kind: 'Busy', reason: 'NodeGroupBusy' })
    await expect(aws.nodeGroups.updateScaling('demo', 'workers', { desiredSize: 1 }, write())).rejects.toMatchObject({ kind: 'Busy' })
    await cloud.advance(3600)
    expect(await aws.nodeGroups.describeUpdate('demo', 'workers', id ?? '', { signal })).toMatchObject({ state: 'Successful' })
    expect(await now()).toMatchObject({ state: 'Active', releaseVersion: newer })
  })

  it('P10: whose answer was lost is not sent again by itself, and not begun twice', async () => {
    await made()
    await cloud.post('faults', { account: String(account), service: 'eks', action: 'UpdateNodegroupVersion', effect: 'DropResponse', times: 1 })
    const same = write()
    // Not by the SDK, on a word that may be taken back by then: whoever asks again has asked for a new one.
    await expect(aws.nodeGroups.updateVersion('demo', 'workers', { releaseVersion: newer }, same)).rejects.toMatchObject({ kind: 'Unavailable' })
    expect(await sent('UpdateNodegroupVersion')).toHaveLength(1)
    const id = await aws.nodeGroups.updateVersion('demo', 'workers', { releaseVersion: newer }, same)
    expect(await aws.nodeGroups.listUpdates('demo', 'workers', { signal })).toEqual([id])
  })

  it.each([
    ['an unknown release', { releaseVersion: '1.36.9-20991231' }],
    ['a version above the cluster’s', { version: '1.37' }],
    ['a template where the group has none', { launchTemplate: { name: 'own', version: '1' } }],
  ])('to %s is refused', async (_, change) => {
    await made()
    await expect(aws.nodeGroups.updateVersion('demo', 'workers', change, write())).rejects.toMatchObject({ kind: 'Invalid', reason: 'RefusedByAws' })
    expect(await aws.nodeGroups.listUpdates('demo', 'workers', { signal })).toEqual([])
  })

  it('back to an older release is refused', async () => {
    await made({ releaseVersion: newer })
    await expect(aws.nodeGroups.updateVersion('demo', 'workers', { releaseVersion: older }, write())).rejects.toMatchObject({ reason: 'RefusedByAws' })
  })

  it('of a group whose Auto Scaling group somebody deleted says what is wrong first', async () => {
    await made()
    await cloud.post('orders', { account: String(account), order: 'DeleteScalingGroup', cluster: 'demo', nodegroup: 'workers' })
    await cloud.advance(120)
    await expect(aws.nodeGroups.updateVersion('demo', 'workers', { releaseVersion: newer }, write())).rejects.toMatchObject({
      kind: 'Invalid',
      reason: 'NodeGroupUnhealthy',
    })
  })

  it('is among what the policy of the operator allows, as changes of configuration are', async () => {
    await made()
    const policy = JSON.parse(await readFile(join(import.meta.dirname, '../../config/iam/policy.json'), 'utf8')) as object
    await cloud.post('policy', { account: String(account), policy })
    await aws.nodeGroups.updateConfig('demo', 'workers', { update: { maxUnavailable: 2 } }, write())
    await cloud.advance(120)
    await aws.nodeGroups.updateVersion('demo', 'workers', { releaseVersion: newer }, write())
    expect(await now()).toMatchObject({ state: 'Updating', update: { maxUnavailable: 2 } })
  })
})
