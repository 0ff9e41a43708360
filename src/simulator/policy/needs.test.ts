import { describe, expect, it } from 'vitest'
import { testGroup } from '../test-group.ts'
import type { PolicyDocument } from './document.ts'
import { isAllowed } from './evaluate.ts'
import { needsOf } from './needs.ts'

const { region, group, nodegroup, members } = testGroup(1, { input: { tags: { 'tidegate.io/owner': 'u1' } } })
const [instance] = members()
const nodeRole = 'arn:aws:iam::111122223333:role/demo-node'
const workers = { clusterName: 'demo', nodegroupName: 'workers' }

const needs: Readonly<Record<string, readonly [action: string, input: object, needed: readonly string[]]>> = {
  'a version update needs itself alone without a template': ['eks:UpdateNodegroupVersion', workers, [`eks:UpdateNodegroupVersion ${nodegroup.arn}`]],
  'with a template also what EKS launches for the caller': [
    'eks:UpdateNodegroupVersion',
    { ...workers, launchTemplate: { name: 'own' } },
    [`eks:UpdateNodegroupVersion ${nodegroup.arn}`, 'ec2:RunInstances *', 'ec2:CreateTags *'],
  ],
  'a termination is about the group of the instance': [
    'autoscaling:TerminateInstanceInAutoScalingGroup',
    { InstanceId: instance?.id },
    [`autoscaling:TerminateInstanceInAutoScalingGroup ${group.arn}`],
  ],
  'tags are about each group that they name, once': [
    'autoscaling:CreateOrUpdateTags',
    {
      Tags: [
        { ResourceId: group.name, Key: 'a' },
        { ResourceId: group.name, Key: 'b' },
      ],
    },
    [`autoscaling:CreateOrUpdateTags ${group.arn}`],
  ],
  'an unknown template is not granted by the name of another': [
    'ec2:CreateLaunchTemplateVersion',
    { LaunchTemplateId: 'lt-01' },
    ['ec2:CreateLaunchTemplateVersion arn:aws:ec2:us-west-2:111122223333:launch-template/lt-01'],
  ],
  'reads without a resource are about everything': ['autoscaling:DescribeTags', {}, ['autoscaling:DescribeTags *']],
  'nothing is needed to ask who one is': ['sts:GetCallerIdentity', {}, []],
}

describe('needsOf', () => {
  it.each(Object.entries(needs))('%s', (_sentence, [action, input, needed]) => {
    expect(needsOf(action, input, region).map((need) => `${need.action} ${need.resource}`)).toEqual(needed)
  })
})

const serviceRole = 'arn:aws:iam::111122223333:role/aws-service-role/eks-nodegroup.amazonaws.com/AWSServiceRoleForAmazonEKSNodegroup'

it.each([
  ['the first node group makes the service-linked role', true],
  ['another finds it', false],
])('%s', (_sentence, isFirst) => {
  const { region: place } = testGroup(1)
  if (isFirst) for (const { nodegroups } of place.clusters.values()) nodegroups.clear()
  const needed = needsOf('eks:CreateNodegroup', { ...workers, nodeRole }, place)
  expect(needed).toContainEqual({ action: 'iam:GetRole', resource: serviceRole })
  expect(needed.filter(({ action }) => action === 'iam:CreateServiceLinkedRole')).toEqual(
    isFirst ? [{ action: 'iam:CreateServiceLinkedRole', resource: serviceRole, context: { 'iam:awsservicename': ['eks-nodegroup.amazonaws.com'] } }] : [],
  )
})

type Statement = Partial<PolicyDocument['Statement'][number]>

const decisions: Readonly<Record<string, readonly [statement: Statement, action: string, input: object, allowed: boolean]>> = {
  'aws:ResourceTag of the Auto Scaling group lets a termination pass': [
    { Condition: { StringEquals: { 'aws:ResourceTag/eks:cluster-name': 'demo' } } },
    'autoscaling:TerminateInstanceInAutoScalingGroup',
    { InstanceId: instance?.id },
    true,
  ],
  'another cluster’s tag does not': [
    { Condition: { StringEquals: { 'aws:ResourceTag/eks:cluster-name': 'other' } } },
    'autoscaling:TerminateInstanceInAutoScalingGroup',
    { InstanceId: instance?.id },
    false,
  ],
  'aws:ResourceTag of a node group is looked at': [
    { Condition: { StringEquals: { 'aws:ResourceTag/tidegate.io/owner': 'u1' } } },
    'eks:UpdateNodegroupVersion',
    workers,
    true,
  ],
  'aws:ResourceTag of an instance is looked at': [
    { Condition: { StringEquals: { 'ec2:ResourceTag/eks:nodegroup-name': 'other' } } },
    'ec2:TerminateInstances',
    { InstanceId: [instance?.id] },
    false,
  ],
  'aws:RequestTag is what the call sets': [
    { Condition: { StringLike: { 'aws:RequestTag/tidegate.io/suspended': '*' } } },
    'autoscaling:CreateOrUpdateTags',
    { Tags: [{ ResourceId: group.name, Key: 'tidegate.io/suspended', Value: 'AZRebalance' }] },
    true,
  ],
}

function passingTo(service: string): PolicyDocument {
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'iam:PassRole', Resource: '*', Condition: { StringEquals: { 'iam:PassedToService': service } } }],
  }
}

describe('a statement with a condition', () => {
  it.each(Object.entries(decisions))('%s', (_sentence, [statement, action, input, allowed]) => {
    const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*', ...statement }] } as PolicyDocument
    expect(needsOf(action, input, region).every((need) => isAllowed(policy, need))).toBe(allowed)
  })

  it('iam:PassedToService tells for whom a role is passed', () => {
    const passing = needsOf('eks:CreateNodegroup', { ...workers, nodeRole }, region).find(({ action }) => action === 'iam:PassRole')
    if (passing === undefined) throw new Error('no role is passed')
    expect([isAllowed(passingTo('eks.amazonaws.com'), passing), isAllowed(passingTo('ec2.amazonaws.com'), passing)]).toEqual([true, false])
  })
})
