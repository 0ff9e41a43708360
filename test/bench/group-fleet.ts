import { type EksNodeGroup, eksNodeGroups } from '../../src/crds/eks-node-group.ts'
import { loadKubeConfig } from '../../src/kube/cluster-access.ts'
import { connect } from '../../src/kube/connection.ts'
import { RestClient } from '../../src/kube/rest.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { systemRandom } from '../../src/lib/random.ts'
import type { ControlPlane } from '../../src/local/control-plane.ts'
import { createLogger } from '../../src/observability/logger.ts'
import { createMetrics } from '../../src/observability/metrics.ts'
import { Informer } from '../../src/runtime/informer.ts'
import { AwsOrders } from './aws-orders.ts'
import { type Write, writesOf } from './audit.ts'
import type { BenchContext } from './bench.ts'
import { startPlane } from './cluster.ts'
import { type OperatorWorld, createOperatorWorld } from './operator-world.ts'
import type { Programs } from './programs.ts'

const namespace = 'training'

/** Of every node. */
export const instanceType = 'm6i.4xlarge'

/** Every wait of the cloud that is not a limit. */
const waits = ['scalingGroup', 'create', 'update', 'boot', 'join', 'terminateWait', 'terminate', 'delete', 'launchRetry', 'healthCheck', 'roleUsable']

/** Waits of 1 s, and room for more groups than a cluster usually may have. */
function scenario(groups: number): string {
  const subnets = ['a', 'b', 'c'].map((zone, n) => ({ id: `subnet-0a1b2c3d4e5f6000${n + 1}`, zone: `us-west-2${zone}` }))
  return JSON.stringify({
    name: 'fleet',
    account: '111122223333',
    region: 'us-west-2',
    subnets,
    roles: [{ name: 'demo-node', policies: ['AmazonEKSWorkerNodePolicy', 'AmazonEKS_CNI_Policy', 'AmazonEC2ContainerRegistryPullOnly'] }],
    clusters: [{ name: 'demo', version: '1.36', subnets: subnets.map(({ id }) => id) }],
    delays: Object.fromEntries(waits.map((wait) => [`${wait}Seconds`, 1])),
    quotas: { nodegroupsPerCluster: groups + 50 },
  })
}

/** What a group of the fleet is to be. */
export interface Wish {
  readonly desiredSize?: number
  readonly sizeOwner: 'Spec' | 'External'
}

/** Many node groups of one target, and an eye on them that costs the cluster one watch. */
export class GroupFleet {
  readonly plane: ControlPlane
  readonly world: OperatorWorld
  readonly aws: AwsOrders
  readonly #client: RestClient
  readonly #informer: Informer<EksNodeGroup>
  readonly #signal: AbortSignal

  private constructor(plane: ControlPlane, world: OperatorWorld, client: RestClient, informer: Informer<EksNodeGroup>, signal: AbortSignal) {
    this.plane = plane
    this.world = world
    this.aws = new AwsOrders(world.endpoint)
    this.#client = client
    this.#informer = informer
    this.#signal = signal
  }

  static async start(programs: Programs, context: BenchContext): Promise<GroupFleet> {
    const { settings, defer, signal } = context
    const plane = await startPlane(context, { parts: ['kwok'] })
    const world = await createOperatorWorld(plane, programs, context, { scenario: scenario(settings.groups), joins: true })
    const connection = connect(await loadKubeConfig({ path: plane.kubeconfig }))
    const parts = { clock: systemClock, random: systemRandom, log: createLogger({ level: 'warn' }), metrics: createMetrics() }
    const client = new RestClient({ connection, ...parts, userAgent: 'tidegate-bench', rateLimit: { qps: 1000, burst: 1000 } })
    const informer = new Informer<EksNodeGroup>({ client, resource: eksNodeGroups, ...parts })
    const stop = new AbortController()
    const running = informer.run(AbortSignal.any([signal, stop.signal]))
    defer(async () => {
      stop.abort()
      await running
      await connection.close()
    })
    await informer.synced({ signal })
    return new GroupFleet(plane, world, client, informer, signal)
  }

  get groups(): readonly EksNodeGroup[] {
    return this.#informer.cache.list()
  }

  group(name: string): EksNodeGroup | undefined {
    return this.#informer.cache.get(`${namespace}/${name}`)
  }

  /** Makes it, or changes its sizes. */
  async apply(name: string, { desiredSize, sizeOwner }: Wish): Promise<void> {
    const spec = {
      targetClusterRef: { name: 'demo' },
      subnetIds: ['subnet-0a1b2c3d4e5f60001'],
      nodeRoleArn: 'arn:aws:iam::111122223333:role/demo-node',
      instanceTypes: [instanceType],
      amiType: 'AL2023_x86_64_STANDARD',
      scaling: { minSize: 1, maxSize: 5, sizeOwner, ...(desiredSize === undefined ? {} : { desiredSize }) },
    }
    const body = { apiVersion: 'tidegate.io/v1alpha1', kind: 'EksNodeGroup', metadata: { name, namespace }, spec }
    await this.#client.apply(eksNodeGroups, { name, namespace }, body, { fieldManager: 'bench', signal: this.#signal })
  }

  /** Resolves with the seconds that it took; looks 50 times a second at what the watch brought. Errors: `timeoutMs` is over. */
  async until(what: string, holds: () => boolean, timeoutMs: number): Promise<number> {
    const began = systemClock.monotonicMs()
    while (!holds()) {
      const tookMs = systemClock.monotonicMs() - began
      if (tookMs > timeoutMs) throw new Error(`after ${Math.round(tookMs / 1000)} s not seen: ${what}\n${this.#notReady().join('\n')}`)
      await systemClock.sleep(20, { signal: this.#signal })
    }
    return (systemClock.monotonicMs() - began) / 1000
  }

  /** What the operator wrote to the API server, by the wall clock. */
  async writes(fromMs: number, toMs?: number): Promise<readonly Write[]> {
    return await writesOf(this.plane.auditLog, 'tidegate', fromMs, toMs)
  }

  #notReady(): readonly string[] {
    return this.groups
      .filter((group) => !isReady(group))
      .slice(0, 5)
      .map(({ metadata, status }) => `${metadata.name}: ${JSON.stringify(status?.conditions?.find(({ type }) => type === 'Ready'))}`)
  }
}

/** Ready for the spec that stands there now, with every node that it wants and none on its way out. */
export function isReady({ metadata, spec, status }: EksNodeGroup): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  const wanted = spec.scaling?.desiredSize ?? status?.scaling?.desiredSize
  const { nodes, removals = [] } = status ?? {}
  return (
    ready?.status === 'True' &&
    status?.observedGeneration === metadata.generation &&
    nodes?.ready === wanted &&
    nodes?.running === wanted &&
    removals.length === 0
  )
}

export function nameOf(index: number): string {
  return `g-${String(index).padStart(3, '0')}`
}

/** The group that a name of AWS is about: Auto Scaling groups that EKS makes bear the node group's name. */
export function nameIn(text: string | undefined): string {
  return /g-\d{3}/.exec(text ?? '')?.[0] ?? text ?? ''
}
