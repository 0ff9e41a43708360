import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { type Commands, type Connection, type ConnectionConfig, connection } from '../connection.ts'

const commands = { 'sts:AssumeRole': AssumeRoleCommand, 'sts:GetCallerIdentity': GetCallerIdentityCommand } satisfies Commands<'sts'>

export function connect(config: ConnectionConfig): Connection {
  return connection(new STSClient(config), commands)
}
