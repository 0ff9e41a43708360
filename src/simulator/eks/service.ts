import Type from 'typebox'
import { pageOf } from '../paging.ts'
import type { Region } from '../region.ts'
import type { NodegroupUpdate } from '../state.ts'
import { operation } from '../wire/operation.ts'
import type { Service } from '../wire/protocol.ts'
import { restJson, type Route } from '../wire/rest-json.ts'
import { createNodegroup } from './create-nodegroup.ts'
import { eksError, eksInputError } from './errors.ts'
import { oncePerToken } from './idempotency.ts'
import { clusterOf, nodegroupOf } from './lookup.ts'
import { startDeletion } from './nodegroup-life.ts'
import { createNodegroupInput, page, tags, updateNodegroupConfigInput, updateNodegroupVersionInput } from './schemas.ts'
import { updateNodegroupConfig } from './update-nodegroup.ts'
import { updateNodegroupVersion } from './update-version.ts'
import { clusterView, nodegroupView, updateView } from './views.ts'

const closed = { additionalProperties: false } as const
const paged = { maxResults: 'integer', nextToken: 'string' } as const
const nodegroupPath = '/clusters/{clusterName}/node-groups/{nodegroupName}'
const nodegroupName = { clusterName: Type.String(), nodegroupName: Type.String() }

const describeCluster = operation('DescribeCluster', 'read', Type.Object({ name: Type.String() }, closed), ({ name }, { region }) => ({
  cluster: clusterView(region, clusterOf(region, name)),
}))

const listClusters = operation(
  'ListClusters',
  'read',
  Type.Object({ ...page, include: Type.Optional(Type.Array(Type.String())) }, closed),
  (input, { region }) => listPage(region, 'clusters', [...region.clusters.keys()], input),
)

const createNodegroupOperation = operation('CreateNodegroup', 'write', createNodegroupInput, (input, { region }) => {
  const cluster = clusterOf(region, input.clusterName)
  return oncePerToken(cluster, 'CreateNodegroup', input, () => ({ nodegroup: nodegroupView(region, createNodegroup(region, cluster, input)) }))
})

const describeNodegroup = operation('DescribeNodegroup', 'read', Type.Object(nodegroupName, closed), (input, { region }) => ({
  nodegroup: nodegroupView(region, nodegroupOf(region, input.clusterName, input.nodegroupName).nodegroup),
}))

const listNodegroups = operation('ListNodegroups', 'read', Type.Object({ clusterName: Type.String(), ...page }, closed), (input, { region }) =>
  listPage(region, 'nodegroups', readableNames(region, input.clusterName), input),
)

const updateConfig = operation('UpdateNodegroupConfig', 'write', updateNodegroupConfigInput, (input, { region }) => {
  const { cluster, nodegroup } = nodegroupOf(region, input.clusterName, input.nodegroupName)
  return oncePerToken(cluster, 'UpdateNodegroupConfig', input, () => ({ update: updateView(updateNodegroupConfig(region, cluster, nodegroup, input)) }))
})

const updateVersion = operation('UpdateNodegroupVersion', 'write', updateNodegroupVersionInput, (input, { region }) => {
  const { cluster, nodegroup } = nodegroupOf(region, input.clusterName, input.nodegroupName)
  return oncePerToken(cluster, 'UpdateNodegroupVersion', input, () => ({ update: updateView(updateNodegroupVersion(region, cluster, nodegroup, input)) }))
})

const deleteNodegroup = operation('DeleteNodegroup', 'write', Type.Object(nodegroupName, closed), (input, { region }) => {
  const { nodegroup } = nodegroupOf(region, input.clusterName, input.nodegroupName)
  if (nodegroup.status === 'UPDATING' || nodegroup.status === 'DELETING') {
    throw eksError.inUse(`Nodegroup ${nodegroup.name} cannot be deleted as it is currently in ${nodegroup.status} state`, {
      clusterName: nodegroup.cluster,
      nodegroupName: nodegroup.name,
    })
  }
  startDeletion(region, nodegroup)
  return { nodegroup: nodegroupView(region, nodegroup) }
})

const describeUpdate = operation(
  'DescribeUpdate',
  'read',
  Type.Object({ name: Type.String(), updateId: Type.String(), nodegroupName: Type.Optional(Type.String()) }, closed),
  (input, { region }) => {
    const update = updatesOf(region, input.name, input.nodegroupName).find(({ id }) => id === input.updateId)
    if (update === undefined) throw eksError.notFound(`No update found for ID: ${input.updateId}`, { clusterName: input.name })
    return { update: updateView(update) }
  },
)

const listUpdates = operation(
  'ListUpdates',
  'read',
  Type.Object({ name: Type.String(), nodegroupName: Type.Optional(Type.String()), ...page }, closed),
  (input, { region }) =>
    listPage(
      region,
      'updateIds',
      updatesOf(region, input.name, input.nodegroupName).map(({ id }) => id),
      input,
    ),
)

const arn = { resourceArn: Type.String() }

const tagResource = operation('TagResource', 'write', Type.Object({ ...arn, tags }, closed), (input, { region }) => {
  Object.assign(tagged(region, input.resourceArn).tags, input.tags)
  return {}
})

const untagResource = operation(
  'UntagResource',
  'write',
  Type.Object({ ...arn, tagKeys: Type.Array(Type.String(), { minItems: 1, maxItems: 50 }) }, closed),
  (input, { region }) => {
    const target = tagged(region, input.resourceArn)
    target.tags = Object.fromEntries(Object.entries(target.tags).filter(([name]) => !input.tagKeys.includes(name)))
    return {}
  },
)

const listTags = operation('ListTagsForResource', 'read', Type.Object(arn, closed), (input, { region }) => ({ tags: tagged(region, input.resourceArn).tags }))

const routes: readonly Route[] = [
  { method: 'GET', path: '/clusters', query: { ...paged, include: 'list' }, operation: listClusters },
  { method: 'GET', path: '/clusters/{name}', operation: describeCluster },
  { method: 'POST', path: '/clusters/{clusterName}/node-groups', operation: createNodegroupOperation },
  { method: 'GET', path: '/clusters/{clusterName}/node-groups', query: paged, operation: listNodegroups },
  { method: 'GET', path: nodegroupPath, operation: describeNodegroup },
  { method: 'DELETE', path: nodegroupPath, operation: deleteNodegroup },
  { method: 'POST', path: `${nodegroupPath}/update-config`, operation: updateConfig },
  { method: 'POST', path: `${nodegroupPath}/update-version`, operation: updateVersion },
  { method: 'GET', path: '/clusters/{name}/updates', query: { ...paged, nodegroupName: 'string' }, operation: listUpdates },
  { method: 'GET', path: '/clusters/{name}/updates/{updateId}', query: { nodegroupName: 'string' }, operation: describeUpdate },
  { method: 'POST', path: '/tags/{resourceArn}', operation: tagResource },
  { method: 'DELETE', path: '/tags/{resourceArn}', query: { tagKeys: 'list' }, operation: untagResource },
  { method: 'GET', path: '/tags/{resourceArn}', operation: listTags },
]

/** Amazon EKS: clusters to read, managed node groups to create, change and delete. */
export const eks: Service = { name: 'eks', protocol: restJson(routes, eksInputError) }

function readableNames(region: Region, clusterName: string): readonly string[] {
  const groups = [...clusterOf(region, clusterName).nodegroups.values()]
  return groups.filter(({ readableAtMs }) => readableAtMs <= region.clock.monotonicMs()).map(({ name }) => name)
}

/** Updates of a cluster, or of one node group, newest first. */
function updatesOf(region: Region, clusterName: string, name: string | undefined): readonly NodegroupUpdate[] {
  const cluster = name === undefined ? clusterOf(region, clusterName) : nodegroupOf(region, clusterName, name).cluster
  return cluster.updates.filter((update) => name !== undefined && update.nodegroup === name).toReversed()
}

function listPage(
  region: Region,
  member: string,
  all: readonly string[],
  input: { readonly maxResults?: number | undefined; readonly nextToken?: string | undefined },
): object {
  const { maxPageSize, shortPages } = region.scenario.quotas
  const result = pageOf(all, { size: Math.min(input.maxResults ?? 100, maxPageSize), token: input.nextToken, short: shortPages })
  if (result === undefined) throw eksError.invalidParameter('Invalid nextToken')
  return { [member]: result.items, ...(result.next === undefined ? {} : { nextToken: result.next }) }
}

/** The cluster or node group behind an ARN, for its tags. */
function tagged(region: Region, resourceArn: string): { tags: Record<string, string> } {
  for (const cluster of region.clusters.values()) {
    if (cluster.arn === resourceArn) return cluster
    for (const nodegroup of cluster.nodegroups.values()) if (nodegroup.arn === resourceArn) return nodegroup
  }
  throw eksError.notFound(`No resource found for ARN: ${resourceArn}`)
}
