import { describe, expect, it } from 'vitest'
import { iamPolicy, type IamPolicyOptions, renderIamPolicy } from './iam-policy.ts'
import { type Permission, permissions } from './permissions.ts'

function assumed(options: IamPolicyOptions): unknown {
  return iamPolicy(options).Statement.find(({ Action }) => Action.includes('sts:AssumeRole'))?.Resource
}

function passingConditions(options: IamPolicyOptions): readonly unknown[] {
  return iamPolicy(options).Statement.flatMap(({ Action, Condition }) => (Action.includes('iam:PassRole') ? [Condition] : []))
}

describe('iamPolicy', () => {
  const statements = iamPolicy().Statement
  const granted = statements.flatMap(({ Action }) => Action)

  it('grants every call and everything beside it, but what AWS answers to everybody', () => {
    const all = Object.entries<Permission>(permissions)
    const own = all.filter(([, { needsNoGrant }]) => needsNoGrant !== true).map(([action]) => action)
    const needed = own.concat(all.flatMap(([, { alsoNeeds }]) => alsoNeeds.map(({ action }) => action)))
    expect([...new Set(granted)].toSorted()).toEqual([...new Set(needed)].toSorted())
  })

  it('grants no action by wildcard', () => {
    expect(granted.filter((action) => action.includes('*'))).toEqual([])
  })

  it('reaches everything only with actions that AWS cannot limit, and the launch check of EKS', () => {
    expect(statements.filter(({ Resource }) => Resource.includes('*')).flatMap(({ Action }) => Action)).toEqual([
      'autoscaling:DescribeAutoScalingGroups',
      'autoscaling:DescribeScalingActivities',
      'ec2:CreateTags',
      'ec2:DescribeSubnets',
      'ec2:RunInstances',
    ])
  })

  it('A7: passes roles of one path to EKS and EC2, makes the service-linked role of node groups, changes Auto Scaling groups of EKS clusters: no other', () => {
    expect(statements.filter(({ Condition }) => Condition !== undefined)).toEqual([
      {
        Sid: 'NodeGroupServiceRoleCreateServiceLinkedRole',
        Effect: 'Allow',
        Action: ['iam:CreateServiceLinkedRole'],
        Resource: ['arn:aws:iam::*:role/aws-service-role/eks-nodegroup.amazonaws.com/AWSServiceRoleForAmazonEKSNodegroup'],
        Condition: { StringEquals: { 'iam:AWSServiceName': 'eks-nodegroup.amazonaws.com' } },
      },
      {
        Sid: 'NodeRolePassRole',
        Effect: 'Allow',
        Action: ['iam:PassRole'],
        Resource: ['arn:aws:iam::*:role/tidegate/*'],
        Condition: { StringEquals: { 'iam:PassedToService': ['ec2.amazonaws.com', 'eks.amazonaws.com'] } },
      },
      {
        Sid: 'ScalingGroup',
        Effect: 'Allow',
        Action: [
          'autoscaling:CreateOrUpdateTags',
          'autoscaling:DeleteTags',
          'autoscaling:ResumeProcesses',
          'autoscaling:SetDesiredCapacity',
          'autoscaling:SetInstanceProtection',
          'autoscaling:SuspendProcesses',
          'autoscaling:TerminateInstanceInAutoScalingGroup',
        ],
        Resource: ['arn:aws:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/eks-*'],
        Condition: { StringLike: { 'aws:ResourceTag/eks:cluster-name': '*' } },
      },
    ])
  })

  it('A7: in China passes roles to EC2 by either of its names there', () => {
    expect(passingConditions({ partition: 'aws-cn' })).toEqual([
      { StringEquals: { 'iam:PassedToService': ['ec2.amazonaws.com', 'ec2.amazonaws.com.cn', 'eks.amazonaws.com'] } },
    ])
    expect(passingConditions({ partition: 'aws-us-gov' })).toEqual(passingConditions({}))
  })

  it('can be narrowed to an account and a cluster, and fitted to the roles that its node groups have', () => {
    const passRoleArns = ['arn:aws:iam::111122223333:role/demo-node', 'arn:aws:iam::111122223333:role/eks/*']
    const narrow = renderIamPolicy({ region: 'us-west-2', accountId: '111122223333', cluster: 'demo', passRoleArns })
    const passing = iamPolicy({ passRoleArns }).Statement.filter(({ Action }) => Action.includes('iam:PassRole'))
    expect(passing.map(({ Resource }) => Resource)).toEqual([passRoleArns])
    expect(narrow).toContain('"arn:aws:eks:us-west-2:111122223333:nodegroup/demo/*/*"')
    expect(narrow).toContain('"aws:ResourceTag/eks:cluster-name": "demo"')
    expect(narrow).not.toContain('role/*"')
  })

  it('A7: assumes roles of one path in any account, or those that it is given: these apart from what may be passed to nodes', () => {
    expect(assumed({ accountId: '111122223333' })).toEqual(['arn:aws:iam::*:role/tidegate/*'])
    const targetRoleArns = ['arn:aws:iam::444455556666:role/tidegate/targets/*']
    expect(assumed({ targetRoleArns })).toEqual(targetRoleArns)
    const passing = iamPolicy({ targetRoleArns }).Statement.filter(({ Action }) => Action.includes('iam:PassRole'))
    expect(passing.map(({ Resource }) => Resource)).toEqual([['arn:aws:iam::*:role/tidegate/*']])
  })

  it('P10: lets the SDK repeat everything but what a second call would do again, what nothing stops once it has begun, and what may lower a number that somebody has raised meanwhile', () => {
    const once = Object.entries<Permission>(permissions).filter(([, { sendOnce }]) => sendOnce !== undefined)
    expect(once.map(([action]) => action)).toEqual([
      'autoscaling:SetDesiredCapacity',
      'autoscaling:TerminateInstanceInAutoScalingGroup',
      'eks:DeleteNodegroup',
      'eks:UpdateNodegroupConfig',
      'eks:UpdateNodegroupVersion',
    ])
    const { sendOnce } = permissions['eks:UpdateNodegroupConfig']
    const sizes = [{ desiredSize: 1 }, { maxSize: 1 }, { minSize: 1 }].map((scalingConfig) => ({ scalingConfig }))
    expect([...sizes, { labels: {} }].map(sendOnce)).toEqual([true, true, false, false])
  })

  it('fits a managed policy (6,144 characters without blanks) and has Sids that IAM takes, each once', () => {
    expect(renderIamPolicy().replace(/\s/g, '').length).toBeLessThan(6144)
    const sids = statements.map(({ Sid }) => Sid)
    expect(new Set(sids).size).toBe(sids.length)
    for (const sid of sids) expect(sid).toMatch(/^[A-Za-z0-9]+$/)
  })
})
