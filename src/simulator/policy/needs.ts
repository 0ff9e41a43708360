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
  readonly InstanceId?: string | readonly string[]
  readonly Tags?: readonly { readonly ResourceId?: string; readonly Key?: string; readonly Value?: string }[]
  readonly LaunchTemplateId?: string
  readonly LaunchTemplateName?: string
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
  const ofInstance = typeof input.InstanceId === 'string' ? region.instances.get(input.InstanceId)?.scalingGroup : undefined
  return [scalingGroupArn(region, input.AutoScalingGroupName ?? ofInstance ?? '')]
}

const taggedGroups: Resources = ({ Tags = [] }, region) => [...new Set(Tags.map(({ ResourceId = '' }) => scalingGroupArn(region, ResourceId)))]

function scalingGroupArn(region: Region, name: string): string {
  return region.scalingGroups.get(name)?.arn ?? `arn:aws:autoscaling:${region.name}:${region.account.id}:autoScalingGroup:unknown:autoScalingGroupName/${name}`
}

const template: Resources = ({ LaunchTemplateId, LaunchTemplateName }, region) => {
  const known = [...region.launchTemplates.values()].find(({ id, name }) => id === LaunchTemplateId || name === LaunchTemplateName)
  return [`arn:aws:ec2:${region.name}:${region.account.id}:launch-template/${known?.id ?? LaunchTemplateId ?? '*'}`]
}

const instances: Resources = ({ InstanceId = [] }, region) => [InstanceId].flat().map((id) => `arn:aws:ec2:${region.name}:${region.account.id}:instance/${id}`)

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
  'eks:UpdateNodegroupVersion': nodegroup,
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
  'autoscaling:EnterStandby': scalingGroup,
  'autoscaling:ExitStandby': scalingGroup,
  'autoscaling:CreateOrUpdateTags': taggedGroups,
  'autoscaling:DeleteTags': taggedGroups,
  'ec2:CreateLaunchTemplate': template,
  'ec2:CreateLaunchTemplateVersion': template,
  'ec2:ModifyLaunchTemplate': template,
  'ec2:DeleteLaunchTemplate': template,
  'ec2:TerminateInstances': instances,
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
  const request = requestContext(named)
  const own = (resources[action] ?? (() => ['*']))(named, region).map((resource) => {
    const context = Object.assign(resourceContext(resource, region), request)
    return { action, resource, context }
  })
  return [...own, ...(alsoNeeds[action]?.(named, region) ?? [])]
}

/** `aws:RequestTag` and `aws:TagKeys` of a call that sets tags. Keys are in small letters: conditions compare them so. */
function requestContext({ tags = {}, Tags = [] }: Named): NonNullable<Need['context']> {
  const all = [...Object.entries(tags), ...Tags.map(({ Key = '', Value = '' }) => [Key, Value] as const)]
  if (all.length === 0) return {}
  return {
    'aws:tagkeys': all.map(([key]) => key),
    ...Object.fromEntries(all.map(([key, value]) => [`aws:requesttag/${key}`.toLowerCase(), [String(value)]])),
  }
}

/** `aws:ResourceTag` of what the call is about, under the service's own name too where it has one. */
function resourceContext(resource: string, region: Region): Record<string, readonly string[]> {
  const service = resource.split(':')[2] ?? ''
  return Object.fromEntries(
    Object.entries(tagsOf(resource, region)).flatMap(([key, value]) => [
      [`aws:resourcetag/${key}`.toLowerCase(), [value]],
      [`${service}:resourcetag/${key}`.toLowerCase(), [value]],
    ]),
  )
}

function tagsOf(resource: string, region: Region): Readonly<Record<string, string>> {
  const id = resource.split('/').at(-1) ?? ''
  const holders = [
    ...region.scalingGroups.values(),
    ...region.clusters.values(),
    ...[...region.clusters.values()].flatMap(({ nodegroups }) => Array.from(nodegroups.values())),
  ]
  const found = holders.find(({ arn }) => arn === resource)
  if (found !== undefined) return found.tags
  if (resource.includes(':launch-template/')) return region.launchTemplates.get(id)?.tags ?? {}
  return resource.includes(':instance/') ? (region.instances.get(id)?.tags ?? {}) : {}
}

/** What AWS asks of the caller beside the call's own action, with the sources in aws-eks.md §1.1 and review-aws.md 10. */
const alsoNeeds: Readonly<Record<string, (input: Named, region: Region) => readonly Need[]>> = {
  'eks:CreateNodegroup': (input, region) => {
    const { nodeRole = '', tags = {}, launchTemplate } = input
    const context = requestContext(input)
    return [
      { action: 'iam:PassRole', resource: nodeRole, context: { 'iam:passedtoservice': ['eks.amazonaws.com'] } },
      ...[nodeRole, serviceRole(region)].map((resource) => ({ action: 'iam:GetRole', resource })),
      { action: 'iam:ListAttachedRolePolicies', resource: nodeRole },
      { action: 'ec2:DescribeSubnets', resource: '*' },
      ...(Object.keys(tags).length === 0 ? [] : nodegroup(input, region).map((resource) => ({ action: 'eks:TagResource', resource, context }))),
      ...(launchTemplate === undefined ? [] : templateNeeds),
      ...(hasNodegroups(region) ? [] : [makesServiceRole(region)]),
    ]
  },
  // "The IAM entity calling CreateNodegroup or UpdateNodegroupVersion must have permissions for ec2:RunInstances and ec2:CreateTags"
  'eks:UpdateNodegroupVersion': ({ launchTemplate }) => (launchTemplate === undefined ? [] : templateNeeds),
}

/** EKS' service-linked role for node groups, which the first one of an account makes (EKS User Guide: using roles for Amazon EKS node groups). */
function serviceRole({ account }: Region): string {
  return `arn:aws:iam::${account.id}:role/aws-service-role/eks-nodegroup.amazonaws.com/AWSServiceRoleForAmazonEKSNodegroup`
}

function makesServiceRole(region: Region): Need {
  return { action: 'iam:CreateServiceLinkedRole', resource: serviceRole(region), context: { 'iam:awsservicename': ['eks-nodegroup.amazonaws.com'] } }
}

function hasNodegroups({ clusters }: Region): boolean {
  return [...clusters.values()].some(({ nodegroups }) => nodegroups.size > 0)
}

const templateNeeds: readonly Need[] = ['ec2:RunInstances', 'ec2:CreateTags'].map((action) => ({ action, resource: '*' }))
