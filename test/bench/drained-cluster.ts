import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureAssets } from '../../src/local/assets.ts'
import { type ControlPlane, startControlPlane } from '../../src/local/control-plane.ts'
import { wholeLines } from '../support/audit.ts'
import type { BenchContext } from './bench.ts'
import { kubectlOf } from './cluster.ts'

/** What is drained: `nodes` with `podsPerNode` ready pods each, and as many empty ones beside them, to which the pods can go. */
export interface Shape {
  readonly nodes: number
  readonly podsPerNode: number
}

/** One group of full nodes, made for one drain. */
export interface FullNodes {
  readonly group: string
  readonly names: readonly string[]
  readonly remove: () => Promise<void>
}

/** A control plane that runs pods, on which groups of full nodes come and go. */
export class DrainedCluster {
  readonly plane: ControlPlane
  readonly kubectl: (...args: readonly string[]) => Promise<string>
  readonly #context: BenchContext
  #made = 0

  private constructor(plane: ControlPlane, context: BenchContext) {
    this.plane = plane
    this.#context = context
    this.kubectl = kubectlOf(plane, context.signal)
  }

  static async start(context: BenchContext): Promise<DrainedCluster> {
    const { signal, defer, progress } = context
    progress('starting a control plane with scheduler and kwok')
    const plane = await startControlPlane({ assets: await ensureAssets({ signal }), signal })
    defer(async () => await plane.stop())
    return new DrainedCluster(plane, context)
  }

  /**
   * As many Deployments as nodes, each with a budget that allows every eviction; their pods spread so that each node has exactly as many, and that the
   * spare nodes, which come after, are the only ones that take their successors.
   */
  async fullNodes({ nodes, podsPerNode }: Shape): Promise<FullNodes> {
    this.#made += 1
    const group = `drained-${this.#made}`
    const names = Array.from({ length: nodes }, (_, n) => `${group}-${n}`)
    await this.#apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: group } }, ...names.map((name) => node(name, group, true)))
    await this.kubectl('wait', '--for=condition=Ready', '--timeout=60s', 'node', '-l', `bench=${group}`)
    await this.#apply(...names.flatMap((_, n) => workload(`web-${n}`, group, podsPerNode)))
    await this.kubectl('rollout', 'status', '--timeout=180s', '-n', group, 'deployment', '-l', `bench=${group}`)
    const counts = await this.#podsByNode(group)
    if (names.some((name) => counts.get(name) !== podsPerNode)) throw new Error(`pods are not spread evenly: ${[...counts.values()].join(' ')}`)
    await this.#apply(...names.map((name) => node(`${name}-spare`, group, false)))
    await this.kubectl('wait', '--for=condition=Ready', '--timeout=60s', 'node', '-l', `bench=${group}`)
    const allowed = `-o=jsonpath={range .items[*]}{.status.disruptionsAllowed}{"\\n"}{end}`
    while ((await this.kubectl('get', 'pdb', '-n', group, allowed)).trim() !== names.map(() => podsPerNode).join('\n')) this.#context.signal.throwIfAborted()
    return {
      group,
      names,
      remove: async () => {
        await this.kubectl('delete', 'namespace', group, '--timeout=120s')
        await this.kubectl('delete', 'node', '-l', `bench=${group}`, '--timeout=60s')
      },
    }
  }

  /** Names of the nodes that still have a pod of the group's. */
  async notEmpty({ group, names }: FullNodes): Promise<readonly string[]> {
    const counts = await this.#podsByNode(group)
    return names.filter((name) => counts.has(name))
  }

  /** What the API server counted, by the agent and what it did: `create pods/eviction 201`. */
  async writes(group: string, agent: string): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>()
    for (const line of wholeLines(await readFile(this.plane.auditLog, 'utf8'))) {
      if (!line.includes(group)) continue
      const { verb, userAgent, objectRef, responseStatus } = JSON.parse(line) as AuditLine
      if (!userAgent.startsWith(agent)) continue
      const what = objectRef.subresource === undefined ? objectRef.resource : `${objectRef.resource}/${objectRef.subresource}`
      const key = `${verb} ${what} ${responseStatus.code}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    return counts
  }

  async #podsByNode(group: string): Promise<ReadonlyMap<string, number>> {
    const nodes = await this.kubectl('get', 'pods', '-n', group, '-o=jsonpath={range .items[*]}{.spec.nodeName}{"\\n"}{end}')
    const counts = new Map<string, number>()
    for (const name of nodes.trim().split('\n')) counts.set(name, (counts.get(name) ?? 0) + 1)
    return counts
  }

  async #apply(...objects: readonly object[]): Promise<void> {
    const file = join(this.#context.folder, 'objects.json')
    await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }))
    await this.kubectl('apply', '--server-side', '-f', file)
  }
}

interface AuditLine {
  readonly verb: string
  readonly userAgent: string
  readonly objectRef: { readonly resource: string; readonly subresource?: string }
  readonly responseStatus: { readonly code: number }
}

function node(name: string, group: string, drained: boolean): object {
  const room = { cpu: '64', memory: '256Gi', pods: '110' }
  const labels = { 'kubernetes.io/hostname': name, bench: group, ...(drained ? { 'eks.amazonaws.com/nodegroup': group } : {}) }
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels, annotations: { 'kwok.x-k8s.io/node': 'fake' } },
    spec: { providerID: `aws:///us-west-2a/i-${name}` },
    status: { capacity: room, allocatable: room },
  }
}

function workload(app: string, group: string, replicas: number): readonly object[] {
  const metadata = { name: app, namespace: group, labels: { bench: group } }
  const spread = {
    maxSkew: 1,
    topologyKey: 'kubernetes.io/hostname',
    whenUnsatisfiable: 'DoNotSchedule',
    nodeTaintsPolicy: 'Honor',
    labelSelector: { matchLabels: { bench: group } },
  }
  const spec = { nodeSelector: { bench: group }, topologySpreadConstraints: [spread], containers: [{ name: 'main', image: 'app:1' }] }
  const template = { metadata: { labels: { app, bench: group } }, spec }
  return [
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas, selector: { matchLabels: { app } }, template } },
    { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata, spec: { minAvailable: 0, selector: { matchLabels: { app } } } },
  ]
}
