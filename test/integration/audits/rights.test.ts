import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { type Permission, permissions } from '../../../src/aws/permissions.ts'
import { type Resource, resources } from '../../../src/kube/resource.ts'
import { loadKubeConfig } from '../../../src/kube/cluster-access.ts'
import { createMetrics, type Metrics } from '../../../src/observability/metrics.ts'
import { type AuditedRequest, audited, isRead, operatorUser } from '../../support/audit.ts'
import { type GroupSpec, aTargetCluster, anEksNodeGroup, nodeRole, subnets } from '../../support/builders.ts'
import { eventually } from '../../support/eventually.ts'
import { fastClock } from '../../support/fast-clock.ts'
import { FaultProxy, isWatchList } from '../../support/fault-proxy.ts'
import { runOperator } from '../../support/operator.ts'
import type { Call } from '../../support/simulator.ts'
import { type Stage, openStage, operatorSpeed } from '../../support/world.ts'
import { furnish } from './furnish.ts'
import { granted, inWords, uses } from './granted.ts'

const { signal } = new AbortController()
const clusterRoleBindings: Resource = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  plural: 'clusterrolebindings',
  kind: 'ClusterRoleBinding',
  namespaced: false,
}
const roleBindings: Resource = { ...clusterRoleBindings, plural: 'rolebindings', kind: 'RoleBinding', namespaced: true }

/** Granted for calls that are not made in this walk; each with the reason why it stays. */
const notUsedHere: Readonly<Record<string, string>> = {
  'eks:ListUpdates': 'asked by an operator that died when it had asked for an update: test/integration/chaos/updates.test.ts, under the same policy',
  'sts:AssumeRole': 'for targets with a role of their own: test/integration/target-cluster/eks-token.test.ts',
}

/** The user of the kubeconfig in the Secret: a service account of the target, with the target's role and nothing else. */
const targetUser = 'approver@example.com'

interface Walk {
  readonly requests: readonly AuditedRequest[]
  readonly calls: readonly Call[]
  /** Of each of the operator's lives. */
  readonly metrics: readonly Metrics[]
}

let walked: Promise<Walk> | undefined

/** Made once for all tests of this file. */
async function walk(): Promise<Walk> {
  walked ??= walkOnce()
  return await walked
}

async function walkOnce(): Promise<Walk> {
  const stage = await openStage('audits')
  const proxy = await FaultProxy.start(await loadKubeConfig({ path: stage.plane.identities.operator }))
  try {
    await prepare(stage, proxy)
    const metrics = [createMetrics(), createMetrics()] as const
    const run = { cloudUrl: stage.cloud.url, clock: fastClock(operatorSpeed), leaderElect: true, access: proxy.access }
    // An API server without streaming lists, then one that has them; and the second life finds the Lease of the first.
    const stream = proxy.rule({ match: isWatchList, fault: { answer: 422, body: 'sendInitialEvents is forbidden' } })
    const first = await runOperator({ ...run, metrics: metrics[0] })
    await liveInCluster(stage)
    // Another user finds a target without the Lease, as a new one is.
    await stage.client.delete(resources.leases, { namespace: 'kube-system', name: 'tidegate' }, { signal })
    await liveBySecret(stage, 'first')
    await atRest(metrics[0])
    await first.stop()
    stream()
    const second = await runOperator({ ...run, metrics: metrics[1] })
    await liveBySecret(stage, 'second')
    await atRest(metrics[1])
    await second.stop()
    return { requests: await audited(stage.plane.auditLog), calls: await stage.cloud.allCalls(), metrics }
  } finally {
    await proxy.close()
    await stage.close()
  }
}

/** Until every pass has ended: the answer that a test has seen the effect of may still be on its way to the operator. */
async function atRest(metrics: Metrics): Promise<void> {
  await eventually(async () => {
    const working = (await rows([metrics], 'controller_runtime_active_workers')).reduce((sum, { value }) => sum + value, 0)
    expect(working).toBe(0)
  })
}

/** What is there before the operator starts: two groups of somebody else, and the generated IAM policy, which holds for everybody from then on. */
async function prepare(stage: Stage, proxy: FaultProxy): Promise<void> {
  const { cloud, client } = stage
  for (const name of ['adopted', 'observed']) {
    const creation = { name, subnetIds: [subnets[0]], nodeRoleArn: nodeRole, scaling: { minSize: 0, maxSize: 3, desiredSize: 1 }, tags: {} }
    await cloud.console.nodeGroups.create('demo', creation, { token: name, signal })
  }
  await eventually(async () => expect((await cloud.groups()).map(({ status }) => status)).toEqual(['ACTIVE', 'ACTIVE']))
  await cloud.enforcePolicy()
  await cloud.forgetCalls()
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'target-by-secret' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'tidegate-target' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: targetUser }],
  }
  await client.create(clusterRoleBindings, binding, { fieldManager: 'test', signal })
  const inSystem = {
    ...binding,
    kind: 'RoleBinding',
    metadata: { ...binding.metadata, namespace: 'kube-system' },
    roleRef: { ...binding.roleRef, kind: 'Role' },
  }
  await client.create(roleBindings, inSystem, { namespace: 'kube-system', fieldManager: 'test', signal })
  const namespace = 'tidegate-system'
  const kubeconfig = JSON.parse(await readFile(stage.plane.identities.approver, 'utf8')) as { readonly clusters: readonly { readonly name: string }[] }
  const byProxy = kubeconfig.clusters.map(({ name }) => ({ name, cluster: { server: proxy.access.server.href } }))
  const stringData = { kubeconfig: JSON.stringify({ ...kubeconfig, clusters: byProxy }) }
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'by-secret', namespace }, stringData }
  await client.create(resources.secrets, secret, { namespace, fieldManager: 'test', signal })
  // of an autoscaler that ran once
  const status = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cluster-autoscaler-status', namespace: 'kube-system' } }
  await client.create(resources.configMaps, status, { namespace: 'kube-system', fieldManager: 'test', signal })
  await stage.openNamespace('walk')
}

/** Everything that the operator does, with the cluster that holds the objects. */
async function liveInCluster(stage: Stage): Promise<void> {
  const demo = stage.target('demo')
  await demo.apply(aTargetCluster())
  await demo.ready()
  await lifeOf(stage, 'workers', 'demo')
  const adopted = stage.group('walk', 'adopted')
  await adopted.apply(anEksNodeGroup({ instanceTypes: undefined, policy: { adoption: 'AdoptOrCreate' } }))
  const observed = stage.group('walk', 'observed')
  await observed.apply(anEksNodeGroup({ policy: { management: 'Observe' } }))
  await observed.ready()
  await adopted.ready()
  await shortOfCapacity(stage)
  await changesOf(stage)
  for (const group of [adopted, observed]) {
    await group.delete()
    await group.gone()
  }
  await demo.end()
  // It finds its own Lease, released.
  await demo.apply(aTargetCluster())
  await demo.ready()
  await demo.end()
}

/** The same cluster by a kubeconfig, with the rights of a target and no other. */
async function liveBySecret(stage: Stage, name: string): Promise<void> {
  const bySecret = stage.target('by-secret')
  await bySecret.apply(aTargetCluster({ connection: { kubeconfigSecretRef: { name: 'by-secret', key: 'kubeconfig' } } }))
  await bySecret.ready()
  await lifeOf(stage, name, 'by-secret')
  await bySecret.end()
}

/** Made, scaled, deleted with a node that is drained. */
async function lifeOf(stage: Stage, name: string, target: string): Promise<void> {
  const group = stage.group('walk', name)
  await group.apply(anEksNodeGroup({ targetClusterRef: { name: target }, scaling: { minSize: 0, maxSize: 3 } }))
  await group.ready()
  await failToScale(stage, name)
  await group.until(({ status }) => expect(status?.nodes?.summary).toBe('1/1'))
  await group.ready()
  for (const node of await stage.nodesOf(name)) await furnish(stage, 'walk', node)
  await group.end()
}

/** A group in three zones loses a tag and two nodes, withdraws what does not come, and is updated. */
async function changesOf(stage: Stage): Promise<void> {
  const { cloud } = stage
  const group = stage.group('walk', 'zones')
  const change = async (spec: GroupSpec, desiredSize: number): Promise<void> => {
    const instanceTypes = ['m6i.2xlarge']
    const scaling = { sizeOwner: 'Spec', desiredSize } as const
    await group.apply(anEksNodeGroup({ subnetIds: [...subnets], instanceTypes, update: { approval: 'Automatic' }, ...spec, scaling }))
  }
  const old = { releaseVersion: '1.36.2-20260616' }
  await change({ ...old, tags: { team: 'web' } }, 3)
  await group.ready()
  await change(old, 3)
  await eventually(async () => expect((await cloud.needGroup('zones')).tags).not.toHaveProperty('team'))
  await change(old, 1)
  await group.until(({ status }) => expect(status?.nodes?.summary).toBe('1/1'))
  await group.until(({ status }) => expect(status?.rebalance).toBeUndefined())
  const heal = await cloud.fault({ effect: 'NoCapacity', match: { instanceType: 'm6i.2xlarge' } })
  await change(old, 3)
  await group.until(({ status }) => expect(status?.scaling?.desiredSize).toBe(3))
  await change(old, 1)
  await group.until(({ status }) => {
    expect(status?.scaling?.desiredSize).toBe(1)
    expect(status?.withdrawal).toBeUndefined()
  })
  await heal()
  await change({ releaseVersion: '1.36.2-20260714' }, 1)
  await group.until(({ status }) => expect(status?.releaseVersion).toBe('1.36.2-20260714'))
  await group.ready()
  await group.end()
}

/** The number that was asked for is taken back by somebody while EKS works on it, and EKS calls its update failed: it is asked for again. */
async function failToScale(stage: Stage, name: string): Promise<void> {
  const { cloud } = stage
  await cloud.clock({ pause: true })
  await cloud.fault({ effect: 'FailLater', action: 'UpdateNodegroupConfig', match: { nodegroupName: name }, times: 1, code: 'Unknown' })
  await stage.kubectl('scale', `eksnodegroup/${name}`, '-n', 'walk', '--replicas=1')
  await eventually(async () => expect((await cloud.needGroup(name)).status).toBe('UPDATING'))
  await cloud.happen({ order: 'SetCapacity', cluster: 'demo', nodegroup: name, desiredSize: 0 })
  await cloud.clock({ resume: true })
}

/** Asks why instances do not come. */
async function shortOfCapacity(stage: Stage): Promise<void> {
  const heal = await stage.cloud.fault({ effect: 'NoCapacity', match: { instanceType: 'm6i.xlarge' } })
  const group = stage.group('walk', 'short')
  await group.apply(anEksNodeGroup({ instanceTypes: ['m6i.xlarge'], scaling: { minSize: 1, maxSize: 2 } }))
  await group.condition('NodesReady', { reason: 'NoCapacity' })
  await heal()
  await group.ready()
  await group.end()
}

const limit = 240_000

test('nothing is refused for want of a right, by the API server or by IAM', { timeout: limit }, async () => {
  const { requests, calls } = await walk()
  const refused = requests.filter(({ user, code }) => [operatorUser, targetUser].includes(user) && (code === 401 || code === 403))
  expect(refused.map(({ verb, target }) => `${verb} ${target}`)).toEqual([])
  expect(calls.filter(({ status }) => status === 403).map(({ action, error }) => `${action}: ${error ?? ''}`)).toEqual([])
})

test.for([
  ['operator.yaml', operatorUser],
  ['target.yaml', operatorUser],
  ['target.yaml', targetUser],
] as const)('every right of config/rbac/%s is used by %s', { timeout: limit }, async ([file, user]) => {
  const own = (await walk()).requests.filter((request) => request.user === user && request.code < 400)
  const idle = granted(file).filter((grant) => !own.some((request) => uses(request, grant)))
  expect(idle.map(inWords)).toEqual([])
})

test('A7: every action of config/iam/policy.json is called, but for those that are listed here with their reason', { timeout: limit }, async () => {
  const called = new Set((await walk()).calls.map(({ service, action }) => `${service}:${action}`))
  const direct = Object.entries<Permission>(permissions).filter(([, { needsNoGrant }]) => needsNoGrant !== true)
  const idle = direct.map(([action]) => action).filter((action) => !called.has(action))
  expect(idle.toSorted()).toEqual(Object.keys(notUsedHere).toSorted())
})

test('rest_client_requests_total counts the writes that the API server saw', { timeout: limit }, async () => {
  const { requests, metrics } = await walk()
  const seen = requests.filter((request) => [operatorUser, targetUser].includes(request.user) && !isRead(request))
  const atServer = sums(seen.map(({ verb, resource, code }) => [`${verb} ${resource} ${code}`, 1]))
  const told = (await rows(metrics, 'rest_client_requests_total')).flatMap(({ labels, value }) => {
    const verb = verbs[String(labels['method'])]
    return verb === undefined ? [] : [{ write: `${verb} ${labels['resource']}`, code: String(labels['code']), value }]
  })
  const lost = sums(told.flatMap(({ write, code, value }) => (code === '<error>' ? [[write, value]] : [])))
  const answered = sums(told.flatMap(({ write, code, value }) => (code === '<error>' ? [] : [[`${write} ${code}`, value]])))
  // Where the client gave up waiting the server may have acted or not; it can have no more than those beyond what was answered.
  const beyond = Object.entries(atServer).map(([key, value]) => [key, value - (answered[key] ?? 0)] as const)
  const unexplained = beyond.filter(([key, value]) => value < 0 || value > (lost[key.slice(0, key.lastIndexOf(' '))] ?? 0))
  expect({ unexplained, neverSent: Object.keys(answered).filter((key) => atServer[key] === undefined) }).toEqual({ unexplained: [], neverSent: [] })
  expect(seen.length).toBeGreaterThan(50)
})

test('tidegate_aws_requests_total and the retries count the calls that the simulator saw', { timeout: limit }, async () => {
  const { calls, metrics } = await walk()
  const told = [...(await rows(metrics, 'tidegate_aws_requests_total')), ...(await rows(metrics, 'tidegate_aws_retries_total'))]
  const own = (some: readonly Row[]) => sums(some.map(({ labels, value }) => [`${labels['service']}:${labels['action']}`, value]))
  const [all, aborted] = [own(told), own(told.filter(({ labels }) => labels['outcome'] === 'Aborted'))]
  const atAws = sums(calls.map(({ service, action }) => [`${service}:${action}`, 1]))
  // What was aborted may have left once, more than once, or not at all.
  const unsent = Object.entries(all).map(([key, value]) => [key, value - (atAws[key] ?? 0)] as const)
  expect(unsent.filter(([key, value]) => Math.abs(value) > (aborted[key] ?? 0))).toEqual([])
  expect(Object.keys(atAws).filter((key) => all[key] === undefined)).toEqual([])
  expect(calls.length).toBeGreaterThan(50)
})

const verbs: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }

interface Row {
  readonly labels: Readonly<Record<string, string | number | undefined>>
  readonly value: number
}

async function rows(lives: readonly Metrics[], name: string): Promise<readonly Row[]> {
  const all = await Promise.all(lives.map(async ({ registry }) => (await registry.getSingleMetric(name)?.get())?.values ?? []))
  return all.flat()
}

function sums(entries: readonly (readonly [string, number])[]): Readonly<Record<string, number>> {
  const all: Record<string, number> = {}
  for (const [key, value] of entries) all[key] = (all[key] ?? 0) + value
  return all
}
