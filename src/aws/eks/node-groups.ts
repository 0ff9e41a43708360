import type { Clock } from '../../lib/clock.ts'
import type { AwsCall, AwsCallContext } from '../api.ts'
import { type AwsError, isAwsError } from '../aws-error.ts'
import { answerWithout } from '../errors.ts'
import { FreshCache } from '../fresh-cache.ts'
import { allPages } from '../pages.ts'
import type { AwsCallOptions, NodeGroup, NodeGroupsPort } from './port.ts'
import { configRequest, creationRequest, nodeGroupOf, updateOf } from './translate.ts'

/** The node groups of one account and region over EKS' API; contract in port.ts. One method per call, so longer than most functions. */
export function createNodeGroups({ call, clock }: { readonly call: AwsCall; readonly clock: Clock }): NodeGroupsPort {
  const cache = new FreshCache<NodeGroup | undefined>(clock)
  /** Runs a write and forgets what was known of the group, whatever came of it: a write without an answer may have happened. */
  const changing = async <T>(key: string, write: () => Promise<T>): Promise<T> => {
    try {
      return await write()
    } finally {
      cache.drop(key)
    }
  }
  return {
    describe: async (cluster, name, { signal, maxAgeMs = 0 }) => {
      const key = keyOf(cluster, name)
      return await cache.get(key, { maxAgeMs, signal }, async (shared) => await describe(call, cluster, name, { signal: shared }))
    },

    list: async (clusterName, { signal }) =>
      await allPages(async (nextToken) => {
        const page = await call(
          'eks:ListNodegroups',
          { clusterName, maxResults: 100, ...(nextToken !== undefined && { nextToken }) },
          { signal, target: clusterName },
        )
        if (page.nodegroups === undefined) throw answerWithout('nodegroups', 'eks:ListNodegroups')
        return { items: page.nodegroups, nextToken: page.nextToken }
      }),

    create: async (cluster, creation, { signal, token }) => {
      const key = keyOf(cluster, creation.name)
      const input = creationRequest(cluster, creation, token)
      const { nodegroup } = await changing(key, async () => await call('eks:CreateNodegroup', input, { signal, target: key }))
      return nodegroup?.createdAt?.toISOString()
    },

    updateScaling: async (cluster, name, scaling, { signal, token }) => {
      const key = keyOf(cluster, name)
      const input = { clusterName: cluster, nodegroupName: name, clientRequestToken: token, scalingConfig: { ...scaling } }
      const { update } = await changing(key, async () => await call('eks:UpdateNodegroupConfig', input, { signal, target: key }))
      return update?.id
    },

    updateConfig: async (cluster, name, change, { signal, token }) => {
      const key = keyOf(cluster, name)
      const input = configRequest(cluster, name, change, token)
      if (input === undefined) return undefined
      const { update } = await changing(key, async () => await call('eks:UpdateNodegroupConfig', input, { signal, target: key }))
      return update?.id
    },

    updateVersion: async (cluster, name, change, { signal, token }) => {
      const key = keyOf(cluster, name)
      const { launchTemplate, ...rest } = change
      const input = {
        clusterName: cluster,
        nodegroupName: name,
        clientRequestToken: token,
        ...rest,
        ...(launchTemplate && { launchTemplate: { ...launchTemplate } }),
      }
      const { update } = await changing(key, async () => await call('eks:UpdateNodegroupVersion', input, { signal, target: key }))
      return update?.id
    },

    describeUpdate: async (cluster, name, updateId, { signal }) => {
      const input = { name: cluster, nodegroupName: name, updateId }
      const found = await orAbsent(async () => await call('eks:DescribeUpdate', input, { signal, target: keyOf(cluster, name) }))
      if (found === undefined) return undefined
      if (found.update === undefined) throw answerWithout('update', 'eks:DescribeUpdate')
      return updateOf(found.update)
    },

    listUpdates: async (cluster, name, { signal }) =>
      await allPages(async (nextToken) => {
        const input = { name: cluster, nodegroupName: name, maxResults: 100, ...(nextToken !== undefined && { nextToken }) }
        const page = await call('eks:ListUpdates', input, { signal, target: keyOf(cluster, name) })
        if (page.updateIds === undefined) throw answerWithout('updateIds', 'eks:ListUpdates')
        return { items: page.updateIds, nextToken: page.nextToken }
      }),

    delete: async (cluster, name, { signal }) => {
      const key = keyOf(cluster, name)
      const input = { clusterName: cluster, nodegroupName: name }
      await changing(key, async () => await orAbsent(async () => await call('eks:DeleteNodegroup', input, { signal, target: key })))
    },

    tag: async (arn, tags, { signal }) => {
      const key = keyOfArn(arn)
      await changing(key, async () => await call('eks:TagResource', { resourceArn: arn, tags: { ...tags } }, { signal, target: key }))
    },

    untag: async (arn, keys, { signal }) => {
      const key = keyOfArn(arn)
      await changing(key, async () => await call('eks:UntagResource', { resourceArn: arn, tagKeys: [...keys] }, { signal, target: key }))
    },
  }
}

async function describe(call: AwsCall, cluster: string, name: string, { signal }: AwsCallOptions): Promise<NodeGroup | undefined> {
  const context: AwsCallContext = { signal, target: keyOf(cluster, name) }
  const found = await orAbsent(async () => await call('eks:DescribeNodegroup', { clusterName: cluster, nodegroupName: name }, context))
  if (found === undefined) return undefined
  if (found.nodegroup === undefined) throw answerWithout('nodegroup', 'eks:DescribeNodegroup')
  return nodeGroupOf(found.nodegroup)
}

/** `undefined` when the thing itself is missing; a missing cluster is another matter, since nothing follows from it about the group. */
async function orAbsent<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (isAwsError(error, 'NotFound') && !isClusterMissing(error)) return undefined
    throw error
  }
}

function isClusterMissing(error: AwsError): boolean {
  return error.reason === 'ClusterNotFound'
}

function keyOf(cluster: string, name: string): string {
  return `${cluster}/${name}`
}

/** `arn:aws:eks:us-west-2:111122223333:nodegroup/demo/workers/8ec3…` → `demo/workers`. */
function keyOfArn(arn: string): string {
  const [, cluster = arn, name = ''] = arn.slice(arn.lastIndexOf(':') + 1).split('/')
  return keyOf(cluster, name)
}
