import type { AutoScalingGroup, DescribeAutoScalingGroupsCommandInput } from '@aws-sdk/client-auto-scaling'
import type { Clock } from '../../lib/clock.ts'
import type { AwsCall } from '../api.ts'
import type { AwsCallOptions } from '../eks/port.ts'
import { FreshCache } from '../fresh-cache.ts'
import { GatheredReads } from '../gathered-reads.ts'
import { allPages } from '../pages.ts'
import { NewestSeen, type Sweep } from './newest-seen.ts'
import type { ScalingActivity, ScalingGroup, ScalingGroupsPort } from './port.ts'
import { activityOf, scalingGroupOf } from './translate.ts'
import { createWrites } from './writes.ts'

/** EC2 Auto Scaling's largest page, and the most names one call may hold. */
const pageSize = 100

/** In the usual budget (budgets.ts) they could not leave more often for long; in a larger one it stays, since a call takes a hundred names. */
const gapMs = 100

/** EKS puts it on the groups that it makes. */
const clusterTag = 'eks:cluster-name'

/** The Auto Scaling groups of one account and region; contract in port.ts. */
export function createScalingGroups({ call, clock }: { readonly call: AwsCall; readonly clock: Clock }): ScalingGroupsPort {
  const sweeps = new FreshCache<Sweep>(clock)
  const newest = new NewestSeen()
  const attempts = new FreshCache<readonly ScalingActivity[]>(clock)
  const changed = (group: string): void => {
    attempts.drop(group)
    newest.written(group, clock.monotonicMs())
  }
  const single = new GatheredReads<ScalingGroup>({
    clock,
    most: pageSize,
    gapMs,
    read: async (names, signal) => {
      const readAtMs = clock.monotonicMs()
      const there = await read(call, { AutoScalingGroupNames: [...names] }, names.join(','), { signal })
      newest.remember(names, there, readAtMs)
      return new Map(there.map((group) => [group.name, group]))
    },
  })
  return {
    describe: async (names, { signal }) => {
      const found = await Promise.all(names.map(async (name) => await single.get(name, signal)))
      return found.filter((group) => group !== undefined)
    },

    ofCluster: async (cluster, { signal, maxAgeMs }) => {
      const filter = { Filters: [{ Name: `tag:${clusterTag}`, Values: [cluster] }] }
      const sweep = await sweeps.get(cluster, { maxAgeMs, signal }, async (shared) => {
        const readAtMs = clock.monotonicMs()
        return { groups: await read(call, filter, cluster, { signal: shared }), readAtMs }
      })
      return newest.over(sweep)
    },

    forget: changed,

    activities: async (group, { signal, maxAgeMs = 0 }) =>
      await attempts.get(group, { maxAgeMs, signal }, async (shared) => {
        const input = { AutoScalingGroupName: group, MaxRecords: 20 }
        const { Activities = [] } = await call('autoscaling:DescribeScalingActivities', input, { signal: shared, target: group })
        return Activities.map(activityOf)
      }),

    ...createWrites(call, changed),
  }
}

async function read(call: AwsCall, which: DescribeAutoScalingGroupsCommandInput, target: string, { signal }: AwsCallOptions): Promise<readonly ScalingGroup[]> {
  const groups = await allPages<AutoScalingGroup>(async (NextToken) => {
    const input = { ...which, MaxRecords: pageSize, ...(NextToken !== undefined && { NextToken }) }
    const page = await call('autoscaling:DescribeAutoScalingGroups', input, { signal, target })
    return { items: page.AutoScalingGroups ?? [], nextToken: page.NextToken }
  })
  return groups.map(scalingGroupOf)
}
