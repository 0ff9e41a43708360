import { scalingErrorRows } from './autoscaling/error-rows.ts'
import { eksErrorRows } from './eks/error-rows.ts'
import { type ErrorRow, allowIt } from './error-row.ts'

const commonErrors = 'AWS common error types; @smithy/core retry constants'

const otherRows: readonly ErrorRow[] = [
  {
    code: ['InsufficientInstanceCapacity', 'UnfulfillableCapacity', 'InsufficientCapacityOnHost', 'ReservationCapacityExceeded'],
    kind: 'NoCapacity',
    reason: 'InsufficientCapacity',
    remedy: 'AWS has none of these instances in the zone now; add instance types or zones, or reserve capacity.',
    source: 'aws/karpenter-provider-aws pkg/errors/errors.go',
  },
  {
    code: [
      'VcpuLimitExceeded',
      'MaxSpotInstanceCountExceeded',
      'MaxFleetCountExceeded',
      'InstanceLimitExceeded',
      'LimitExceededFault',
      'LimitExceededException',
    ],
    kind: 'QuotaExceeded',
    reason: 'QuotaReached',
    remedy: 'Ask AWS for a higher quota, or remove what is not needed.',
    source: 'aws/karpenter-provider-aws pkg/errors/errors.go; service models',
  },
]

const commonRows: readonly ErrorRow[] = [
  {
    code: [
      'ThrottlingException',
      'Throttling',
      'ThrottledException',
      'RequestThrottledException',
      'RequestThrottled',
      'TooManyRequestsException',
      'RequestLimitExceeded',
      'BandwidthLimitExceeded',
      'PriorRequestNotComplete',
      'SlowDown',
      'EC2ThrottledException',
    ],
    kind: 'Throttled',
    reason: 'Throttled',
    remedy: 'AWS asks for fewer calls; it is tried again more slowly.',
    source: commonErrors,
  },
  {
    action: 'sts:AssumeRole',
    code: ['AccessDeniedException', 'AccessDenied'],
    kind: 'AccessDenied',
    reason: 'RoleNotAssumed',
    remedy:
      "Let the operator assume the role: the role's trust policy names the operator's role, with the same external id; the operator's IAM policy allows sts:AssumeRole on it.",
    source: 'IAM user guide, "Troubleshoot IAM roles": one answer for a role that is not there, does not trust the caller, or wants another external id',
  },
  {
    code: ['AccessDeniedException', 'AccessDenied', 'UnauthorizedOperation', 'NotAuthorized', 'AuthFailure', 'UnauthorizedException', 'ForbiddenException'],
    kind: 'AccessDenied',
    reason: 'AccessDenied',
    remedy: allowIt,
    source: commonErrors,
  },
  {
    code: ['CredentialsProviderError', 'CredentialsError', 'MissingAuthenticationToken', 'MissingAuthenticationTokenException', 'TokenProviderError'],
    kind: 'AccessDenied',
    reason: 'NoCredentials',
    remedy: 'Give the operator credentials: EKS Pod Identity for its service account, or the AWS environment variables.',
    source: 'SDK credential providers',
  },
  {
    code: [
      'ExpiredTokenException',
      'ExpiredToken',
      'InvalidClientTokenId',
      'UnrecognizedClientException',
      'InvalidSignatureException',
      'SignatureDoesNotMatch',
      'IncompleteSignature',
      'InvalidAccessKeyId',
      'OptInRequired',
    ],
    kind: 'AccessDenied',
    reason: 'CredentialsRefused',
    remedy: "AWS does not accept the operator's credentials: check that they are current and of the right account and region.",
    source: commonErrors,
  },
  {
    code: ['RequestExpired', 'RequestTimeTooSkewed', 'RequestInTheFuture'],
    kind: 'AccessDenied',
    reason: 'ClockSkewed',
    remedy: "The operator's clock differs from AWS' by more than five minutes; set it right.",
    source: commonErrors,
  },
  {
    code: ['ServerException', 'ServiceUnavailableException', 'InternalFailure', 'InternalError', 'InternalServerError', 'InternalServerException'],
    kind: 'Unavailable',
    reason: 'AwsUnavailable',
    remedy: 'It is tried again.',
    source: `@aws-sdk/client-eks models/errors; ${commonErrors}`,
  },
  {
    code: ['ServiceUnavailable', 'Unavailable', 'ServiceFailureException', 'ServiceFailure', 'IDPCommunicationError'],
    kind: 'Unavailable',
    reason: 'AwsUnavailable',
    remedy: 'It is tried again.',
    source: commonErrors,
  },
  {
    code: ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'EPIPE', 'CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    kind: 'Unavailable',
    reason: 'AwsUnreachable',
    remedy: 'There is no connection to AWS; check region, DNS, proxy and network policies. It is tried again.',
    source: 'Node.js error codes; stands before the time-outs, since node-http-handler names ECONNRESET and EPIPE TimeoutError too (seen)',
  },
  {
    code: ['TimeoutError', 'RequestTimeout', 'RequestTimeoutException', 'ETIMEDOUT'],
    kind: 'Unavailable',
    reason: 'AwsTimedOut',
    remedy: 'AWS did not answer in time; it is tried again. When it stays so, check the network path to the endpoint.',
    source: 'node-http-handler throwOnRequestTimeout; @smithy/core retry constants',
  },
  {
    code: ['ValidationError', 'ValidationException', 'InvalidInputException', 'InvalidInput', 'InvalidAction', 'InvalidNextToken', 'UnknownOperationException'],
    kind: 'Invalid',
    reason: 'RefusedByAws',
    remedy: 'Correct what AWS names.',
    source: commonErrors,
  },
]

/** The reviewed table: AWS' code (and text, where it must be) → kind, reason, remedy. */
export const errorTable: readonly ErrorRow[] = [...eksErrorRows, ...scalingErrorRows, ...otherRows, ...commonRows]
