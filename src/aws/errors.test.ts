import { describe, expect, it } from 'vitest'
import type { AwsAction } from './api.ts'
import { errorTable } from './error-table.ts'
import { translateAwsError } from './errors.ts'

function sdkError(name: string, message: string, httpStatusCode?: number, code?: string): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode }, ...(code !== undefined && { code }) })
}

const inUse = 'ResourceInUseException'
const invalid = 'InvalidParameterException'
const cases: readonly (readonly [string, AwsAction, Error, string, string])[] = [
  ['no such cluster', 'eks:DescribeNodegroup', sdkError('ResourceNotFoundException', 'No cluster found for name: demo.', 404), 'NotFound', 'ClusterNotFound'],
  [
    'no such group',
    'eks:DescribeNodegroup',
    sdkError('ResourceNotFoundException', 'No node group found for name: workers.', 404),
    'NotFound',
    'NodeGroupNotFound',
  ],
  [
    'no such group in a cluster whose name says cluster',
    'eks:DescribeNodegroup',
    sdkError('ResourceNotFoundException', 'No node group found for name: no-cluster.', 404),
    'NotFound',
    'NodeGroupNotFound',
  ],
  ['somebody on the way knows no such page', 'eks:DescribeNodegroup', sdkError('UnknownError', 'UnknownError', 404), 'Unavailable', 'AnswerNotUnderstood'],
  ['no such cluster, said otherwise', 'eks:DescribeCluster', sdkError('ResourceNotFoundException', 'gone', 404), 'NotFound', 'ClusterNotFound'],
  ['no such update', 'eks:DescribeUpdate', sdkError('ResourceNotFoundException', 'No update found for ID: u-1', 404), 'NotFound', 'UpdateNotFound'],
  [
    'a group of that name is there',
    'eks:CreateNodegroup',
    sdkError(inUse, 'NodeGroup already exists with name workers and cluster name demo', 409),
    'AlreadyExists',
    'NodeGroupExists',
  ],
  [
    'the group is busy',
    'eks:UpdateNodegroupConfig',
    sdkError(inUse, 'Nodegroup cannot be updated as it is currently not in Active State', 409),
    'Busy',
    'NodeGroupBusy',
  ],
  ['the group is being deleted', 'eks:DeleteNodegroup', sdkError('InvalidRequestException', 'Nodegroup is being deleted', 400), 'Busy', 'NodeGroupBusy'],
  [
    'the cluster is not ACTIVE',
    'eks:CreateNodegroup',
    sdkError('InvalidRequestException', "Cluster 'demo' is not in ACTIVE status", 400),
    'Busy',
    'ClusterNotActive',
  ],
  [
    'an unknown subnet',
    'eks:CreateNodegroup',
    sdkError(invalid, "The subnet ID 'subnet-9' does not exist (Service: AmazonEC2; Status Code: 400; Error Code: InvalidSubnetID.NotFound)", 400),
    'Invalid',
    'SubnetNotFound',
  ],
  [
    'an unknown role',
    'eks:CreateNodegroup',
    sdkError(
      invalid,
      'The role with name nobody cannot be found. (Service: AmazonIdentityManagement; Status Code: 404; Error Code: NoSuchEntity; Request ID: 1)',
      400,
    ),
    'Invalid',
    'RoleNotFound',
  ],
  [
    'a role that trusts nobody',
    'eks:CreateNodegroup',
    sdkError(
      invalid,
      'Following required service principals [ec2.amazonaws.com] were not found in the trust relationships of nodeRole arn:aws:iam::1:role/n',
      400,
    ),
    'Invalid',
    'RoleNotTrusted',
  ],
  ['other bad input', 'eks:CreateNodegroup', sdkError(invalid, 'diskSize must be at least 20', 400), 'Invalid', 'RefusedByAws'],
  ['a quota', 'eks:CreateNodegroup', sdkError('ResourceLimitExceededException', 'Nodegroups per cluster', 400), 'QuotaExceeded', 'QuotaReached'],
  [
    'a right that EKS checks on the caller',
    'eks:CreateNodegroup',
    sdkError('InvalidRequestException', "Failed to validate if SLR: x already exists due to missing permissions for 'iam:GetRole'", 400),
    'AccessDenied',
    'AccessDenied',
  ],
  [
    'no right, in the words of EC2',
    'autoscaling:DescribeAutoScalingGroups',
    sdkError('UnauthorizedOperation', 'You are not authorized', 403),
    'AccessDenied',
    'AccessDenied',
  ],
  ['no credentials', 'sts:GetCallerIdentity', sdkError('CredentialsProviderError', 'Could not load credentials'), 'AccessDenied', 'NoCredentials'],
  ['old credentials', 'eks:DescribeCluster', sdkError('ExpiredTokenException', 'expired', 403), 'AccessDenied', 'CredentialsRefused'],
  [
    'throttling in the words of EC2',
    'autoscaling:DescribeAutoScalingGroups',
    sdkError('RequestLimitExceeded', 'Request limit exceeded.', 503),
    'Throttled',
    'Throttled',
  ],
  [
    'no such scaling group',
    'autoscaling:DescribeScalingActivities',
    sdkError('ValidationError', 'Group eks-x not found', 400),
    'NotFound',
    'AutoScalingGroupNotFound',
  ],
  [
    'a group that another service operates',
    'autoscaling:SetDesiredCapacity',
    sdkError('AccessDenied', 'Auto Scaling group eks-x is managed by eks.amazonaws.com; only the operator may change it', 403),
    'AccessDenied',
    'GroupLockedByOperator',
  ],
  [
    'no right, by a role with the word operator in its name',
    'autoscaling:SetDesiredCapacity',
    sdkError('AccessDenied', 'User: arn:aws:sts::1:assumed-role/tidegate-operator/x is not authorized to perform: autoscaling:SetDesiredCapacity', 403),
    'AccessDenied',
    'AccessDenied',
  ],
  [
    'an instance that its group has no longer',
    'autoscaling:TerminateInstanceInAutoScalingGroup',
    sdkError('ValidationError', 'Instance Id not found - No managed instance found for instance ID: i-1', 400),
    'NotFound',
    'InstanceNotFound',
  ],
  [
    'an instance of another group',
    'autoscaling:SetInstanceProtection',
    sdkError('ValidationError', 'The instance i-1 is not part of Auto Scaling group eks-x.', 400),
    'NotFound',
    'InstanceNotFound',
  ],
  [
    'an instance that is leaving',
    'autoscaling:SetInstanceProtection',
    sdkError('ValidationError', 'The instance i-1 is not in InService or EnteringStandby or Standby.', 400),
    'Busy',
    'ScalingInProgress',
  ],
  [
    'a count at the minimum',
    'autoscaling:TerminateInstanceInAutoScalingGroup',
    sdkError(
      'ValidationError',
      "Currently, desiredSize equals minSize (3). Terminating instance without replacement will violate group's min size constraint.",
      400,
    ),
    'Invalid',
    'MinSizeReached',
  ],
  [
    'a count out of bounds',
    'autoscaling:SetDesiredCapacity',
    sdkError('ValidationError', 'Desired capacity:4 must be between the specified min size:0 and max size:3', 400),
    'Invalid',
    'SizeOutOfBounds',
  ],
  [
    'a count above the maximum, as AWS says it too',
    'autoscaling:SetDesiredCapacity',
    sdkError('ValidationError', 'New SetDesiredCapacity value 3 is above max value 2 for the AutoScalingGroup.', 400),
    'Invalid',
    'SizeOutOfBounds',
  ],
  ['another refusal', 'autoscaling:CreateOrUpdateTags', sdkError('ValidationError', 'aws: prefixed tag keys', 400), 'Invalid', 'RefusedByAws'],
  [
    'two changes at once, which come as a 500',
    'autoscaling:SetDesiredCapacity',
    sdkError('ResourceContentionFault', 'You already have a pending update', 500, 'ResourceContention'),
    'Busy',
    'ScalingInProgress',
  ],
  [
    'a group whose health stops an update',
    'eks:UpdateNodegroupVersion',
    sdkError('InvalidRequestException', 'Nodegroup health has issues other than [ AsgInstanceLaunchFailures ]', 400),
    'Invalid',
    'NodeGroupUnhealthy',
  ],
  ['a server fault', 'eks:DescribeCluster', sdkError('ServerException', 'oops', 500), 'Unavailable', 'AwsUnavailable'],
  ['a time-out of the SDK', 'eks:DescribeCluster', sdkError('TimeoutError', 'Request timed out'), 'Unavailable', 'AwsTimedOut'],
  [
    'a broken connection, which the SDK calls a time-out',
    'eks:DescribeCluster',
    sdkError('TimeoutError', 'socket hang up', undefined, 'ECONNRESET'),
    'Unavailable',
    'AwsUnreachable',
  ],
  ['no such host', 'eks:DescribeCluster', sdkError('Error', 'getaddrinfo ENOTFOUND x', undefined, 'ENOTFOUND'), 'Unavailable', 'AwsUnreachable'],
  ['an answer that is no JSON', 'eks:DescribeCluster', new SyntaxError('Unexpected token <'), 'Unavailable', 'AwsUnavailable'],
  ['an unknown code with 403', 'eks:DescribeCluster', sdkError('NewDenial', 'no', 403), 'AccessDenied', 'AccessDenied'],
  ['an unknown code with 400', 'eks:DescribeCluster', sdkError('NewProblem', 'no', 400), 'Invalid', 'RefusedByAws'],
  ['an unknown code with 503', 'eks:DescribeCluster', sdkError('NewTrouble', 'no', 503), 'Unavailable', 'AwsUnavailable'],
]

describe('translateAwsError', () => {
  it.each(cases)('%s', (_, action, raw, kind, reason) => {
    const error = translateAwsError(raw, action)
    expect(error).toMatchObject({ kind, reason, action })
    expect(error.cause).toBe(raw)
  })

  it('names the action that is missing, and not whose session asked', () => {
    const message =
      'User: arn:aws:sts::111122223333:assumed-role/tidegate/tidegate-7f9c-x is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/n because no identity-based policy allows the iam:PassRole action'
    expect(translateAwsError(sdkError('AccessDeniedException', message, 403), 'eks:CreateNodegroup').message).toBe(
      "AWS denies iam:PassRole (which eks:CreateNodegroup needs) on arn:aws:iam::111122223333:role/n. Allow it in the IAM policy of the role that asked: spec.aws.roleArn of the TargetCluster where that names one, else the operator's own.",
    )
  })

  it('says what AWS said, without request ids, and what to do', () => {
    const message = "The subnet ID 'subnet-9' does not exist (Service: AmazonEC2; Status Code: 400; Request ID: d74eea6b-fe44-4a72-a981-9b9dd4925902)"
    expect(translateAwsError(sdkError(invalid, message, 400), 'eks:CreateNodegroup').message).toBe(
      "eks:CreateNodegroup: The subnet ID 'subnet-9' does not exist. Make a group with subnets that exist in the cluster's VPC, region and account.",
    )
  })

  it('reads the first fault of a connection that was tried over IPv6 and IPv4', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED ::1:443'), { code: 'ECONNREFUSED' })
    expect(translateAwsError(new AggregateError([refused], ''), 'eks:DescribeCluster')).toMatchObject({ reason: 'AwsUnreachable', code: 'ECONNREFUSED' })
  })
})

describe('errorTable', () => {
  it('has no row that an earlier one hides', () => {
    const hidden = errorTable.flatMap((row, index) => {
      const codes = [row.code].flat()
      const earlier = errorTable.slice(0, index).filter(({ text, service, action }) => {
        return text === undefined && action === undefined && (service === undefined || service === row.service)
      })
      return codes.filter((code) => earlier.some((other) => [other.code].flat().includes(code))).map((code) => `${row.service ?? 'any'} ${code}`)
    })
    expect(hidden).toEqual([])
  })

  it('gives every row a reason fit for a condition, a remedy that is a sentence, and a source', () => {
    for (const { reason, remedy, source } of errorTable) {
      expect(reason).toMatch(/^[A-Z][A-Za-z]+$/)
      expect(remedy).toMatch(/^[A-Z].*\.$/)
      expect(source).not.toBe('')
    }
  })
})
