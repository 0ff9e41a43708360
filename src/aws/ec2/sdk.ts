import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2'
import { type Commands, type Connection, type ConnectionConfig, connection } from '../connection.ts'

const commands = {
  'ec2:DescribeSubnets': DescribeSubnetsCommand,
} satisfies Commands<'ec2'>

export function connect(config: ConnectionConfig): Connection {
  return connection(new EC2Client(config), commands)
}
