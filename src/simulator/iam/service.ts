import Type from 'typebox'
import type { Region } from '../region.ts'
import { ServiceError } from '../service-error.ts'
import type { Role } from '../state.ts'
import { operation } from '../wire/operation.ts'
import type { Service } from '../wire/protocol.ts'
import { awsQuery } from '../wire/query.ts'

const closed = { additionalProperties: false } as const
const roleName = { RoleName: Type.String({ minLength: 1, maxLength: 64 }) }

const getRole = operation('GetRole', 'read', Type.Object(roleName, closed), (input, { region }) => ({ Role: roleView(roleOf(region, input.RoleName)) }))

const listAttachedPolicies = operation(
  'ListAttachedRolePolicies',
  'read',
  Type.Object({ ...roleName, PathPrefix: Type.Optional(Type.String()), Marker: Type.Optional(Type.String()), MaxItems: Type.Optional(Type.Integer()) }, closed),
  (input, { region }) => ({
    AttachedPolicies: roleOf(region, input.RoleName).policies.map((PolicyName) => ({ PolicyName, PolicyArn: `arn:aws:iam::aws:policy/${PolicyName}` })),
    IsTruncated: false,
  }),
)

/** AWS IAM, to read: the roles that nodes run as. */
export const iam: Service = {
  name: 'iam',
  protocol: awsQuery({ version: '2010-05-08', namespace: 'https://iam.amazonaws.com/doc/2010-05-08/', operations: [getRole, listAttachedPolicies] }),
}

function roleOf(region: Region, name: string): Role {
  const role = region.account.roles.get(name)
  if (role === undefined) throw new ServiceError('NoSuchEntity', 404, `The role with name ${name} cannot be found.`)
  return role
}

function roleView(role: Role): object {
  const document = {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { Service: role.trustedServices }, Action: 'sts:AssumeRole' },
      ...role.trustedAccounts.map((account) => trust(account, role.externalId)),
    ],
  }
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: role.createdAt,
    // IAM answers policy documents percent-encoded (RFC 3986)
    AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify(document)),
    MaxSessionDuration: 3600,
  }
}

function trust(account: string, externalId: string | undefined): object {
  const condition = externalId === undefined ? {} : { Condition: { StringEquals: { 'sts:ExternalId': externalId } } }
  return { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'sts:AssumeRole', ...condition }
}
