import { CreateNodegroupCommand, DeleteNodegroupCommand, EKSClient, UpdateNodegroupConfigCommand } from '@aws-sdk/client-eks'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, expect, inject, it, vi } from 'vitest'
import { loadKubeConfig } from '../../../src/kube/cluster-access.ts'
import { type Connection, connect } from '../../../src/kube/connection.ts'
import type { Node } from '../../../src/kube/objects.ts'
import { resources } from '../../../src/kube/resource.ts'
import { RestClient } from '../../../src/kube/rest.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { systemRandom } from '../../../src/lib/random.ts'
import { createMetrics } from '../../../src/observability/metrics.ts'
import { type Simulator, startSimulator } from '../../../src/simulator/start.ts'

const { signal } = new AbortController()
const within = { timeout: 30_000, interval: 100 }

let connection: Connection
let kube: RestClient
let simulator: Simulator
/** Other files of a run share the plane: these accounts are this file's. */
let account = String(Math.floor(10 ** 11 + systemRandom.next() * 8 * 10 ** 11))
let eks: EKSClient

async function start(): Promise<Simulator> {
  return await startSimulator({ clock: systemClock, random: systemRandom, log: pino({ level: 'silent' }), speed: 600, kube: new Map([['demo', kube]]) })
}

beforeAll(async () => {
  connection = connect(await loadKubeConfig({ path: inject('controlPlane').identities.admin }))
  kube = new RestClient({ connection, clock: systemClock, metrics: createMetrics() })
  simulator = await start()
})
afterAll(async () => {
  await simulator.close()
  await connection.close()
})
beforeEach(() => {
  account = String(Number(account) + 1)
  eks = client()
  // a simulator that starts again gives out the same addresses, and so the same names
  return async () => {
    const answer = await fetch(`${simulator.url}/_simulator/reset`, { method: 'POST', body: JSON.stringify({ account }) })
    expect(answer.status).toBe(200)
    await expectNodes(0)
  }
})

function client(): EKSClient {
  return new EKSClient({ endpoint: simulator.url, region: 'us-west-2', credentials: { accessKeyId: account, secretAccessKey: 'any' } })
}

const group = { clusterName: 'demo', nodegroupName: 'joining' }

async function createGroup(desiredSize: number): Promise<void> {
  await eks.send(
    new CreateNodegroupCommand({
      ...group,
      subnets: ['subnet-0a1b2c3d4e5f60001', 'subnet-0a1b2c3d4e5f60002'],
      nodeRole: `arn:aws:iam::${account}:role/demo-node`,
      instanceTypes: ['m6i.4xlarge'],
      scalingConfig: { minSize: 0, maxSize: 5, desiredSize },
      labels: { pool: 'workers' },
      taints: [{ key: 'dedicated', value: 'training', effect: 'NO_SCHEDULE' }],
    }),
  )
}

/** The Nodes that this test's account has joined. */
async function joined(): Promise<readonly Node[]> {
  const { items } = await kube.list<Node>(resources.nodes, { signal, labelSelector: 'eks.amazonaws.com/nodegroup=joining' })
  return items.filter(({ metadata }) => metadata.annotations?.['simulator.tidegate.io/place'] === `${account}/us-west-2/demo`)
}

async function expectNodes(count: number): Promise<readonly Node[]> {
  return await vi.waitFor(async () => {
    const nodes = await joined()
    expect(nodes).toHaveLength(count)
    return nodes
  }, within)
}

function isReady(node: Node): boolean {
  return node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
}

it('joins nodes that become Ready, with what an EKS node carries, and removes them with their instances', async () => {
  await createGroup(2)
  const [node] = await vi.waitFor(async () => {
    const nodes = await expectNodes(2)
    expect(nodes.every(isReady)).toBe(true)
    return nodes
  }, within)
  expect(node?.spec.providerID).toMatch(/^aws:\/\/\/us-west-2[ab]\/i-0[0-9a-f]{16}$/)
  expect(node?.metadata.name).toMatch(/^ip-10-\d+-\d+-\d+\.us-west-2\.compute\.internal$/)
  expect(node?.metadata.labels).toMatchObject({
    pool: 'workers',
    'node.kubernetes.io/instance-type': 'm6i.4xlarge',
    'topology.kubernetes.io/region': 'us-west-2',
    'eks.amazonaws.com/capacityType': 'ON_DEMAND',
  })
  expect(node?.spec.taints).toContainEqual({ key: 'dedicated', value: 'training', effect: 'NoSchedule' })
  expect(node?.status?.capacity).toMatchObject({ cpu: '16', pods: '110' })
  expect(node?.status?.allocatable).toMatchObject({ cpu: '15890m' })
  expect(node?.status?.nodeInfo?.kubeletVersion).toMatch(/^v1\.36\.2-eks-/)
  await vi.waitFor(async () => {
    await eks.send(new UpdateNodegroupConfigCommand({ ...group, scalingConfig: { desiredSize: 1 } }))
  }, within)
  await expectNodes(1)
  await eks.send(new DeleteNodegroupCommand(group)).catch(async () => {
    await vi.waitFor(async () => {
      await eks.send(new DeleteNodegroupCommand(group))
    }, within)
  })
  await expectNodes(0)
})

it('puts changed labels and taints of the group on its nodes and leaves those of others', async () => {
  await createGroup(1)
  const [node] = await expectNodes(1)
  const name = node?.metadata.name ?? ''
  const value = [...(node?.spec.taints ?? []), { key: 'tidegate.io/leaving', value: 'u', effect: 'NoSchedule' }]
  await kube.jsonPatch(resources.nodes, { name }, [{ op: 'replace', path: '/spec/taints', value }], { fieldManager: 'test', signal })
  const labels = { addOrUpdateLabels: { team: 'red' }, removeLabels: ['pool'] }
  const taints = { removeTaints: [{ key: 'dedicated', value: 'training', effect: 'NO_SCHEDULE' as const }] }
  await vi.waitFor(async () => {
    await eks.send(new UpdateNodegroupConfigCommand({ ...group, labels, taints }))
  }, within)
  await vi.waitFor(async () => {
    const changed = await kube.get<Node>(resources.nodes, { name }, { signal })
    expect(changed.metadata.labels).toMatchObject({ team: 'red' })
    expect(changed.metadata.labels?.['pool']).toBeUndefined()
    expect(changed.spec.taints?.map(({ key }) => key)).toEqual(['tidegate.io/leaving'])
  }, within)
})

it('joins a node again that somebody deleted, and never touches one that it did not join', async () => {
  const name = `foreign-${account}`
  const foreign = {
    apiVersion: 'v1',
    kind: 'Node',
    // looks like ours in all but the place
    metadata: { name, annotations: { 'kwok.x-k8s.io/node': 'fake' }, labels: { 'eks.amazonaws.com/nodegroup': 'joining' } },
    spec: { providerID: 'aws:///us-west-2a/i-00000000000000000' },
  }
  await kube.create(resources.nodes, foreign, { fieldManager: 'test', signal })
  await createGroup(1)
  const [node] = await expectNodes(1)
  await kube.delete(resources.nodes, { name: node?.metadata.name ?? '' }, { signal })
  await vi.waitFor(async () => {
    const [again] = await joined()
    expect(again?.metadata.uid).toMatch(/./)
    expect(again?.metadata.uid).not.toBe(node?.metadata.uid)
  }, within)
  expect((await kube.get<Node>(resources.nodes, { name }, { signal })).metadata.name).toBe(name)
  await kube.delete(resources.nodes, { name }, { signal })
})

it('clears up after a simulator that died once its account is seen again', async () => {
  await createGroup(1)
  await expectNodes(1)
  await simulator.close()
  expect(await joined()).toHaveLength(1)
  simulator = await start()
  eks = client()
  await vi.waitFor(async () => {
    await createGroup(0).catch(() => undefined)
    expect(await joined()).toHaveLength(0)
  }, within)
})
