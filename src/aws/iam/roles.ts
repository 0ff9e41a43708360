import type { AwsCall } from '../api.ts'
import { isAwsError } from '../aws-error.ts'
import type { RolesPort } from './port.ts'

/** The IAM roles of one account; contract in port.ts. */
export function createRoles({ call }: { readonly call: AwsCall }): RolesPort {
  return {
    describe: async (arn, { signal }) => {
      // GetRole knows names only; the path is part of the ARN and not of the name.
      const RoleName = arn.slice(arn.lastIndexOf('/') + 1)
      try {
        const { Role } = await call('iam:GetRole', { RoleName }, { signal, target: RoleName })
        // A role of this name under another path or in another account is not the one that was asked for.
        return Role?.Arn === arn ? { arn, uniqueId: Role.RoleId ?? '' } : undefined
      } catch (error) {
        if (isAwsError(error, 'NotFound')) return undefined
        throw error
      }
    },
  }
}
