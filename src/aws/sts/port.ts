import type { AwsCallOptions } from '../eks/port.ts'

interface Identity {
  readonly accountId: string
  readonly arn: string
}

export interface IdentityPort {
  /** Whose credentials are used, as AWS sees it. */
  get(options: AwsCallOptions): Promise<Identity>
}
