import type { JsonPatchOperation, KubeClient } from '../../kube/client.ts'
import { isKubeError } from '../../kube/kube-error.ts'
import type { Node } from '../../kube/objects.ts'
import { resources } from '../../kube/resource.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../observability/logger.ts'
import { type Member, membersOf } from '../joiner/plan.ts'
import { placeAnnotation, placeOf, providerId } from '../joiner/node-object.ts'
import type { Region } from '../region.ts'
import { endDrain } from './drain.ts'
import { mustLeave, type Pod } from './pods.ts'

export interface DrainerOptions {
  readonly kube: KubeClient
  /** Whether this client leads to the cluster of this name. */
  readonly isHere: (cluster: string) => boolean
  readonly regions: () => readonly Region[]
  /** Calls back after every change of an instance; the answer ends that. */
  readonly onChange: (listener: () => void) => () => void
  /** Real time. */
  readonly clock: Clock
  readonly log: Logger
}

/** Real time between two looks at a node that still has pods: short, since a fast clock leaves seconds for the 15 minutes. */
const pollMs = 250
/** Changes come in bursts: one look serves them all. */
const gatherMs = 20
/** How long it rests while nothing is to be drained. */
const idleMs = 60_000
const batchSize = 8
const pageSize = 500
const exclude = 'node.kubernetes.io/exclude-from-external-load-balancers'

/**
 * EKS' own hands on the nodes of one cluster: cordons what EKS wants cordoned, and evicts until a drain has ended. Errors of the API server are
 * met by the next look; what a drain cannot do in time ends by the simulated clock (drain.ts). Ends when `signal` aborts.
 */
export async function runDrainer(options: DrainerOptions, signal: AbortSignal): Promise<void> {
  const { clock, onChange, regions, isHere, log } = options
  let wake = new AbortController()
  const unsubscribe = onChange(() => {
    wake.abort()
  })
  const cordoned = new Set<string>()
  while (!signal.aborted) {
    wake = new AbortController()
    const work = membersOf(regions(), isHere).filter(
      ({ region, instance }) => region.drains.has(instance.id) || (instance.cordoned && !cordoned.has(instance.id)),
    )
    for (let start = 0; start < work.length; start += batchSize) {
      await Promise.all(
        work.slice(start, start + batchSize).map(async (member) => {
          await treat(options, member, cordoned, signal).catch((error: unknown) => {
            if (!signal.aborted) log.warn({ err: error, instance: member.instance.id }, 'a node could not be drained; will try again')
          })
        }),
      )
    }
    const waiting = work.length > 0
    const until = waiting ? signal : AbortSignal.any([signal, wake.signal])
    await clock.sleep(waiting ? pollMs : idleMs, { signal: until }).catch(() => undefined)
    await clock.sleep(gatherMs, { signal }).catch(() => undefined)
  }
  unsubscribe()
}

async function treat(options: DrainerOptions, member: Member, cordoned: Set<string>, signal: AbortSignal): Promise<void> {
  const { region, instance } = member
  if (!cordoned.has(instance.id)) {
    const there = await cordon(options.kube, member, signal)
    cordoned.add(instance.id)
    if (!there) end(member)
  }
  if (!region.drains.has(instance.id)) return
  const left = await evict(options.kube, member, signal)
  if (instance.drain !== undefined) instance.drain.podsLeft = left
  if (left.length > 0) return
  options.log.info({ node: instance.privateDnsName, by: instance.drain?.by }, 'EKS has drained a node')
  end(member)
}

/** The clock first: a limit that has passed meanwhile decides. */
function end({ region, instance }: Member): void {
  region.clock.settle()
  endDrain(region, instance, 'Drained')
}

/** False when the instance has no Node (any more). Only a Node that a simulator joined for this very instance is touched. */
async function cordon(kube: KubeClient, { region, cluster, instance }: Member, signal: AbortSignal): Promise<boolean> {
  const name = instance.privateDnsName
  for (;;) {
    try {
      const node = await kube.get<Node>(resources.nodes, { name }, { signal })
      if (node.spec.providerID !== providerId(instance) || node.metadata.annotations?.[placeAnnotation] !== placeOf(region, cluster.name)) return false
      await kube.jsonPatch(resources.nodes, { name }, cordonPatch(node), { fieldManager: 'eks', signal })
      return true
    } catch (error) {
      if (isKubeError(error, 'NotFound')) return false
      // the Node changed in between: read it again
      if (!isKubeError(error, 'Invalid', 'Conflict')) throw error
    }
  }
}

function cordonPatch({ metadata, spec }: Node): readonly JsonPatchOperation[] {
  const path = `/metadata/labels/${exclude.replaceAll('/', '~1')}`
  return [
    { op: 'test', path: '/metadata/uid', value: metadata.uid },
    ...(spec.unschedulable === true ? [] : [{ op: 'add', path: '/spec/unschedulable', value: true } as const]),
    ...(metadata.labels?.[exclude] === undefined ? [{ op: 'add', path, value: 'true' } as const] : []),
  ]
}

/** Asks every pod that must leave to go; those that are still there. */
async function evict(kube: KubeClient, { instance }: Member, signal: AbortSignal): Promise<readonly string[]> {
  const pods = await podsOn(kube, instance.privateDnsName, signal)
  for (const { metadata } of pods) {
    if (metadata.deletionTimestamp !== undefined) continue
    const key = { name: metadata.name, namespace: metadata.namespace }
    try {
      if (instance.drain?.state === 'Deleting') await kube.delete(resources.pods, key, { uid: metadata.uid, signal })
      else await kube.evict(key, { uid: metadata.uid, signal })
    } catch (error) {
      // a budget says no, or the pod is gone: the next look shows which
      if (!isKubeError(error) || error.status === 0) throw error
    }
  }
  return pods.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`)
}

async function podsOn(kube: KubeClient, node: string, signal: AbortSignal): Promise<readonly Pod[]> {
  const pods: Pod[] = []
  let next: string | undefined
  do {
    const more = next === undefined ? {} : { continue: next }
    const page = await kube.list<Pod>(resources.pods, { fieldSelector: `spec.nodeName=${node}`, limit: pageSize, signal, ...more })
    pods.push(...page.items.filter(mustLeave))
    next = page.metadata.continue
  } while (next !== undefined && next !== '')
  return pods
}
