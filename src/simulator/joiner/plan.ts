import type { Node } from '../../kube/objects.ts'
import type { Region } from '../region.ts'
import type { Cluster, Instance, Nodegroup } from '../state.ts'
import { configPatch } from './node-config.ts'
import { kwokAnnotation, kwokValues, placeAnnotation, placeOf, providerId } from './node-object.ts'
import { type NodeChange, troubleChanges } from './trouble.ts'

/** An instance whose kubelet runs, with everything that its Node is made of. */
export interface Member {
  readonly region: Region
  readonly cluster: Cluster
  readonly nodegroup: Nodegroup
  readonly instance: Instance
}

export interface JoinPlan {
  /** Members whose Node is missing. */
  readonly join: readonly Member[]
  readonly remove: readonly Node[]
  /** Nodes whose group has other labels or taints now, and those of machines in trouble. */
  readonly change: readonly NodeChange[]
  /** Members whose name is held by a Node of something else. */
  readonly blocked: readonly { readonly member: Member; readonly holder: Node }[]
}

/** Every instance of these clusters that has registered and is not gone. */
export function membersOf(regions: readonly Region[], isHere: (cluster: string) => boolean): readonly Member[] {
  return regions.flatMap((region) =>
    [...region.instances.values()].flatMap((instance) => {
      const owner = region.scalingGroups.get(instance.scalingGroup)?.nodegroup
      if (!instance.joined || instance.state === 'terminated' || owner === undefined || !isHere(owner.cluster)) return []
      const cluster = region.clusters.get(owner.cluster)
      const nodegroup = cluster?.nodegroups.get(owner.name)
      return cluster === undefined || nodegroup === undefined ? [] : [{ region, cluster, nodegroup, instance }]
    }),
  )
}

/**
 * What differs between instances and Nodes.
 *
 * Only Nodes that carry both of our annotations, a provider id of AWS' form, and the name of a place that this simulator holds are ever removed:
 * a real Node, kwok's own, or another simulator's is not.
 */
export function planJoins(members: readonly Member[], nodes: readonly Node[], places: ReadonlySet<string>): JoinPlan {
  const byName = new Map(nodes.map((node) => [node.metadata.name, node]))
  const wanted = new Set(members.map(({ instance }) => providerId(instance)))
  const join: Member[] = []
  const blocked: JoinPlan['blocked'][number][] = []
  const change: JoinPlan['change'][number][] = []
  for (const member of members) {
    const holder = byName.get(member.instance.privateDnsName)
    if (holder?.spec.providerID === providerId(member.instance)) {
      if (!isOurs(holder, places)) continue
      const operations = configPatch(holder, member.nodegroup)
      if (operations.length > 0) change.push({ node: holder, operations })
      change.push(...troubleChanges(holder, member.instance))
    } else if (holder === undefined || isOurs(holder, places)) {
      // a holder of ours stands for an instance that is gone: it is removed first
      join.push(member)
    } else blocked.push({ member, holder })
  }
  const remove = nodes.filter((node) => isOurs(node, places) && !wanted.has(node.spec.providerID ?? ''))
  return { join, remove, change, blocked }
}

/** The places of a simulator's regions: what a Node of ours must name. */
export function placesOf(regions: readonly Region[], isHere: (cluster: string) => boolean): ReadonlySet<string> {
  return new Set(regions.flatMap((region) => [...region.clusters.keys()].filter(isHere).map((cluster) => placeOf(region, cluster))))
}

function isOurs(node: Node, places: ReadonlySet<string>): boolean {
  const { annotations = {} } = node.metadata
  const kwok: string | undefined = annotations[kwokAnnotation]
  return (
    (kwok === kwokValues.fake || kwok === kwokValues.broken) &&
    places.has(annotations[placeAnnotation] ?? '') &&
    /^aws:\/\/\/[^/]+\/i-/.test(node.spec.providerID ?? '')
  )
}
