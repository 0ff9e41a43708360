import type { KubeClient } from '../../kube/client.ts'
import { isKubeError } from '../../kube/kube-error.ts'
import type { Node } from '../../kube/objects.ts'
import { resources } from '../../kube/resource.ts'
import { backoffMs } from '../../lib/backoff.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Random } from '../../lib/random.ts'
import type { Logger } from '../../observability/logger.ts'
import type { Region } from '../region.ts'
import { nodeObject } from './node-object.ts'
import { type Member, membersOf, placesOf, planJoins } from './plan.ts'

export interface JoinerOptions {
  readonly kube: KubeClient
  /** Whether this client leads to the cluster of this name. */
  readonly isHere: (cluster: string) => boolean
  readonly regions: () => readonly Region[]
  /** Calls back after every change of an instance; the answer ends that. */
  readonly onChange: (listener: () => void) => () => void
  /** Real time. */
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
}

/** How long the joiner goes without looking when nothing changed here: a Node that somebody deleted comes back after this, as a kubelet's would. */
const resyncMs = 10_000
/** Changes come in bursts: one look serves them all. */
const gatherMs = 20
const batchSize = 8
const pageSize = 100
const fieldManager = 'kubelet'

/**
 * Keeps the Nodes of one cluster equal to the instances that should have joined it, by comparing both each time (level-triggered): errors of the
 * API server are retried, and after a restart of either side the next look puts things right. Ends when `signal` aborts.
 */
export async function runJoiner(options: JoinerOptions, signal: AbortSignal): Promise<void> {
  const { clock, random, log, onChange } = options
  let wake = new AbortController()
  const unsubscribe = onChange(() => {
    wake.abort()
  })
  let failures = 0
  while (!signal.aborted) {
    wake = new AbortController()
    try {
      await joinOnce(options, signal)
      failures = 0
    } catch (error) {
      if (signal.aborted) break
      failures += 1
      log.warn({ err: error, failures }, 'nodes could not be joined or removed; will try again')
      await clock.sleep(backoffMs(failures, { baseMs: 200, capMs: 10_000, jitter: 0.5 }, random), { signal }).catch(() => undefined)
      continue
    }
    await clock.sleep(resyncMs, { signal: AbortSignal.any([signal, wake.signal]) }).catch(() => undefined)
    await clock.sleep(gatherMs, { signal }).catch(() => undefined)
  }
  unsubscribe()
}

/** One comparison of instances with Nodes, and the calls that make them equal. */
async function joinOnce(options: JoinerOptions, signal: AbortSignal): Promise<void> {
  const { kube, isHere, regions, log } = options
  const nodes = await allNodes(kube, signal)
  const places = regions()
  const plan = planJoins(membersOf(places, isHere), nodes, placesOf(places, isHere))
  for (const { member, holder } of plan.blocked) {
    log.warn({ node: holder.metadata.name, instance: member.instance.id }, 'another machine holds the name of this node; it cannot join')
  }
  await inBatches(plan.remove, async (node) => {
    await removeNode(kube, node, signal, log)
  })
  await inBatches(plan.change, async ({ node, subresource, operations }) => {
    const by = subresource === undefined ? { fieldManager: 'eks' } : { fieldManager, subresource }
    await kube.jsonPatch(resources.nodes, { name: node.metadata.name }, operations, { ...by, signal })
  })
  await inBatches(plan.join, async (member) => {
    await joinNode(kube, member, signal, log)
  })
}

/** A few at a time, as machines that boot together do. */
async function inBatches<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += batchSize) await Promise.all(items.slice(start, start + batchSize).map(act))
}

/** Registers, with its status, in one write. */
async function joinNode(kube: KubeClient, { region, cluster, nodegroup, instance }: Member, signal: AbortSignal, log: Logger): Promise<void> {
  await kube.create<Node>(resources.nodes, nodeObject(region, cluster, nodegroup, instance), { fieldManager, signal })
  log.info({ node: instance.privateDnsName, instance: instance.id, nodegroup: nodegroup.name }, 'a node joined')
}

async function removeNode(kube: KubeClient, node: Node, signal: AbortSignal, log: Logger): Promise<void> {
  try {
    await kube.delete(resources.nodes, { name: node.metadata.name }, { uid: node.metadata.uid, signal })
    log.info({ node: node.metadata.name }, 'the node of an instance that is gone was removed')
  } catch (error) {
    if (!isKubeError(error, 'NotFound', 'Conflict')) throw error
  }
}

async function allNodes(kube: KubeClient, signal: AbortSignal): Promise<readonly Node[]> {
  const nodes: Node[] = []
  let next: string | undefined
  do {
    const page = await kube.list<Node>(resources.nodes, { limit: pageSize, signal, ...(next === undefined ? {} : { continue: next }) })
    nodes.push(...page.items)
    next = page.metadata.continue
  } while (next !== undefined && next !== '')
  return nodes
}
