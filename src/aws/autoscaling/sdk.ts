import { AutoScalingClient, DescribeAutoScalingGroupsCommand, DescribeScalingActivitiesCommand } from '@aws-sdk/client-auto-scaling'
import { type Commands, type Connection, type ConnectionConfig, connection } from '../connection.ts'

const commands = {
  'autoscaling:DescribeAutoScalingGroups': DescribeAutoScalingGroupsCommand,
  'autoscaling:DescribeScalingActivities': DescribeScalingActivitiesCommand,
} satisfies Commands<'autoscaling'>

export function connect(config: ConnectionConfig): Connection {
  return connection(new AutoScalingClient(config), commands)
}
