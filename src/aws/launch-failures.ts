import type { AwsErrorKind } from './aws-error.ts'

/** Why instances do not come, read from words. */
export interface LaunchFailure {
  readonly kind: AwsErrorKind
  /** Fit for a condition's `reason`. */
  readonly reason: string
}

/**
 * EC2's refusals reach us only as text, in `DescribeScalingActivities` and in the health issues of a node group (reference aws-eks §3.4). The
 * codes are those of aws/karpenter-provider-aws pkg/errors/errors.go and of the EC2 API reference, "Error codes"; the sentences are EC2's own, as the EC2
 * Auto Scaling User Guide has them ("Troubleshoot … instance launch failures", "… AMI issues"). There `Client.InternalError` is a volume whose KMS key the
 * service-linked role may not use.
 *
 * The first row that fits counts: "You are not authorized to use launch template …" is about a right, and nothing is wrong with the template.
 */
const rows: readonly (readonly [RegExp, AwsErrorKind, string])[] = [
  [/ReservationCapacityExceeded|reservation.*(?:exceeded|does not have (?:sufficient|enough))/i, 'NoCapacity', 'ReservationFull'],
  [/InsufficientInstanceCapacity|UnfulfillableCapacity|do not have sufficient .*capacity|no Spot capacity available/i, 'NoCapacity', 'InsufficientCapacity'],
  [/VcpuLimitExceeded|more vCPU capacity than your current vCPU limit/i, 'QuotaExceeded', 'QuotaReached'],
  [/InstanceLimitExceeded|than your current instance limit/i, 'QuotaExceeded', 'QuotaReached'],
  [/MaxSpotInstanceCountExceeded|Max spot instance count exceeded/i, 'QuotaExceeded', 'QuotaReached'],
  [/MaxFleetCountExceeded|quota for maximum Fleet Requests/i, 'QuotaExceeded', 'QuotaReached'],
  [/InsufficientFreeAddresses|not enough free addresses|insufficient free addresses/i, 'NoCapacity', 'NoFreeAddresses'],
  [/UnauthorizedOperation|not authorized|Client\.InternalError|InvalidKMSKey/i, 'AccessDenied', 'AccessDenied'],
  [/is not supported in your requested Availability Zone|Unsupported(?:Operation)?\b/i, 'Invalid', 'NotOfferedInZone'],
  [/InvalidUserData|InvalidAMIID|InvalidLaunchTemplate|InvalidParameter|launch template/i, 'Invalid', 'LaunchTemplateRefused'],
  [/(?:image id|AMI ID|security group|key pair) .*does not exist/i, 'Invalid', 'LaunchTemplateRefused'],
  [/Invalid device name|block device mappings not supported|Placement groups may not be used/i, 'Invalid', 'LaunchTemplateRefused'],
  [/RequestLimitExceeded|Throttl/i, 'Throttled', 'Throttled'],
]

/** What the words of a failed launch mean, or `undefined` when no known one is among them. */
export function launchFailure(text: string): LaunchFailure | undefined {
  const row = rows.find(([pattern]) => pattern.test(text))
  return row && { kind: row[1], reason: row[2] }
}
