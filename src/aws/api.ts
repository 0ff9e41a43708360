import type {
  CreateOrUpdateTagsCommandInput,
  CreateOrUpdateTagsCommandOutput,
  DeleteTagsCommandInput,
  DeleteTagsCommandOutput,
  DescribeAutoScalingGroupsCommandInput,
  DescribeAutoScalingGroupsCommandOutput,
  DescribeScalingActivitiesCommandInput,
  DescribeScalingActivitiesCommandOutput,
  ResumeProcessesCommandInput,
  ResumeProcessesCommandOutput,
  SetDesiredCapacityCommandInput,
  SetDesiredCapacityCommandOutput,
  SetInstanceProtectionCommandInput,
  SetInstanceProtectionCommandOutput,
  SuspendProcessesCommandInput,
  SuspendProcessesCommandOutput,
  TerminateInstanceInAutoScalingGroupCommandInput,
  TerminateInstanceInAutoScalingGroupCommandOutput,
} from '@aws-sdk/client-auto-scaling'
import type {
  CreateNodegroupCommandInput,
  CreateNodegroupCommandOutput,
  DeleteNodegroupCommandInput,
  DeleteNodegroupCommandOutput,
  DescribeClusterCommandInput,
  DescribeClusterCommandOutput,
  DescribeNodegroupCommandInput,
  DescribeNodegroupCommandOutput,
  DescribeUpdateCommandInput,
  DescribeUpdateCommandOutput,
  ListNodegroupsCommandInput,
  ListNodegroupsCommandOutput,
  ListUpdatesCommandInput,
  ListUpdatesCommandOutput,
  TagResourceCommandInput,
  TagResourceCommandOutput,
  UntagResourceCommandInput,
  UntagResourceCommandOutput,
  UpdateNodegroupConfigCommandInput,
  UpdateNodegroupConfigCommandOutput,
  UpdateNodegroupVersionCommandInput,
  UpdateNodegroupVersionCommandOutput,
} from '@aws-sdk/client-eks'
import type { AssumeRoleCommandInput, AssumeRoleCommandOutput, GetCallerIdentityCommandInput, GetCallerIdentityCommandOutput } from '@aws-sdk/client-sts'

interface Call<I, O> {
  readonly input: I
  readonly output: O
}

/**
 * Every call to AWS that Tidegate makes, under the name that IAM has for it, and no other. What is not here cannot be called (caller.ts) and is
 * not granted (permissions.ts is held complete against this by the compiler).
 */
export interface AwsApi {
  'autoscaling:CreateOrUpdateTags': Call<CreateOrUpdateTagsCommandInput, CreateOrUpdateTagsCommandOutput>
  'autoscaling:DeleteTags': Call<DeleteTagsCommandInput, DeleteTagsCommandOutput>
  'autoscaling:DescribeAutoScalingGroups': Call<DescribeAutoScalingGroupsCommandInput, DescribeAutoScalingGroupsCommandOutput>
  'autoscaling:DescribeScalingActivities': Call<DescribeScalingActivitiesCommandInput, DescribeScalingActivitiesCommandOutput>
  'autoscaling:ResumeProcesses': Call<ResumeProcessesCommandInput, ResumeProcessesCommandOutput>
  'autoscaling:SetDesiredCapacity': Call<SetDesiredCapacityCommandInput, SetDesiredCapacityCommandOutput>
  'autoscaling:SetInstanceProtection': Call<SetInstanceProtectionCommandInput, SetInstanceProtectionCommandOutput>
  'autoscaling:SuspendProcesses': Call<SuspendProcessesCommandInput, SuspendProcessesCommandOutput>
  'autoscaling:TerminateInstanceInAutoScalingGroup': Call<TerminateInstanceInAutoScalingGroupCommandInput, TerminateInstanceInAutoScalingGroupCommandOutput>
  'eks:CreateNodegroup': Call<CreateNodegroupCommandInput, CreateNodegroupCommandOutput>
  'eks:DeleteNodegroup': Call<DeleteNodegroupCommandInput, DeleteNodegroupCommandOutput>
  'eks:DescribeCluster': Call<DescribeClusterCommandInput, DescribeClusterCommandOutput>
  'eks:DescribeNodegroup': Call<DescribeNodegroupCommandInput, DescribeNodegroupCommandOutput>
  'eks:DescribeUpdate': Call<DescribeUpdateCommandInput, DescribeUpdateCommandOutput>
  'eks:ListNodegroups': Call<ListNodegroupsCommandInput, ListNodegroupsCommandOutput>
  'eks:ListUpdates': Call<ListUpdatesCommandInput, ListUpdatesCommandOutput>
  'eks:TagResource': Call<TagResourceCommandInput, TagResourceCommandOutput>
  'eks:UntagResource': Call<UntagResourceCommandInput, UntagResourceCommandOutput>
  'eks:UpdateNodegroupConfig': Call<UpdateNodegroupConfigCommandInput, UpdateNodegroupConfigCommandOutput>
  'eks:UpdateNodegroupVersion': Call<UpdateNodegroupVersionCommandInput, UpdateNodegroupVersionCommandOutput>
  'sts:AssumeRole': Call<AssumeRoleCommandInput, AssumeRoleCommandOutput>
  'sts:GetCallerIdentity': Call<GetCallerIdentityCommandInput, GetCallerIdentityCommandOutput>
}

/** `eks:DescribeNodegroup`: the service's prefix in IAM and the name of the SDK's command. */
export type AwsAction = keyof AwsApi

export const awsServices = ['autoscaling', 'eks', 'sts'] as const
export type AwsService = (typeof awsServices)[number]

export type ActionsOf<S extends AwsService> = Extract<AwsAction, `${S}:${string}`>

export function serviceOf(action: AwsAction): AwsService {
  return action.slice(0, action.indexOf(':')) as AwsService
}

/** What accompanies each call: when to give up, and what it is about, for people and for the audit line (`cluster/name`). */
export interface AwsCallContext {
  readonly signal: AbortSignal
  readonly target: string
}

/** The one way to AWS that ports are given (caller.ts). Errors: `AwsError`, the signal's reason, or what `beforeWrite` threw. */
export type AwsCall = <A extends AwsAction>(action: A, input: AwsApi[A]['input'], context: AwsCallContext) => Promise<AwsApi[A]['output']>
