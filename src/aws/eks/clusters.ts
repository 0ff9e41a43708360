import type { AwsCall } from '../api.ts'
import { isAwsError } from '../aws-error.ts'
import { answerWithout } from '../errors.ts'
import type { ClustersPort } from './port.ts'
import { clusterOf } from './translate.ts'

/** The EKS clusters of one account and region; contract in port.ts. */
export function createClusters({ call }: { readonly call: AwsCall }): ClustersPort {
  return {
    describe: async (name, { signal }) => {
      try {
        const { cluster } = await call('eks:DescribeCluster', { name }, { signal, target: name })
        if (cluster === undefined) throw answerWithout('cluster', 'eks:DescribeCluster')
        return clusterOf(cluster)
      } catch (error) {
        if (isAwsError(error, 'NotFound')) return undefined
        throw error
      }
    },
  }
}
