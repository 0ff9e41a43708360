import type { Region } from '../region.ts'
import type { Need } from './evaluate.ts'

/** The members that decide about resources; an input may lack any of them. */
interface Named {
  readonly name?: string
  readonly clusterName?: string
  readonly nodegroupName?: string
  readonly resourceArn?: string
  readonly nodeRole?: string
  readonly launchTemplate?: object
  readonly tags?: object
  readonly AutoScalingGroupName?: string
  readonly InstanceId?: string
  readonly RoleName?: string
  readonly RoleArn?: string
}

type Resources = (input: Named, region: Region) => readonly string[]

const cluster: Resources = (input, region) => [`arn:aws:eks:${region.name}:${region.account.id}:cluster/${input.clusterName ?? input.name ?? ''}`]

const nodegroup: Resources = (input, region) => {
  const clusterName = input.clusterName ?? input.name ?? ''
  const known = region.clusters.get(clusterName)?.nodegroups.get(input.nodegroupName ?? '')
  return [known?.arn ?? `arn:aws:eks:${region.name}:${region.account.id}:nodegroup/${clusterName}/${input.nodegroupName ?? ''}/unknown`]
}

const updates: Resources = (input, region) => [...cluster(input, region), ...(input.nodegroupName === undefined ? [] : nodegroup(input, region))]
const byArn: Resources = ({ resourceArn = '' }) => [resourceArn]

const scalingGroup: Resources = (input, region) => {
  const name = input.AutoScalingGroupName ?? region.instances.get(input.InstanceId ?? '')?.scalingGroup ?? ''
  return [
    region.scalingGroups.get(name)?.arn ?? `arn:aws:autoscaling:${region.name}:${region.account.id}:autoScalingGroup:unknown:autoScalingGroupName/${name}`,
  ]
}

const role: Resources = ({ RoleName = '' }, region) => [region.account.roles.get(RoleName)?.arn ?? `arn:aws:iam::${region.account.id}:role/${RoleName}`]

/**
 * On what each action acts (Service Authorization Reference). What is not here has no resource of its own: `*`.
 */
const resources: Readonly<Record<string, Resources>> = {
  'eks:DescribeCluster': cluster,
  'eks:ListNodegroups': cluster,
  'eks:CreateNodegroup': cluster,
  'eks:DescribeNodegroup': nodegroup,
  'eks:UpdateNodegroupConfig': nodegroup,
  'eks:DeleteNodegroup': nodegroup,
  'eks:DescribeUpdate': updates,
  'eks:ListUpdates': updates,
  'eks:TagResource': byArn,
  'eks:UntagResource': byArn,
  'eks:ListTagsForResource': byArn,
  'autoscaling:SetDesiredCapacity': scalingGroup,
  'autoscaling:UpdateAutoScalingGroup': scalingGroup,
  'autoscaling:SuspendProcesses': scalingGroup,
  'autoscaling:ResumeProcesses': scalingGroup,
  'autoscaling:SetInstanceProtection': scalingGroup,
  'autoscaling:TerminateInstanceInAutoScalingGroup': scalingGroup,
  'iam:GetRole': role,
  'iam:ListAttachedRolePolicies': role,
  'sts:AssumeRole': ({ RoleArn = '' }) => [RoleArn],
}

/** Everybody may ask who he is, whatever his policies say (STS reference, GetCallerIdentity). */
const free: ReadonlySet<string> = new Set(['sts:GetCallerIdentity'])

/** Everything that AWS checks on the caller for one call, also for what the service does on the caller's behalf (aws-rules A7). */
export function needsOf(action: string, input: unknown, region: Region): readonly Need[] {
  if (free.has(action)) return []
  const named = input as Named
  const own = (resources[action] ?? (() => ['*']))(named, region).map((resource) => ({ action, resource, context: contextOf(resource, region) }))
  return action === 'eks:CreateNodegroup' ? [...own, ...creationNeeds(named, region)] : own
}

/** Keys are in small letters: conditions compare them so. */
function contextOf(resource: string, region: Region): Readonly<Record<string, readonly string[]>> {
  const group = [...region.scalingGroups.values()].find(({ arn }) => arn === resource)
  return Object.fromEntries(
    Object.entries(group?.tags ?? {}).flatMap(([key, value]) => [
      [`aws:resourcetag/${key}`.toLowerCase(), [value]],
      [`autoscaling:resourcetag/${key}`.toLowerCase(), [value]],
    ]),
  )
}

function creationNeeds(input: Named, region: Region): readonly Need[] {
  const { nodeRole = '', tags = {}, launchTemplate } = input
  return [
    { action: 'iam:PassRole', resource: nodeRole, context: { 'iam:passedtoservice': ['eks.amazonaws.com'] } },
    { action: 'iam:GetRole', resource: nodeRole },
    { action: 'iam:ListAttachedRolePolicies', resource: nodeRole },
    { action: 'ec2:DescribeSubnets', resource: '*' },
    ...(Object.keys(tags).length === 0 ? [] : nodegroup(input, region).map((resource) => ({ action: 'eks:TagResource', resource }))),
    ...(launchTemplate === undefined ? [] : ['ec2:RunInstances', 'ec2:CreateTags'].map((action) => ({ action, resource: '*' }))),
  ]
}
