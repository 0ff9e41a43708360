import type { ConnectionConfig } from '../connection.ts'
import { translateAwsError } from '../errors.ts'
import type { ClusterTokensPort } from './port.ts'

const prefix = 'k8s-aws-v1.'

/**
 * Tokens for EKS; contract in port.ts. A token is a presigned `sts:GetCallerIdentity` that names the cluster in a signed header: EKS sends it on, and STS
 * answers who signed it (aws-iam-authenticator, README, "How does it work?", and pkg/token).
 */
export function createClusterTokens({ config }: { readonly config: ConnectionConfig }): ClusterTokensPort {
  let loaded: Promise<(clusterName: string) => Promise<string>> | undefined
  return {
    tokenFor: async (clusterName) => {
      loaded ??= import('./presign.ts').then(({ presigner }) => presigner(config))
      try {
        const url = await (await loaded)(clusterName)
        return prefix + Buffer.from(url).toString('base64url')
      } catch (error) {
        throw translateAwsError(error, 'sts:GetCallerIdentity')
      }
    },
  }
}
