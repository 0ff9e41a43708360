import type { AwsCall } from '../api.ts'
import { allPages } from '../pages.ts'
import type { Subnet, SubnetsPort } from './port.ts'

/** The subnets of one account and region; contract in port.ts. */
export function createSubnets({ call }: { readonly call: AwsCall }): SubnetsPort {
  return {
    describe: async (ids, { signal }) => {
      // A call without ids would list the whole account.
      if (ids.length === 0) return []
      const found = await allPages(async (NextToken) => {
        const input = { SubnetIds: [...ids], ...(NextToken !== undefined && { NextToken }) }
        const page = await call('ec2:DescribeSubnets', input, { signal, target: ids.join(',') })
        return { items: page.Subnets ?? [], nextToken: page.NextToken }
      })
      const subnets = found.map(
        (raw): Subnet => ({
          id: raw.SubnetId ?? '',
          vpcId: raw.VpcId ?? '',
          zone: raw.AvailabilityZone ?? '',
          freeAddresses: raw.AvailableIpAddressCount ?? 0,
        }),
      )
      return ids.flatMap((id) => subnets.find((subnet) => subnet.id === id) ?? [])
    },
  }
}
