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

export interface Instance {
  readonly id: string
  /** EC2's own words: `pending`, `running`, `shutting-down`, `terminated`, … */
  readonly state: string
  readonly instanceType: string
  readonly zone: string
  /** RFC 3339. */
  readonly launchedAt?: string
}

export interface InstancesPort {
  /** The instances that EC2 shows; one that is gone, or too new to be seen, is absent from the answer. */
  describe(ids: readonly string[], options: AwsCallOptions): Promise<readonly Instance[]>
}
