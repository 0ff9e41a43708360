import type { AwsCallOptions } from '../eks/port.ts'

interface Identity {
  readonly accountId: string
  readonly arn: string
}

export interface IdentityPort {
  /** Whose credentials are used, as AWS sees it. */
  get(options: AwsCallOptions): Promise<Identity>
}

/** A role of another account (or of this one), whose session replaces the credentials. */
export interface AssumedRole {
  readonly roleArn: string
  /** What the role's trust policy asks for, so that nobody makes us use a role that was given to somebody else. */
  readonly externalId?: string
}

export interface RoleSessionsPort {
  /** Credentials of an hour; the SDK asks for new ones before they end. */
  assume(role: AssumedRole, options: AwsCallOptions): Promise<RoleSession>
}

export interface RoleSession {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly expiration: Date
}

export interface ClusterTokensPort {
  /**
   * A bearer token for the API server of an EKS cluster: good for 15 min at most, and to be made anew before 14. Asks AWS for nothing but the
   * credentials, where these have to be renewed.
   */
  tokenFor(clusterName: string): Promise<string>
}
