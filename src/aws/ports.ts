import type { Clock } from '../lib/clock.ts'
import type { BeforeWrite } from '../lib/outside-write.ts'
import type { Metrics } from '../observability/metrics.ts'
import type { ScalingGroupsPort } from './autoscaling/port.ts'
import { createScalingGroups } from './autoscaling/scaling-groups.ts'
import type { AwsBudgets } from './budgets.ts'
import { createCaller } from './caller.ts'
import { type AwsClientsOptions, createClients } from './clients.ts'
import { createClusters } from './eks/clusters.ts'
import { createNodeGroups } from './eks/node-groups.ts'
import type { ClustersPort, NodeGroupsPort } from './eks/port.ts'
import { createIdentity } from './sts/identity.ts'
import { createClusterTokens } from './sts/cluster-tokens.ts'
import type { ClusterTokensPort, IdentityPort, RoleSessionsPort } from './sts/port.ts'
import { createRoleSessions } from './sts/role-sessions.ts'

/** What controllers may do in one account and region. Every method rejects with `AwsError`, the signal's reason, or what `beforeWrite` threw. */
export interface AwsPorts {
  readonly clusters: ClustersPort
  readonly nodeGroups: NodeGroupsPort
  readonly scalingGroups: ScalingGroupsPort
  readonly identity: IdentityPort
  readonly roleSessions: RoleSessionsPort
  readonly clusterTokens: ClusterTokensPort
}

export interface Aws extends AwsPorts {
  /** Closes the connections. */
  close(): Promise<void>
}

export interface AwsOptions extends AwsClientsOptions {
  /** The account that the credentials belong to, for its call budget; those without one share a budget. */
  readonly accountId?: string
  /** Shared by every `createAws` of the process. */
  readonly budgets: AwsBudgets
  readonly beforeWrite: BeforeWrite
  readonly clock: Clock
  readonly metrics: Metrics
}

/** The ports of one account and region over the AWS SDK. Nothing is loaded or connected before the first call. */
export function createAws(options: AwsOptions): Aws {
  const { region, accountId = 'default', budgets, beforeWrite, clock, metrics } = options
  const clients = createClients(options)
  const call = createCaller({ clients, budgets: budgets.of({ accountId, region }), beforeWrite, clock, metrics })
  return {
    clusters: createClusters({ call }),
    nodeGroups: createNodeGroups({ call, clock }),
    scalingGroups: createScalingGroups({ call, clock }),
    identity: createIdentity({ call }),
    roleSessions: createRoleSessions({ call }),
    clusterTokens: createClusterTokens({ config: clients.config }),
    close: async () => {
      await clients.close()
    },
  }
}
