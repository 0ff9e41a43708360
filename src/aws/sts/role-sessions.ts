import type { Clock } from '../../lib/clock.ts'
import type { AwsCall } from '../api.ts'
import type { AwsCredentials } from '../connection.ts'
import type { AssumedRole, RoleSession, RoleSessionsPort } from './port.ts'

/** Stands in CloudTrail of the other account, and in the ARN of the caller. */
const sessionName = 'tidegate'

/** Sessions of roles; contract in port.ts. */
export function createRoleSessions({ call }: { readonly call: AwsCall }): RoleSessionsPort {
  return {
    assume: async ({ roleArn, externalId }, { signal }) => {
      const input = { RoleArn: roleArn, RoleSessionName: sessionName, ...(externalId === undefined ? {} : { ExternalId: externalId }) }
      const { Credentials } = await call('sts:AssumeRole', input, { signal, target: roleArn })
      const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {}
      if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined || Expiration === undefined)
        throw new Error(`sts:AssumeRole answered without credentials for ${roleArn}`)
      return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken, expiration: Expiration }
    },
  }
}

/** The SDK asks for new credentials 5 min before the old ones end, and is then not to get these. */
const renewBeforeMs = 10 * 60_000

/** Credentials for the clients of a target: one session of its role for all of them, made by whoever we are, and renewed before it ends. */
export function assumedCredentials(sessions: RoleSessionsPort, role: AssumedRole, { clock }: { readonly clock: Clock }): AwsCredentials {
  let current: Promise<RoleSession> | undefined
  let renewAtMs = Number.NEGATIVE_INFINITY
  return async () => {
    if (current !== undefined && clock.now().getTime() < renewAtMs) return await current
    renewAtMs = Number.POSITIVE_INFINITY // whoever comes meanwhile waits for the same answer
    // The SDK asks without a signal: the call's own time-outs end it.
    current = sessions.assume(role, { signal: new AbortController().signal })
    try {
      const session = await current
      renewAtMs = session.expiration.getTime() - renewBeforeMs
      return session
    } catch (error) {
      current = undefined
      throw error
    }
  }
}

/** The account in a role's ARN. */
export function accountOfRole({ roleArn }: AssumedRole): string {
  return roleArn.split(':')[4] ?? ''
}
