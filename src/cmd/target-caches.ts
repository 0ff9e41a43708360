import { groupLabel } from '../aws/eks/group-label.ts'
import type { NodeCache } from '../controllers/target-cluster/ports.ts'
import { marksOf } from '../drain/mark.ts'
import { toDrainPod } from '../drain/pods.ts'
import type { DrainCache } from '../drain/ports.ts'
import { marksChanged, podMatters } from '../drain/wakes.ts'
import type { KubeClient } from '../kube/client.ts'
import type { KubeObject, Node } from '../kube/objects.ts'
import type { PodSummary } from '../kube/pod-summary.ts'
import { projectNode, projectPod } from '../kube/projections.ts'
import { type Resource, resources } from '../kube/resource.ts'
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import type { Logger } from '../observability/logger.ts'
import type { Metrics } from '../observability/metrics.ts'
import { Informer } from '../runtime/informer.ts'
import type { InformerOptions } from '../runtime/informer-options.ts'
import { hasToGo } from '../scaling/drain/pod.ts'
import { youngest } from './youngest.ts'

/** Who is told of what happens in a target. What one of them throws is logged, and stops nothing. */
export interface TargetListeners {
  /** Called for every Node that came, changed or went. */
  readonly onNode: (target: string, node: Node, before: Node | undefined) => void
  /** Called when the drain of this node may have something to do: a mark came or went, or a pod of a node that carries one ended. In bursts. */
  readonly onDrain: (target: string, node: Node) => void
  /** Called once the nodes and pods of a target are known. */
  readonly onSynced: (target: string) => void
}

interface Options extends TargetListeners {
  readonly target: string
  readonly client: KubeClient
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly metrics: Metrics
}

const [byInstance, byGroup, marked, onNode] = ['byInstance', 'byGroup', 'marked', 'onNode'] as const

/** What of one target is kept in memory: its nodes and its pods, each object cut to what somebody here reads. */
export class TargetCaches {
  readonly #options: Options
  readonly #nodes: Informer<Node>
  readonly #pods: Informer<PodSummary>

  constructor(options: Options) {
    this.#options = options
    const { client, target, clock, random, log, metrics } = options
    const informer = <T extends KubeObject>(resource: Resource, more: Pick<InformerOptions<T>, 'projection' | 'indexers'>): Informer<T> =>
      new Informer<T>({ client, resource, cluster: target, clock, random, log, metrics, ...more })
    this.#nodes = informer<Node>(resources.nodes, { projection: projectNode, indexers: { [byInstance]: instanceOf, [byGroup]: groupOf, [marked]: markOf } })
    this.#pods = informer<PodSummary>(resources.pods, { projection: projectPod, indexers: { [onNode]: nodeOf } })
    this.#nodes.addHandler({
      added: (node) => options.onNode(target, node, undefined),
      updated: (node, before) => {
        options.onNode(target, node, before)
        if (marksChanged(node, before)) options.onDrain(target, node)
      },
      deleted: (node) => options.onNode(target, node, undefined),
    })
    this.#pods.addHandler({
      added: (pod) => this.#wake(pod),
      updated: (pod, before) => {
        if (podMatters(pod, before)) this.#wake(pod)
      },
      deleted: (pod) => this.#wake(pod),
    })
  }

  /** Until `signal` aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { target, log, onSynced } = this.#options
    const synced = Promise.all([this.#nodes.synced({ signal }), this.#pods.synced({ signal })]).then(
      () => onSynced(target),
      () => undefined, // stopped before
    )
    // What a listener throws says nothing about the target: it is watched on. The informers themselves see to the others.
    const told = synced.catch((err: unknown) => log.error({ err, target }, 'listener failed when the nodes of a target were known'))
    await Promise.all([this.#nodes.run(signal), this.#pods.run(signal), told])
  }

  /** For the controllers. */
  get nodes(): NodeCache {
    const [nodes, pods] = [this.#nodes, this.#pods]
    return {
      list: () => nodes.cache.list(),
      byName: (name) => nodes.cache.get(name),
      byInstance: (id) => youngest(nodes.cache.byIndex(byInstance, id)),
      inGroup: (groupName) => nodes.cache.byIndex(byGroup, groupName),
      podsOn: (name) => pods.cache.byIndex(onNode, name).filter((pod) => hasToGo(toDrainPod(pod, undefined))).length,
      gpusRequested: () =>
        sumOf(
          pods.cache.list().filter((pod) => takesUp(pod, nodes.cache)),
          ({ requests }) => requests.gpus,
        ),
      get hasSynced() {
        return nodes.hasSynced && pods.hasSynced
      },
      feeds: () => [
        { resource: 'nodes', ageMs: nodes.lastContactAgeMs(), failure: nodes.failure },
        { resource: 'pods', ageMs: pods.lastContactAgeMs(), failure: pods.failure },
      ],
    }
  }

  /** For the drain service. */
  get drain(): DrainCache {
    const [nodes, pods] = [this.#nodes, this.#pods]
    return {
      node: (name) => nodes.cache.get(name),
      markedNodes: () => nodes.cache.byIndex(marked, marked),
      podsOn: (name) => pods.cache.byIndex(onNode, name),
    }
  }

  #wake({ nodeName }: PodSummary): void {
    const node = nodeName === undefined ? undefined : this.#nodes.cache.get(nodeName)
    if (node !== undefined && marksOf(node).length > 0) this.#options.onDrain(this.#options.target, node)
  }
}

/** `aws:///us-west-2a/i-0123` → `i-0123` (cloud-provider-aws, providerID). */
function instanceOf({ spec }: Node): readonly string[] {
  const id = spec.providerID?.split('/').at(-1)
  return id?.startsWith('i-') === true ? [id] : []
}

function groupOf({ metadata }: Node): readonly string[] {
  const name = metadata.labels?.[groupLabel]
  return name === undefined ? [] : [name]
}

function markOf(node: Node): readonly string[] {
  return marksOf(node).length > 0 ? [marked] : []
}

function nodeOf({ nodeName }: PodSummary): readonly string[] {
  return nodeName === undefined ? [] : [nodeName]
}

/** Bound, and not finished: as the scheduler sees it, also while it is being deleted. Anybody may write the name of a node that is not there. */
function takesUp({ nodeName, phase }: PodSummary, nodes: { get(name: string): Node | undefined }): boolean {
  return nodeName !== undefined && nodes.get(nodeName) !== undefined && phase !== 'Succeeded' && phase !== 'Failed'
}

function sumOf<T>(items: readonly T[], of: (item: T) => number): number {
  let sum = 0
  for (const item of items) sum += of(item)
  return sum
}
