import Type from 'typebox'
import { hex } from '../ids.ts'
import { ServiceError } from '../service-error.ts'
import { operation } from '../wire/operation.ts'
import type { Service } from '../wire/protocol.ts'
import { awsQuery } from '../wire/query.ts'

const closed = { additionalProperties: false } as const

const getCallerIdentity = operation('GetCallerIdentity', 'read', Type.Object({}, closed), (_input, { sessions, accessKeyId }) => {
  const { account, arn, userId } = sessions.whoIs(accessKeyId)
  return { Arn: arn, UserId: userId, Account: account }
})

/** Who may assume a role is what its trust policy says: accounts, and maybe an external id. */
const assumeRole = operation(
  'AssumeRole',
  'write',
  Type.Object(
    {
      RoleArn: Type.String({ minLength: 20 }),
      RoleSessionName: Type.String({ pattern: '^[\\w+=,.@-]{2,64}$' }),
      DurationSeconds: Type.Optional(Type.Integer({ minimum: 900, maximum: 43_200 })),
      ExternalId: Type.Optional(Type.String({ minLength: 2, maxLength: 1224 })),
    },
    closed,
  ),
  (input, { region, sessions, accessKeyId: caller, roleIn }) => {
    const [, account, name] = /^arn:aws[\w-]*:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(input.RoleArn) ?? []
    if (account === undefined || name === undefined) throw new ServiceError('ValidationError', 400, `${input.RoleArn} is invalid`)
    const who = sessions.whoIs(caller)
    const role = roleIn(account, name)
    const trusted = role?.arn === input.RoleArn && role.trustedAccounts.includes(who.account)
    // AWS says the same of a role that is not there, does not trust, or wants another external id (IAM user guide, "Troubleshoot IAM roles")
    if (!trusted || (role.externalId !== undefined && role.externalId !== input.ExternalId))
      throw new ServiceError('AccessDenied', 403, `User: ${who.arn} is not authorized to perform: sts:AssumeRole on resource: ${input.RoleArn}`)
    const accessKeyId = `ASIA${hex(region.random, 16).toUpperCase()}`
    const arn = `arn:aws:sts::${account}:assumed-role/${name}/${input.RoleSessionName}`
    const userId = `AROA${hex(region.random, 17).toUpperCase()}:${input.RoleSessionName}`
    const [secret, token] = [hex(region.random, 40), hex(region.random, 64)]
    sessions.add(accessKeyId, { account, arn, userId, secret, token })
    return {
      Credentials: {
        AccessKeyId: accessKeyId,
        SecretAccessKey: secret,
        SessionToken: token,
        // real time: the SDK compares it with its own clock
        Expiration: new Date(region.clock.realNow().getTime() + (input.DurationSeconds ?? 3600) * 1000),
      },
      AssumedRoleUser: { AssumedRoleId: userId, Arn: arn },
    }
  },
)

/** AWS STS: who is calling, and sessions in other accounts. */
export const sts: Service = {
  name: 'sts',
  protocol: awsQuery({ version: '2011-06-15', namespace: 'https://sts.amazonaws.com/doc/2011-06-15/', operations: [getCallerIdentity, assumeRole] }),
}
