import type { AutoScalingGroup, DescribeAutoScalingGroupsCommandInput } from '@aws-sdk/client-auto-scaling'
import type { Clock } from '../../lib/clock.ts'
import type { AwsCall } from '../api.ts'
import type { AwsCallOptions } from '../eks/port.ts'
import { FreshCache } from '../fresh-cache.ts'
import { allPages } from '../pages.ts'
import { NewestSeen, type Sweep } from './newest-seen.ts'
import type { ScalingActivity, ScalingGroup, ScalingGroupsPort } from './port.ts'
import { activityOf, scalingGroupOf } from './translate.ts'

/** EC2 Auto Scaling's largest page, and the most names one call may hold. */
const pageSize = 100

/** The Auto Scaling groups of one account and region; contract in port.ts. */
export function createScalingGroups({ call, clock }: { readonly call: AwsCall; readonly clock: Clock }): ScalingGroupsPort {
  const sweeps = new FreshCache<Sweep>(clock)
  const newest = new NewestSeen()
  const attempts = new FreshCache<readonly ScalingActivity[]>(clock)
  return {
    describe: async (names, options) => {
      const found: ScalingGroup[] = []
      // A call without names would list the whole account.
      for (let start = 0; start < names.length; start += pageSize) {
        const chunk = names.slice(start, start + pageSize)
        const readAtMs = clock.monotonicMs()
        const there = await read(call, { AutoScalingGroupNames: chunk }, chunk.join(','), options)
        newest.remember(chunk, there, readAtMs)
        found.push(...there)
      }
      return found
    },

    ofCluster: async (cluster, { signal, maxAgeMs }) => {
      const filter = { Filters: [{ Name: 'tag:eks:cluster-name', Values: [cluster] }] }
      const sweep = await sweeps.get(cluster, { maxAgeMs, signal }, async (shared) => {
        const readAtMs = clock.monotonicMs()
        return { groups: await read(call, filter, cluster, { signal: shared }), readAtMs }
      })
      return newest.over(sweep)
    },

    forget: (cluster) => {
      sweeps.drop(cluster)
    },

    activities: async (group, { signal, maxAgeMs = 0 }) =>
      await attempts.get(group, { maxAgeMs, signal }, async (shared) => {
        const input = { AutoScalingGroupName: group, MaxRecords: 20 }
        const { Activities = [] } = await call('autoscaling:DescribeScalingActivities', input, { signal: shared, target: group })
        return Activities.map(activityOf)
      }),
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
