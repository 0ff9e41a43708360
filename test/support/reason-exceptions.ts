/** `Kind Condition Reason` */
export type ReasonPair = `${string} ${string} ${string}`

/** Reasons that no integration test must show, and why. */
export interface ReasonException {
  readonly why: string
  readonly pairs: readonly ReasonPair[]
  /** They can be seen, and are gone within a moment: a test that waited for them would be red now and then. */
  readonly fleeting?: true
}

/** Keep it short: what a test can show is shown. An exception that is seen all the same fails, unless it is fleeting. */
export const reasonExceptions: readonly ReasonException[] = [
  {
    why: 'What the runtime says of a deletion whose finalizer says nothing. That of TargetCluster always names what it waits for.',
    pairs: ['TargetCluster Ready Deleting'],
  },
  {
    why: 'Only where AWS takes the credentials for DescribeCluster and no longer for AssumeRole, which makes the token of connection.eksToken: CloudReachable says it first.',
    pairs: ['AccessDenied', 'NoCredentials', 'CredentialsRefused', 'ClockSkewed', 'RoleNotAssumed'].map(
      (reason): ReasonPair => `TargetCluster KubernetesReachable ${reason}`,
    ),
  },
  {
    why: 'Only where the group goes between two reads of one pass, after a restart that lost the answer of an update.',
    pairs: ['EksNodeGroup Stalled NodeGroupNotFound'],
    fleeting: true,
  },
]
