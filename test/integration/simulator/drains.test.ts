import { AutoScalingClient, TerminateInstanceInAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling'
import { CreateNodegroupCommand, DescribeUpdateCommand, EKSClient, UpdateNodegroupVersionCommand } from '@aws-sdk/client-eks'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, expect, inject, it, vi } from 'vitest'
import { loadKubeConfig } from '../../../src/kube/cluster-access.ts'
import { type Connection, connect } from '../../../src/kube/connection.ts'
import { isKubeError } from '../../../src/kube/kube-error.ts'
import type { KubeObject, Node } from '../../../src/kube/objects.ts'
import { type Resource, resources } from '../../../src/kube/resource.ts'
import { RestClient } from '../../../src/kube/rest.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { systemRandom } from '../../../src/lib/random.ts'
import { createMetrics } from '../../../src/observability/metrics.ts'
import { demoScenario } from '../../../src/simulator/scenario/demo.ts'
import { parseScenario } from '../../../src/simulator/scenario/scenario.ts'
import { type Simulator, startSimulator } from '../../../src/simulator/start.ts'

const { signal } = new AbortController()
const within = { timeout: 30_000, interval: 100 }
const budgets: Resource = { group: 'policy', version: 'v1', plural: 'poddisruptionbudgets', kind: 'PodDisruptionBudget', namespaced: true }
/** Nodes are named by address and region: no other file of the run has this one. */
const region = 'ap-south-1'
const subnets = [{ id: 'subnet-0a1b2c3d4e5f60001', zone: 'ap-south-1a' }]
const clusters = [{ name: 'demo', version: '1.36', subnets: ['subnet-0a1b2c3d4e5f60001'] }]
const scenario = parseScenario({ ...demoScenario, region, subnets, clusters })
const group = { clusterName: 'demo', nodegroupName: 'draining' }

let connection: Connection
let kube: RestClient
let simulator: Simulator
let account = String(Math.floor(10 ** 11 + systemRandom.next() * 8 * 10 ** 11))
let eks: EKSClient
let scaling: AutoScalingClient
let namespace: string

beforeAll(async () => {
  connection = connect(await loadKubeConfig({ path: inject('controlPlane').identities.admin }))
  kube = new RestClient({ connection, clock: systemClock, metrics: createMetrics() })
  // 15 simulated minutes are 30 seconds: as long as a test waits for anything
  const kubes = new Map([['demo', kube]])
  simulator = await startSimulator({ scenario, clock: systemClock, random: systemRandom, log: pino({ level: 'silent' }), speed: 30, kube: kubes })
})
afterAll(async () => {
  await simulator.close()
  await connection.close()
})
beforeEach(async () => {
  account = String(Number(account) + 1)
  const config = { endpoint: simulator.url, region, credentials: { accessKeyId: account, secretAccessKey: 'any' } }
  eks = new EKSClient(config)
  scaling = new AutoScalingClient(config)
  namespace = `drains-${account}`
  await kube.create(resources.namespaces, { metadata: { name: namespace } }, { fieldManager: 'test', signal })
  return async () => {
    await post('clock', { resume: true }) // a test that failed may have left it paused
    await post('reset', { account })
    await kube.delete(resources.namespaces, { name: namespace }, { signal })
    await vi.waitFor(async () => {
      expect(await joined()).toEqual([])
    }, within)
  }
})

async function post(path: string, body: object): Promise<void> {
  const answer = await fetch(`${simulator.url}/_simulator/${path}`, { method: 'POST', body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(await answer.text())
}

async function joined(): Promise<readonly Node[]> {
  const { items } = await kube.list<Node>(resources.nodes, { signal, labelSelector: 'eks.amazonaws.com/nodegroup=draining' })
  return items.filter(({ metadata }) => metadata.annotations?.['simulator.tidegate.io/place'] === `${account}/${region}/demo`)
}

/** A group of one node that is Ready. */
async function oneNode(updateStrategy: 'DEFAULT' | 'MINIMAL' = 'MINIMAL'): Promise<{ readonly name: string; readonly instanceId: string }> {
  await eks.send(
    new CreateNodegroupCommand({
      ...group,
      subnets: ['subnet-0a1b2c3d4e5f60001'],
      nodeRole: `arn:aws:iam::${account}:role/demo-node`,
      instanceTypes: ['m6i.4xlarge'],
      updateConfig: { maxUnavailable: 1, updateStrategy },
      scalingConfig: { minSize: 0, maxSize: 5, desiredSize: 1 },
    }),
  )
  return await vi.waitFor(async () => {
    const [node] = await joined()
    expect(readiness(node)).toBe('True')
    const instanceId = node?.spec.providerID?.split('/').at(-1) ?? ''
    return { name: node?.metadata.name ?? '', instanceId }
  }, within)
}

function readiness(node: Node | undefined): string | undefined {
  return node?.status?.conditions?.find(({ type }) => type === 'Ready')?.status
}

async function runPod(name: string, nodeName: string): Promise<void> {
  const body = {
    metadata: { name, labels: { app: name } },
    spec: { nodeName, containers: [{ name: 'c', image: 'none' }], tolerations: [{ operator: 'Exists' }], automountServiceAccountToken: false },
  }
  // a young namespace has no service account yet
  await vi.waitFor(async () => {
    await kube.create(resources.pods, body, { namespace, fieldManager: 'test', signal })
  }, within)
}

/** Forbids every eviction of the pod. */
async function protect(app: string): Promise<void> {
  const body = { metadata: { name: app }, spec: { maxUnavailable: 0, selector: { matchLabels: { app } } } }
  await kube.create(budgets, body, { namespace, fieldManager: 'test', signal })
}

async function exists(resource: Resource, name: string): Promise<boolean> {
  try {
    await kube.get<KubeObject>(resource, { name, namespace }, { signal })
    return true
  } catch (error) {
    if (isKubeError(error, 'NotFound')) return false
    throw error
  }
}

async function gone(resource: Resource, name: string): Promise<void> {
  await vi.waitFor(async () => {
    expect(await exists(resource, name)).toBe(false)
  }, within)
}

async function terminate(InstanceId: string): Promise<void> {
  await scaling.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity: true }))
}

/** Begins a version update; the answer tells how it stands. */
async function update(force: boolean): Promise<() => Promise<string | undefined>> {
  const begun = await eks.send(new UpdateNodegroupVersionCommand({ ...group, force }))
  const which = { name: group.clusterName, nodegroupName: group.nodegroupName, updateId: begun.update?.id }
  return async () => (await eks.send(new DescribeUpdateCommand(which))).update?.status
}

it('cordons and empties a node before it ends, and honours the budget of a pod until it is lifted', async () => {
  const { name, instanceId } = await oneNode()
  await runPod('free', name)
  await runPod('guarded', name)
  await protect('guarded')
  await terminate(instanceId)
  await gone(resources.pods, 'free')
  const node = await kube.get<Node>(resources.nodes, { name }, { signal })
  expect(node.spec.unschedulable).toBe(true)
  expect(node.metadata.labels?.['node.kubernetes.io/exclude-from-external-load-balancers']).toBe('true')
  expect(await exists(resources.pods, 'guarded')).toBe(true)
  await kube.delete(budgets, { name: 'guarded', namespace }, { signal })
  await gone(resources.pods, 'guarded')
  await gone(resources.nodes, name)
})

it('ends a node after 15 minutes whatever a budget says', async () => {
  const { name, instanceId } = await oneNode()
  await runPod('guarded', name)
  await protect('guarded')
  await terminate(instanceId)
  await vi.waitFor(async () => {
    expect((await kube.get<Node>(resources.nodes, { name }, { signal })).spec.unschedulable).toBe(true)
  }, within)
  expect(await exists(resources.pods, 'guarded')).toBe(true)
  await post('clock', { advanceSeconds: 900 })
  await gone(resources.nodes, name)
  await kube.delete(budgets, { name: 'guarded', namespace }, { signal })
})

it('fails a version update that a budget holds up, and forces the next', async () => {
  const { name } = await oneNode()
  await runPod('guarded', name)
  await protect('guarded')
  const first = await update(false)
  await vi.waitFor(async () => {
    expect((await kube.get<Node>(resources.nodes, { name }, { signal })).spec.unschedulable).toBe(true)
  }, within)
  await post('clock', { advanceSeconds: 900 })
  expect(await first()).toBe('Failed')
  expect(await exists(resources.pods, 'guarded')).toBe(true)
  // EKS has a minute for the deletion, which takes real time
  await post('clock', { pause: true })
  const second = await update(true)
  await post('clock', { advanceSeconds: 930 })
  await gone(resources.pods, 'guarded')
  await post('clock', { resume: true })
  await gone(resources.nodes, name)
  await vi.waitFor(async () => {
    expect(await second()).toBe('Successful')
  }, within)
})

it('breaks a node so that it stays NotReady, and mends it', async () => {
  const { name, instanceId } = await oneNode()
  const ready = async (): Promise<string | undefined> => readiness(await kube.get<Node>(resources.nodes, { name }, { signal }))
  await post('orders', { order: 'BreakNode', account, instanceId })
  await vi.waitFor(async () => {
    expect(await ready()).toBe('Unknown')
  }, within)
  // the node lifecycle controller believes it too
  await vi.waitFor(async () => {
    const { spec } = await kube.get<Node>(resources.nodes, { name }, { signal })
    expect(spec.taints?.map(({ key }) => key)).toContain('node.kubernetes.io/unreachable')
  }, within)
  expect(await ready()).toBe('Unknown')
  await post('orders', { order: 'MendNode', account, instanceId })
  await vi.waitFor(async () => {
    expect(await ready()).toBe('True')
  }, within)
})

it('shows what a monitoring agent reports beside a node that is Ready', async () => {
  const { name, instanceId } = await oneNode()
  const conditions = async (): Promise<Readonly<Record<string, string>>> => {
    const { status } = await kube.get<Node>(resources.nodes, { name }, { signal })
    return Object.fromEntries((status?.conditions ?? []).map(({ type, status: value }) => [type, value]))
  }
  await post('orders', { order: 'BreakNode', account, instanceId, condition: 'AcceleratedHardwareReady', reason: 'NvidiaXID79Error' })
  await vi.waitFor(async () => {
    expect(await conditions()).toMatchObject({ Ready: 'True', AcceleratedHardwareReady: 'False' })
  }, within)
  await post('orders', { order: 'MendNode', account, instanceId })
  await vi.waitFor(async () => {
    expect(await conditions()).toMatchObject({ Ready: 'True', AcceleratedHardwareReady: 'True' })
  }, within)
})
