import type { ErrorRow } from '../error-row.ts'

const scalingModel = '@aws-sdk/client-auto-scaling models/errors'

/** What EC2 Auto Scaling says. Nearly all its refusals are one code, `ValidationError`, so that the text must tell. */
export const scalingErrorRows: readonly ErrorRow[] = [
  {
    service: 'autoscaling',
    code: [
      'ScalingActivityInProgressFault',
      'ScalingActivityInProgress',
      'ResourceContentionFault',
      'ResourceContention',
      'ResourceInUseFault',
      'ResourceInUse',
    ],
    kind: 'Busy',
    reason: 'ScalingInProgress',
    remedy: 'It is tried again when the running scaling activity has ended.',
    source: `${scalingModel}; aws-rules B4`,
  },
  {
    service: 'autoscaling',
    code: ['AccessDenied', 'AccessDeniedException'],
    // IAM's own denial may hold the word too, in the name of our role.
    text: /^(?!.*not authorized to perform).*\b(?:managed by|operator)\b/is,
    kind: 'AccessDenied',
    reason: 'GroupLockedByOperator',
    remedy: 'Another AWS service operates the Auto Scaling group; release it there.',
    source:
      'service model, AutoScalingGroup.Operator: "All mutating API calls from non-operator callers are rejected with an AccessDenied exception"; wording not verified against AWS',
  },
  {
    service: 'autoscaling',
    code: 'ValidationError',
    text: /violate group's min size constraint|desiredSize equals minSize/i,
    kind: 'Invalid',
    reason: 'MinSizeReached',
    remedy: 'The Auto Scaling group is at its minimum; lower scaling.minSize first.',
    source:
      '"Currently, desiredSize equals minSize (3). Terminating instance without replacement will violate group\'s min size constraint. …": hashicorp/nomad-autoscaler#1290',
  },
  {
    service: 'autoscaling',
    code: 'ValidationError',
    text: /desired capacity:? ?\d+ must be (?:between|less than|above|greater than)|(?:above|below) (?:max|min) value/i,
    kind: 'Invalid',
    reason: 'SizeOutOfBounds',
    remedy: "The number lies outside the Auto Scaling group's minimum and maximum; change those first.",
    source:
      '"Desired capacity:4 must be between the specified min size:0 and max size:3"; "New SetDesiredCapacity value 3 is above max value 2 for the AutoScalingGroup." (kubernetes/autoscaler issues; wording not verified against AWS)',
  },
  {
    service: 'autoscaling',
    code: 'ValidationError',
    text: /instance id not found|no managed instance found|is not part of auto ?scaling group/i,
    kind: 'NotFound',
    reason: 'InstanceNotFound',
    remedy: 'The instance is gone from the Auto Scaling group; the group is read again.',
    source:
      '"Instance Id not found - No managed instance found for instance ID: i-0…"; "The instance i-0… is not part of Auto Scaling group x." (kubernetes/autoscaler, kubernetes/kops issues; wording not verified against AWS)',
  },
  {
    service: 'autoscaling',
    code: 'ValidationError',
    text: /is not in InService/i,
    kind: 'Busy',
    reason: 'ScalingInProgress',
    remedy: 'An instance is starting or ending; the group is read again.',
    source: '"The instance i-0… is not in InService or EnteringStandby or Standby.": hashicorp/terraform-provider-aws, kubernetes/autoscaler issues',
  },
  {
    service: 'autoscaling',
    code: 'ValidationError',
    text: /not found/i,
    kind: 'NotFound',
    reason: 'AutoScalingGroupNotFound',
    remedy: 'The Auto Scaling group is gone; Amazon EKS shows it in the health of the node group.',
    source:
      '"Group x not found" / "AutoScalingGroup name not found" as ValidationError 400 (EC2 Auto Scaling has no code of its own for it; wording not verified against AWS)',
  },
]
