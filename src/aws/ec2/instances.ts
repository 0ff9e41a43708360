import type { AwsCall } from '../api.ts'
import { allPages } from '../pages.ts'
import type { Instance, InstancesPort } from './port.ts'

/** Small enough that one answer is never cut, whatever the instances carry. */
const pageSize = 200

/**
 * The instances of one account and region; contract in port.ts. Asks by filter, since a call with an id that EC2 does not know fails as a whole
 * (`InvalidInstanceID.NotFound`).
 */
export function createInstances({ call }: { readonly call: AwsCall }): InstancesPort {
  return {
    describe: async (ids, { signal }) => {
      const found: Instance[] = []
      for (let start = 0; start < ids.length; start += pageSize) {
        const Filters = [{ Name: 'instance-id', Values: ids.slice(start, start + pageSize) }]
        const reservations = await allPages(async (NextToken) => {
          const page = await call(
            'ec2:DescribeInstances',
            { Filters, ...(NextToken !== undefined && { NextToken }) },
            { signal, target: `${ids.length} instances` },
          )
          return { items: page.Reservations ?? [], nextToken: page.NextToken }
        })
        for (const { InstanceId, State, InstanceType, Placement, LaunchTime } of reservations.flatMap(({ Instances = [] }) => Instances)) {
          found.push({
            id: InstanceId ?? '',
            state: State?.Name ?? '',
            instanceType: InstanceType ?? '',
            zone: Placement?.AvailabilityZone ?? '',
            ...(LaunchTime !== undefined && { launchedAt: LaunchTime.toISOString() }),
          })
        }
      }
      return found
    },
  }
}
