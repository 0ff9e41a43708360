import type { AwsAction, AwsApi } from './api.ts'

/** What a grant reaches; iam-policy.ts writes the ARNs, and for `ScalingGroup` the condition on the tag that EKS gives its groups. */
export type Scope =
  | 'Cluster'
  | 'TargetRole'
  | 'NodeGroup'
  | 'ClusterAndNodeGroup'
  | 'NodeRole'
  | 'NodeAndServiceRole'
  | 'NodeGroupServiceRole'
  | 'ScalingGroup'
  | 'Any'

export type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>

interface GrantFacts {
  readonly scope: Scope
  readonly condition?: Condition
  /** In place of it in partition `aws-cn`. */
  readonly conditionInChina?: Condition
  readonly reason: string
  readonly source: string
}

/** An action that AWS checks on the caller, on behalf of the call it made. */
export interface Grant extends GrantFacts {
  readonly action: string
}

export interface Permission extends GrantFacts {
  /** A write goes through `beforeWrite` (caller.ts). */
  readonly access: 'Read' | 'Write'
  /**
   * It waits for no place in the call budget, and the SDK neither repeats it, whatever becomes of the answer, nor holds it back after AWS throttled others:
   * a second call would act again and there is no token; or nothing stops what it begins, so that it is sent only right after somebody was asked whether it
   * may be (P10); or what is sent (then it depends on that) is good only as long as the read that it was made from.
   */
  readonly sendOnce?: true | ((input: unknown) => boolean)
  /** AWS answers this call to everybody, so that it is not in the policy. */
  readonly needsNoGrant?: true
  readonly alsoNeeds: readonly Grant[]
}

/** EKS sets the number that it is sent, also below one that somebody raised since it was read, and a maximum below that one lowers it too (aws-rules B1). */
const mayLowerNumber = (input: unknown): boolean => {
  const { desiredSize, maxSize } = (input as AwsApi['eks:UpdateNodegroupConfig']['input']).scalingConfig ?? {}
  return desiredSize !== undefined || maxSize !== undefined
}

const authorization = 'Service Authorization Reference'
const eksAuthorization = `${authorization}: Amazon EKS`

/** What EKS checks where a launch template is used. */
const templateNeeds: readonly Grant[] = [
  {
    action: 'ec2:CreateTags',
    scope: 'Any',
    reason: 'with a launch template EKS checks that the caller could tag the instances',
    source: 'EKS User Guide: customize managed nodes with launch templates',
  },
  {
    action: 'ec2:RunInstances',
    scope: 'Any',
    reason: 'with a launch template EKS checks that the caller could start its instances',
    source: 'EKS User Guide: customize managed nodes with launch templates',
  },
]

const createAlsoNeeds: readonly Grant[] = [
  ...templateNeeds,
  {
    action: 'ec2:DescribeSubnets',
    scope: 'Any',
    reason: 'EKS looks at the subnets as the caller',
    source: 'groups failed without it: aws-controllers-k8s/community#2164',
  },
  {
    action: 'eks:TagResource',
    scope: 'NodeGroup',
    reason: 'the ownership tags are given at creation (aws-rules A6)',
    source: eksAuthorization,
  },
  {
    action: 'iam:CreateServiceLinkedRole',
    scope: 'NodeGroupServiceRole',
    condition: { StringEquals: { 'iam:AWSServiceName': 'eks-nodegroup.amazonaws.com' } },
    reason: "the first node group of an account makes EKS' service-linked role",
    source: 'EKS User Guide: using roles for Amazon EKS node groups',
  },
  {
    action: 'iam:GetRole',
    scope: 'NodeAndServiceRole',
    reason: 'EKS looks at the node role and at its service-linked role as the caller',
    source: '"Failed to validate if SLR … missing permissions for \'iam:GetRole\'": terraform-aws-modules/terraform-aws-eks#823',
  },
  {
    action: 'iam:ListAttachedRolePolicies',
    scope: 'NodeRole',
    reason: 'EKS looks at the policies of the node role as the caller',
    source: 'groups failed without it: aws-controllers-k8s/community#2164',
  },
  {
    action: 'iam:PassRole',
    scope: 'NodeRole',
    condition: { StringEquals: { 'iam:PassedToService': ['ec2.amazonaws.com', 'eks.amazonaws.com'] } },
    conditionInChina: { StringEquals: { 'iam:PassedToService': ['ec2.amazonaws.com', 'ec2.amazonaws.com.cn', 'eks.amazonaws.com'] } },
    reason: 'the node role is handed to EKS, which hands it to the instances',
    source:
      'EKS User Guide: troubleshooting IAM. Which of the two services EKS names is not verified, so both may; EC2 has either name in China: aws/karpenter-provider-aws#6839, terraform-aws-modules/terraform-aws-eks#3422',
  },
]

/**
 * What the operator must be allowed: one entry per call of api.ts, which the compiler holds complete. The IAM policy is rendered from it and the
 * simulator evaluates every call against that policy (aws-rules A7). Resource scopes follow the Service Authorization Reference from memory: only
 * a run against AWS itself can prove them.
 */
export const permissions = {
  'autoscaling:DescribeAutoScalingGroups': {
    access: 'Read',
    scope: 'Any',
    reason: "the authority for a node group's counts (aws-rules B1)",
    source: `${authorization}: EC2 Auto Scaling (no resource-level permission)`,
    alsoNeeds: [],
  },
  'autoscaling:DescribeScalingActivities': {
    access: 'Read',
    scope: 'Any',
    reason: 'says why instances do not come',
    source: `${authorization}: EC2 Auto Scaling (no resource-level permission)`,
    alsoNeeds: [],
  },
  'autoscaling:CreateOrUpdateTags': {
    access: 'Write',
    scope: 'ScalingGroup',
    reason: 'says on the Auto Scaling group what we suspended there (aws-rules B6)',
    source: `${authorization}: EC2 Auto Scaling`,
    alsoNeeds: [],
  },
  'autoscaling:DeleteTags': {
    access: 'Write',
    scope: 'ScalingGroup',
    reason: 'takes back our own tag',
    source: `${authorization}: EC2 Auto Scaling`,
    alsoNeeds: [],
  },
  'autoscaling:ResumeProcesses': {
    access: 'Write',
    scope: 'ScalingGroup',
    reason: 'lets the zones be rebalanced again, where we suspended that (aws-rules B6)',
    source: `${authorization}: EC2 Auto Scaling`,
    alsoNeeds: [],
  },
  'autoscaling:SetDesiredCapacity': {
    access: 'Write',
    sendOnce: true,
    scope: 'ScalingGroup',
    reason: 'withdraws instances that have not arrived; what runs is protected first (aws-rules B5)',
    source: `${authorization}: EC2 Auto Scaling`,
    alsoNeeds: [],
  },
  'autoscaling:SetInstanceProtection': {
    access: 'Write',
    scope: 'ScalingGroup',
    reason: 'protects what runs while instances that have not arrived are withdrawn (aws-rules B5)',
    source: `${authorization}: EC2 Auto Scaling`,
    alsoNeeds: [],
  },
  'autoscaling:SuspendProcesses': {
    access: 'Write',
    scope: 'ScalingGroup',
    reason: 'keeps AWS from ending other nodes after a named removal (aws-rules B6)',
    source: `${authorization}: EC2 Auto Scaling`,
    alsoNeeds: [],
  },
  'autoscaling:TerminateInstanceInAutoScalingGroup': {
    access: 'Write',
    sendOnce: true,
    scope: 'ScalingGroup',
    reason: 'ends the drained node by name (aws-rules B4)',
    source: `${authorization}: EC2 Auto Scaling`,
    alsoNeeds: [],
  },
  'eks:CreateNodegroup': { access: 'Write', scope: 'Cluster', reason: 'makes node groups', source: eksAuthorization, alsoNeeds: createAlsoNeeds },
  'eks:DeleteNodegroup': {
    access: 'Write',
    sendOnce: true,
    scope: 'NodeGroup',
    reason: 'removes node groups',
    source: eksAuthorization,
    alsoNeeds: [],
  },
  'eks:DescribeCluster': { access: 'Read', scope: 'Cluster', reason: 'state and version of a target', source: eksAuthorization, alsoNeeds: [] },
  'eks:DescribeNodegroup': { access: 'Read', scope: 'NodeGroup', reason: 'state of a node group', source: eksAuthorization, alsoNeeds: [] },
  'eks:DescribeUpdate': {
    access: 'Read',
    scope: 'ClusterAndNodeGroup',
    reason: 'the error text of an update (aws-rules A2)',
    source: eksAuthorization,
    alsoNeeds: [],
  },
  'eks:ListNodegroups': { access: 'Read', scope: 'Cluster', reason: 'discovery in a target', source: eksAuthorization, alsoNeeds: [] },
  'eks:ListUpdates': {
    access: 'Read',
    scope: 'ClusterAndNodeGroup',
    reason: 'finds an update whose id was lost (aws-rules A2)',
    source: eksAuthorization,
    alsoNeeds: [],
  },
  'eks:TagResource': { access: 'Write', scope: 'NodeGroup', reason: 'ownership tags (aws-rules A6)', source: eksAuthorization, alsoNeeds: [] },
  'eks:UntagResource': { access: 'Write', scope: 'NodeGroup', reason: 'takes back our own tags', source: eksAuthorization, alsoNeeds: [] },
  'eks:UpdateNodegroupConfig': {
    access: 'Write',
    sendOnce: mayLowerNumber,
    scope: 'NodeGroup',
    reason: 'sizes, labels, taints',
    source: eksAuthorization,
    alsoNeeds: [],
  },
  'eks:UpdateNodegroupVersion': {
    access: 'Write',
    sendOnce: true,
    scope: 'NodeGroup',
    reason: 'updates version, release or template (aws-rules B7)',
    source: eksAuthorization,
    alsoNeeds: templateNeeds,
  },
  'sts:AssumeRole': {
    access: 'Read',
    scope: 'TargetRole',
    reason: 'the role of a target in another account (spec.aws.roleArn of a TargetCluster); it changes nothing',
    source: `${authorization}: AWS STS`,
    alsoNeeds: [],
  },
  'sts:GetCallerIdentity': {
    access: 'Read',
    scope: 'Any',
    needsNoGrant: true,
    reason: 'which account the credentials belong to',
    source: 'STS API Reference, GetCallerIdentity: "No permissions are required to perform this operation"',
    alsoNeeds: [],
  },
} as const satisfies { readonly [A in AwsAction]: Permission }
