import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam'
import { type Commands, type Connection, type ConnectionConfig, connection } from '../connection.ts'

const commands = { 'iam:GetRole': GetRoleCommand } satisfies Commands<'iam'>

export function connect(config: ConnectionConfig): Connection {
  return connection(new IAMClient(config), commands)
}
