import {
  AutoScalingClient,
  CreateOrUpdateTagsCommand,
  DeleteTagsCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  SetInstanceProtectionCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { type Commands, type Connection, type ConnectionConfig, connection } from '../connection.ts'

const commands = {
  'autoscaling:DescribeAutoScalingGroups': DescribeAutoScalingGroupsCommand,
  'autoscaling:DescribeScalingActivities': DescribeScalingActivitiesCommand,
  'autoscaling:CreateOrUpdateTags': CreateOrUpdateTagsCommand,
  'autoscaling:DeleteTags': DeleteTagsCommand,
  'autoscaling:ResumeProcesses': ResumeProcessesCommand,
  'autoscaling:SetDesiredCapacity': SetDesiredCapacityCommand,
  'autoscaling:SetInstanceProtection': SetInstanceProtectionCommand,
  'autoscaling:SuspendProcesses': SuspendProcessesCommand,
  'autoscaling:TerminateInstanceInAutoScalingGroup': TerminateInstanceInAutoScalingGroupCommand,
} satisfies Commands<'autoscaling'>

export function connect(config: ConnectionConfig): Connection {
  return connection(new AutoScalingClient(config), commands)
}
