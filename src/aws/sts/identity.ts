import type { AwsCall } from '../api.ts'
import type { IdentityPort } from './port.ts'

/** The caller's identity; contract in port.ts. */
export function createIdentity({ call }: { readonly call: AwsCall }): IdentityPort {
  return {
    get: async ({ signal }) => {
      const { Account = '', Arn = '' } = await call('sts:GetCallerIdentity', {}, { signal, target: 'caller' })
      return { accountId: Account, arn: Arn }
    },
  }
}
