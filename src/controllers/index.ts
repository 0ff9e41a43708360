import type { Permission } from '../kube/permission.ts'
import { permissions as eksNodeGroup } from './eks-node-group/permissions.ts'
import { permissions as targetCluster } from './target-cluster/permissions.ts'

/** What every controller needs from the runtime under it. */
const runtime: readonly Permission[] = [
  { apiGroup: 'events.k8s.io', resources: ['events'], verbs: ['create', 'patch'], scope: 'management', reason: 'tells what it did, for kubectl get events' },
  {
    apiGroup: 'coordination.k8s.io',
    resources: ['leases'],
    verbs: ['get', 'update'],
    resourceNames: ['tidegate-operator'],
    scope: 'releaseNamespace',
    reason: 'one of several replicas leads',
  },
  {
    apiGroup: 'coordination.k8s.io',
    resources: ['leases'],
    verbs: ['create'],
    scope: 'releaseNamespace',
    reason: 'makes the Lease once; RBAC knows no name at creation',
  },
  {
    apiGroup: '',
    resources: ['configmaps'],
    verbs: ['get'],
    resourceNames: ['tidegate-identity'],
    scope: 'releaseNamespace',
    reason: 'the id of this management cluster, which marks what we make in AWS',
  },
  { apiGroup: '', resources: ['configmaps'], verbs: ['create'], scope: 'releaseNamespace', reason: 'makes the identity once; RBAC knows no name at creation' },
]

/** Every controller of the product, and what each may do in Kubernetes; `config/rbac` and the chart's roles come from here. */
export const controllers: readonly { readonly name: string; readonly permissions: readonly Permission[] }[] = [
  { name: 'runtime', permissions: runtime },
  { name: 'target-cluster', permissions: targetCluster },
  { name: 'eks-node-group', permissions: eksNodeGroup },
]
