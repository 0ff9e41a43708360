import type { AwsCallOptions } from '../eks/port.ts'

interface Role {
  readonly arn: string
  /** `AROA…`: another one when a role of the same name is made anew. */
  readonly uniqueId: string
}

export interface RolesPort {
  /** The role with this ARN, or `undefined` when there is none in the account. */
  describe(arn: string, options: AwsCallOptions): Promise<Role | undefined>
}
