import { readFile } from 'node:fs/promises'
import { expect, inject, onTestFinished } from 'vitest'
import { type DrainServiceOptions, DrainService } from '../../../src/drain/service.ts'
import { kubeDrainApi } from '../../../src/drain/kube-api.ts'
import { type Mark, marksOf } from '../../../src/drain/mark.ts'
import { drainPermissions, forceDrainPermissions } from '../../../src/drain/permissions.ts'
import type { DrainCache } from '../../../src/drain/ports.ts'
import type { DrainRequest, DrainResult, DrainState, NodeRef } from '../../../src/drain/request.ts'
import { type ClusterAccess, loadKubeConfig } from '../../../src/kube/cluster-access.ts'
import { connect } from '../../../src/kube/connection.ts'
import { isKubeError } from '../../../src/kube/kube-error.ts'
import type { KubeObject, Node, Taint } from '../../../src/kube/objects.ts'
import type { Permission } from '../../../src/kube/permission.ts'
import type { PodSummary, RawPod } from '../../../src/kube/pod-summary.ts'
import { projectNode, projectPod } from '../../../src/kube/projections.ts'
import { type Resource, apiVersion, keyOf, resources } from '../../../src/kube/resource.ts'
import { RestClient, type RestClientOptions } from '../../../src/kube/rest.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import type { BeforeWrite } from '../../../src/lib/outside-write.ts'
import { systemRandom } from '../../../src/lib/random.ts'
import { createLogger } from '../../../src/observability/logger.ts'
import { type Metrics, createMetrics } from '../../../src/observability/metrics.ts'
import { Informer } from '../../../src/runtime/informer.ts'
import { defaultDrainRules } from '../../../src/scaling/drain/rules.ts'
import { wholeLines } from '../../support/audit.ts'
import { eventually } from '../../support/eventually.ts'
import { FaultProxy } from '../../support/fault-proxy.ts'

export const { signal } = new AbortController()
const admin = { fieldManager: 'administrator', signal }
const clock = systemClock

const rbac = (plural: string, kind: string): Resource => ({ group: 'rbac.authorization.k8s.io', version: 'v1', plural, kind, namespaced: false })
export const kinds = {
  deployments: { group: 'apps', version: 'v1', plural: 'deployments', kind: 'Deployment', namespaced: true },
  daemonSets: { group: 'apps', version: 'v1', plural: 'daemonsets', kind: 'DaemonSet', namespaced: true },
  serviceAccounts: { group: '', version: 'v1', plural: 'serviceaccounts', kind: 'ServiceAccount', namespaced: true },
  jobs: { group: 'batch', version: 'v1', plural: 'jobs', kind: 'Job', namespaced: true },
  budgets: { group: 'policy', version: 'v1', plural: 'poddisruptionbudgets', kind: 'PodDisruptionBudget', namespaced: true },
  claims: { group: '', version: 'v1', plural: 'persistentvolumeclaims', kind: 'PersistentVolumeClaim', namespaced: true },
  attachments: { group: 'storage.k8s.io', version: 'v1', plural: 'volumeattachments', kind: 'VolumeAttachment', namespaced: false },
  clusterRoles: rbac('clusterroles', 'ClusterRole'),
  clusterRoleBindings: rbac('clusterrolebindings', 'ClusterRoleBinding'),
} as const satisfies Record<string, Resource>

/** One write of the drain's, as the API server saw it. */
interface SeenWrite {
  readonly at: string
  readonly verb: string
  readonly target: string
  readonly code: number
}

interface AuditLine {
  readonly verb: string
  readonly requestReceivedTimestamp: string
  readonly impersonatedUser?: { readonly username: string }
  readonly objectRef?: { readonly resource: string; readonly subresource?: string; readonly name?: string }
  readonly responseStatus?: { readonly code?: number }
}

export interface ServiceOptions extends Partial<Pick<DrainServiceOptions, 'budget' | 'ownNamespace' | 'clock'>> {
  readonly beforeWrite?: BeforeWrite
  readonly cache?: Partial<DrainCache>
  /** Counts the calls of this service, and only its. */
  readonly metrics?: Metrics
}

/** A test's own corner of the shared plane: a namespace, nodes that only its pods tolerate, and a user with exactly the drain's rights. */
export class DrainWorld {
  readonly name = `drain-${systemRandom.id().slice(0, 8)}`
  readonly foreignTaint: Taint = { key: 'example.com/drain-test', value: this.name, effect: 'NoSchedule' }
  readonly client: RestClient
  readonly #access: ClusterAccess
  readonly #proxy: FaultProxy
  readonly #nodes: Informer<Node>
  readonly #pods: Informer<PodSummary>

  private constructor(access: ClusterAccess, proxy: FaultProxy) {
    this.#access = access
    this.#proxy = proxy
    this.client = clientOf(access)
    const shared = { clock, random: systemRandom, log: createLogger({ level: 'silent' }), metrics: createMetrics() }
    const watching = clientOf(asUser(proxy.access, this.name))
    this.#nodes = new Informer<Node>({ client: clientOf(asUser(access, this.name)), resource: resources.nodes, projection: projectNode, ...shared })
    this.#pods = new Informer<PodSummary>({ client: watching, resource: resources.pods, projection: projectPod, indexers: { onNode }, ...shared })
  }

  static async open(): Promise<DrainWorld> {
    const access = await loadKubeConfig({ path: inject('controlPlane').identities.admin })
    const proxy = await FaultProxy.start(access)
    const world = new DrainWorld(access, proxy)
    await world.grant('drain', drainPermissions)
    await world.openNamespace(world.name)
    const stop = new AbortController()
    const running = [world.#nodes.run(stop.signal), world.#pods.run(stop.signal)]
    onTestFinished(async () => {
      stop.abort(new Error('the test ends'))
      await Promise.all(running)
      await proxy.close()
    })
    await Promise.all([world.#nodes.synced({ signal }), world.#pods.synced({ signal })])
    return world
  }

  get cache(): DrainCache {
    return {
      node: (name) => this.#nodes.cache.get(name),
      markedNodes: () => this.#nodes.cache.list().filter((node) => node.metadata.name.startsWith(this.name) && marksOf(node).length > 0),
      podsOn: (node) => this.#pods.cache.byIndex('onNode', node),
    }
  }

  /** From now on the pod watch carries nothing, and nobody is told. */
  freezePods(): void {
    this.#proxy.halfOpen()
  }

  /** A service as a process has it. */
  service({ beforeWrite, cache, metrics = createMetrics(), ...options }: ServiceOptions = {}): DrainService {
    const client = clientOf(asUser(this.#access, this.name), { metrics, ...(beforeWrite === undefined ? {} : { beforeWrite }) })
    const budget = { evictionsPerSecond: 1000, maxConcurrentDrains: 50 }
    const parts = { clock, random: systemRandom, metrics }
    return new DrainService({ target: 'demo', api: kubeDrainApi(client), cache: { ...this.cache, ...cache }, budget, ...parts, ...options })
  }

  async grant(role: string, permissions: readonly Permission[]): Promise<void> {
    const name = `${this.name}-${role}`
    const rules = permissions.map(({ apiGroup, resources: plural, verbs }) => ({ apiGroups: [apiGroup], resources: plural, verbs }))
    await this.create(kinds.clusterRoles, { metadata: { name }, rules })
    const subjects = [{ kind: 'User', name: this.name, apiGroup: kinds.clusterRoles.group }]
    const roleRef = { kind: 'ClusterRole', name, apiGroup: kinds.clusterRoles.group }
    await this.create(kinds.clusterRoleBindings, { metadata: { name }, subjects, roleRef })
    await eventually(async () => clientOf(asUser(this.#access, this.name)).list(resources.nodes, { signal, limit: 1 }))
  }

  async grantForce(): Promise<void> {
    await this.grant('force', forceDrainPermissions)
  }

  /** Takes pods when this resolves: a young namespace has no service account yet. */
  async openNamespace(name: string): Promise<void> {
    await this.create(resources.namespaces, { metadata: { name } })
    await eventually(async () => this.client.get(kinds.serviceAccounts, { namespace: name, name: 'default' }, { signal }))
  }

  /** Creates it, and removes it when the test ends. */
  async create<T extends KubeObject>(resource: Resource, object: { readonly metadata: object; readonly [part: string]: unknown }): Promise<T> {
    const namespace = resource.namespaced ? ((object.metadata as { readonly namespace?: string }).namespace ?? this.name) : undefined
    const body = { apiVersion: apiVersion(resource), kind: resource.kind, ...object }
    const made = await this.client.create<T>(resource, body, { ...admin, namespace })
    onTestFinished(async () => {
      await this.client.delete(resource, made.metadata, { signal }).catch(unlessGone)
    })
    return made
  }

  /** A Node that kwok plays the kubelet of (unless `fake` is false), Ready when this resolves, and in the cache with the taints that it keeps. */
  async node(
    suffix: string,
    over: { readonly fake?: boolean; readonly labels?: Readonly<Record<string, string>>; readonly spec?: object } = {},
  ): Promise<NodeRef & { readonly providerID: string }> {
    const name = `${this.name}-${suffix}`
    const { fake = true, labels = {}, spec = {} } = over
    const providerID = `aws:///us-west-2a/i-${name}`
    const metadata = {
      name,
      labels: { 'kubernetes.io/hostname': name, 'drain-test': this.name, ...labels },
      ...(fake ? { annotations: { 'kwok.x-k8s.io/node': 'fake' } } : {}),
    }
    const room = { cpu: '64', memory: '256Gi', pods: '110' }
    const { uid } = (await this.create<Node>(resources.nodes, { metadata, spec: { providerID, taints: [this.foreignTaint], ...spec } })).metadata
    await this.patchStatus(name, [
      { op: 'add', path: '/status/capacity', value: room },
      { op: 'add', path: '/status/allocatable', value: room },
    ])
    if (fake) {
      await eventually(async () => {
        const node = await this.readNode(name)
        expect(node.status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('True')
        expect(node.spec.taints?.map(({ key }) => key)).toEqual([this.foreignTaint.key])
        expect(this.cache.node(name)?.spec.taints).toEqual(node.spec.taints)
      })
    }
    return { name, uid, instanceId: `i-${name}`, providerID }
  }

  async patchStatus(node: string, operations: Parameters<RestClient['jsonPatch']>[2]): Promise<void> {
    await this.client.jsonPatch(resources.nodes, { name: node }, operations, { ...admin, subresource: 'status' })
  }

  async patchNode(node: string, operations: Parameters<RestClient['jsonPatch']>[2]): Promise<void> {
    await this.client.jsonPatch(resources.nodes, { name: node }, operations, admin)
  }

  /** As an administrator does; waits until the cache shows it, taint included. */
  async cordon(node: string): Promise<void> {
    await this.patchNode(node, [{ op: 'add', path: '/spec/unschedulable', value: true }])
    await eventually(() => expect(this.cache.node(node)?.spec.taints?.map(({ key }) => key)).toContain('node.kubernetes.io/unschedulable'))
  }

  async readNode(name: string): Promise<Node> {
    return await this.client.get<Node>(resources.nodes, { name }, { signal })
  }

  /** What a pod of this test's has: only its own nodes take it. */
  podSpec(over: object = {}): object {
    const tolerations = [{ key: this.foreignTaint.key, operator: 'Exists' }]
    return { nodeSelector: { 'drain-test': this.name }, tolerations, terminationGracePeriodSeconds: 5, containers: [{ name: 'main', image: 'app:1' }], ...over }
  }

  async deploy(name: string, replicas: number, podSpec: object = {}): Promise<void> {
    const labels = { app: name }
    const template = { metadata: { labels }, spec: this.podSpec(podSpec) }
    await this.create(kinds.deployments, { metadata: { name }, spec: { replicas, selector: { matchLabels: labels }, template } })
  }

  async daemons(name: string, podSpec: object = {}): Promise<void> {
    const labels = { app: name }
    const template = { metadata: { labels }, spec: this.podSpec({ tolerations: [{ operator: 'Exists' }], ...podSpec }) }
    await this.create(kinds.daemonSets, { metadata: { name }, spec: { selector: { matchLabels: labels }, template } })
  }

  async pod(name: string, node: NodeRef, over: { readonly metadata?: object; readonly spec?: object } = {}): Promise<RawPod> {
    const spec = this.podSpec({ nodeName: node.name, ...over.spec })
    return await this.create<RawPod>(resources.pods, { metadata: { name, ...over.metadata }, spec })
  }

  async budget(name: string, app: string, minAvailable: number): Promise<void> {
    await this.create(kinds.budgets, { metadata: { name }, spec: { minAvailable, selector: { matchLabels: { app } } } })
  }

  async podsOn(node: NodeRef): Promise<readonly RawPod[]> {
    return (await this.client.list<RawPod>(resources.pods, { fieldSelector: `spec.nodeName=${node.name}`, signal })).items
  }

  /** Waits until so many pods are Ready on the node and the cache shows them. */
  async ready(node: NodeRef, count: number): Promise<readonly RawPod[]> {
    return await eventually(async () => {
      const pods = await this.podsOn(node)
      expect(pods.filter(({ status }) => status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True'))).toHaveLength(count)
      expect(this.cache.podsOn(node.name).filter(({ ready }) => ready)).toHaveLength(count)
      return pods
    })
  }

  /** Waits until so many pods of this test's are Ready, on whatever nodes, and the cache shows them. */
  async allReady(count: number): Promise<void> {
    await eventually(
      () => {
        const ready = this.#pods.cache.list().filter((pod) => pod.metadata.namespace === this.name && pod.ready)
        expect(ready).toHaveLength(count)
      },
      { timeoutMs: 50_000 },
    )
  }

  /** What the drain wrote, in order. */
  async writes(): Promise<readonly SeenWrite[]> {
    const lines = wholeLines(await readFile(inject('controlPlane').auditLog, 'utf8')).filter((line) => line.includes(this.name))
    const ours = lines.map((line) => JSON.parse(line) as AuditLine).filter(({ impersonatedUser }) => impersonatedUser?.username === this.name)
    const seen = ours.map(({ verb, requestReceivedTimestamp, objectRef, responseStatus }): SeenWrite => {
      const { resource = '', subresource, name = '' } = objectRef ?? {}
      const kind = subresource === undefined ? resource : `${resource}/${subresource}`
      return { at: requestReceivedTimestamp, verb, target: `${kind} ${name}`, code: responseStatus?.code ?? 0 }
    })
    return seen.toSorted((a, b) => (a.at < b.at ? -1 : 1))
  }
}

/** A drain as its owner sees it: state goes through JSON after each pass, as through a status. */
export class Drain {
  readonly mark: Mark
  state: DrainState | undefined
  readonly #service: DrainService
  readonly #request: Pick<DrainRequest, 'node' | 'rules'> & { deadline: Date | undefined }

  constructor(
    service: DrainService,
    node: NodeRef,
    over: Partial<Pick<DrainRequest, 'mark' | 'deadline' | 'state'>> & { readonly rules?: Partial<DrainRequest['rules']> } = {},
  ) {
    this.#service = service
    this.mark = over.mark ?? { kind: 'leaving', uid: systemRandom.id() }
    this.state = over.state
    this.#request = { node, rules: { ...defaultDrainRules, ...over.rules }, deadline: over.deadline }
  }

  set deadline(deadline: Date) {
    this.#request.deadline = deadline
  }

  async pass(): Promise<DrainResult> {
    const result = await this.#service.drainNode({ ...this.#request, mark: this.mark, state: this.state }, { signal })
    this.state = JSON.parse(JSON.stringify(result.state)) as DrainState
    return result
  }

  /** Passes until one ends so; the cache is read each time, so that it may come after. */
  async until(check: (result: DrainResult) => void): Promise<DrainResult> {
    return await eventually(
      async () => {
        const result = await this.pass()
        check(result)
        return result
      },
      { everyMs: 30 },
    )
  }

  async empty(): Promise<DrainResult> {
    return await this.until(({ next, progress }) => expect({ next: next.kind, progress }).toMatchObject({ next: 'empty' }))
  }

  /** Passes until exactly these reasons are shown. */
  async blockedBy(...reasons: readonly string[]): Promise<DrainResult> {
    return await this.until(({ progress }) => expect(progress.blocked.map(({ reason, by }) => `${reason}: ${by}`)).toEqual(reasons))
  }

  async release(): Promise<void> {
    await this.#service.release(this.#request.node, this.mark, { signal })
  }
}

/** `evicted pods/eviction a 201` without the times, for comparing. */
export function shortly(writes: readonly SeenWrite[]): readonly string[] {
  return writes.map(({ verb, target, code }) => `${verb} ${target} ${code}`)
}

export function keysOf(pods: readonly KubeObject[]): readonly string[] {
  return pods.map(({ metadata }) => keyOf(metadata)).toSorted()
}

function asUser(access: ClusterAccess, user: string): ClusterAccess {
  return { ...access, headers: async () => ({ ...(await access.headers()), 'impersonate-user': user }) }
}

function clientOf(access: ClusterAccess, options: Partial<Pick<RestClientOptions, 'beforeWrite' | 'metrics'>> = {}): RestClient {
  const connection = connect(access)
  onTestFinished(async () => connection.close())
  return new RestClient({ connection, clock, metrics: createMetrics(), rateLimit: { qps: 1000, burst: 1000 }, ...options })
}

function onNode({ nodeName }: PodSummary): readonly string[] {
  return nodeName === undefined ? [] : [nodeName]
}

function unlessGone(error: unknown): void {
  if (!isKubeError(error, 'NotFound')) throw error
}
