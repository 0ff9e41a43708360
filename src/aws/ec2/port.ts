import type { AwsCallOptions } from '../eks/port.ts'

export interface Subnet {
  readonly id: string
  readonly vpcId: string
  /** `us-west-2a`. */
  readonly zone: string
  /** Addresses that are free now. */
  readonly freeAddresses: number
}

export interface SubnetsPort {
  /** All of them, in the order asked for. Errors: `AwsError` `NotFound` with reason `SubnetNotFound`, which names the missing one. */
  describe(ids: readonly string[], options: AwsCallOptions): Promise<readonly Subnet[]>
}
