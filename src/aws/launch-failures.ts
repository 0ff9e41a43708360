import type { AwsErrorKind } from './aws-error.ts'

/** Why instances do not come, read from words. */
export interface LaunchFailure {
  readonly kind: AwsErrorKind
  /** Fit for a condition's `reason`. */
  readonly reason: string
}

/**
 * EC2's refusals reach us only as text, in `DescribeScalingActivities` and in the health issues of a node group (reference aws-eks §3.4). The
 * codes are those of aws/karpenter-provider-aws pkg/errors/errors.go; the sentences are EC2's own.
 */
const rows: readonly (readonly [RegExp, AwsErrorKind, string])[] = [
  [/ReservationCapacityExceeded|reservation.*(?:exceeded|does not have (?:sufficient|enough))/i, 'NoCapacity', 'ReservationFull'],
  [/InsufficientInstanceCapacity|UnfulfillableCapacity|do not have sufficient .*capacity|no Spot capacity available/i, 'NoCapacity', 'InsufficientCapacity'],
  [/VcpuLimitExceeded|more vCPU capacity than your current vCPU limit|InstanceLimitExceeded/i, 'QuotaExceeded', 'QuotaReached'],
  [/MaxSpotInstanceCountExceeded|Max spot instance count exceeded|MaxFleetCountExceeded/i, 'QuotaExceeded', 'QuotaReached'],
  [/InsufficientFreeAddresses|not enough free addresses|insufficient free addresses/i, 'NoCapacity', 'NoFreeAddresses'],
  [/is not supported in your requested Availability Zone|Unsupported(?:Operation)?\b/i, 'Invalid', 'NotOfferedInZone'],
  [/InvalidUserData|InvalidAMIID|InvalidLaunchTemplate|launch template/i, 'Invalid', 'LaunchTemplateRefused'],
  [/UnauthorizedOperation|not authorized/i, 'AccessDenied', 'AccessDenied'],
  [/RequestLimitExceeded|Throttl/i, 'Throttled', 'Throttled'],
]

/** What the words of a failed launch mean, or `undefined` when no known one is among them. */
export function launchFailure(text: string): LaunchFailure | undefined {
  const row = rows.find(([pattern]) => pattern.test(text))
  return row && { kind: row[1], reason: row[2] }
}
