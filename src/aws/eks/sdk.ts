import {
  CreateNodegroupCommand,
  DeleteNodegroupCommand,
  DescribeClusterCommand,
  DescribeNodegroupCommand,
  DescribeUpdateCommand,
  EKSClient,
  ListNodegroupsCommand,
  ListUpdatesCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateNodegroupConfigCommand,
  UpdateNodegroupVersionCommand,
} from '@aws-sdk/client-eks'
import { type Commands, type Connection, type ConnectionConfig, connection } from '../connection.ts'

const commands = {
  'eks:CreateNodegroup': CreateNodegroupCommand,
  'eks:DeleteNodegroup': DeleteNodegroupCommand,
  'eks:DescribeCluster': DescribeClusterCommand,
  'eks:DescribeNodegroup': DescribeNodegroupCommand,
  'eks:DescribeUpdate': DescribeUpdateCommand,
  'eks:ListNodegroups': ListNodegroupsCommand,
  'eks:ListUpdates': ListUpdatesCommand,
  'eks:TagResource': TagResourceCommand,
  'eks:UntagResource': UntagResourceCommand,
  'eks:UpdateNodegroupConfig': UpdateNodegroupConfigCommand,
  'eks:UpdateNodegroupVersion': UpdateNodegroupVersionCommand,
} satisfies Commands<'eks'>

export function connect(config: ConnectionConfig): Connection {
  return connection(new EKSClient(config), commands)
}
