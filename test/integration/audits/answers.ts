/** An error in the words of AWS: those of the reviewed table of errors (`src/aws/error-table.ts`). */
interface Answer {
  readonly code: string
  readonly status?: number
  readonly message: string
}

const noCredentials: Answer = { code: 'MissingAuthenticationToken', status: 403, message: 'Missing Authentication Token' }
const credentialsRefused: Answer = { code: 'UnrecognizedClientException', status: 403, message: 'The security token included in the request is invalid.' }
const clockSkewed: Answer = { code: 'RequestInTheFuture', status: 403, message: 'Signature not yet current' }

const denied = (action: string): Answer => ({
  code: 'AccessDeniedException',
  status: 403,
  message: `User: arn:aws:sts::111122223333:assumed-role/operator is not authorized to perform: ${action}`,
})

/** What EKS answers when the node group of an example is created, by its `# given:`. */
export const answersToCreation: Readonly<Record<string, Answer>> = {
  'the operator may not create node groups': denied('eks:CreateNodegroup'),
  'EKS sees no credentials when the group is created': noCredentials,
  'EKS does not accept the credentials when the group is created': credentialsRefused,
  'EKS finds the time of the request wrong when the group is created': clockSkewed,
  'the node role does not trust EC2': {
    code: 'InvalidParameterException',
    message: 'Following required service principals [ec2.amazonaws.com] were not found in the trust relationships of nodeRole',
  },
  'EKS does not offer node groups in the zone of the subnet': { code: 'UnsupportedAvailabilityZoneException', message: 'not offered in us-west-2a' },
  'EKS no longer finds the cluster when the group is created': {
    code: 'ResourceNotFoundException',
    status: 404,
    message: 'No cluster found for name: demo.',
  },
  'EKS makes no more node groups in this cluster': {
    code: 'ResourceLimitExceededException',
    message: "You've reached the limit on the number of nodegroups that can be created within the cluster.",
  },
}

/** What EKS answers when it is asked for the cluster that an example's TargetCluster names, by its `# given:`. */
export const answersAboutCluster: Readonly<Record<string, Answer>> = {
  'the operator may not see the cluster': denied('eks:DescribeCluster'),
  'EKS sees no credentials when it is asked for the cluster': noCredentials,
  'EKS does not accept the credentials when it is asked for the cluster': credentialsRefused,
  'EKS finds the time of the request wrong when it is asked for the cluster': clockSkewed,
  'EKS does not answer when it is asked for the cluster': { code: 'ServerException', status: 500, message: 'internal failure' },
}
