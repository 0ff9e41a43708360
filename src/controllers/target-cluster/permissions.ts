import type { Permission } from '../../kube/permission.ts'
import { rootCaKey } from './other-cluster.ts'

export const permissions: readonly Permission[] = [
  {
    apiGroup: 'tidegate.io',
    resources: ['targetclusters'],
    verbs: ['list', 'watch', 'patch'],
    scope: 'management',
    reason: 'watches the objects and stores its finalizer',
  },
  { apiGroup: 'tidegate.io', resources: ['targetclusters/status'], verbs: ['patch'], scope: 'management', reason: 'applies the status' },
  {
    apiGroup: '',
    resources: ['namespaces'],
    verbs: ['list', 'watch'],
    scope: 'management',
    reason: 'reads the labels that spec.allow.namespaces.selector names',
  },
  { apiGroup: '', resources: ['secrets'], verbs: ['get'], scope: 'releaseNamespace', reason: 'reads kubeconfigs by name' },
  {
    apiGroup: '',
    resources: ['secrets'],
    verbs: ['patch'],
    scope: 'releaseNamespace',
    reason: 'puts its finalizer on the Secret that a TargetCluster names, and takes it off; nothing else of a Secret is ever written',
  },
  {
    apiGroup: '',
    resources: ['namespaces'],
    verbs: ['get'],
    resourceNames: ['kube-system'],
    scope: 'target',
    reason: 'its UID is what a target cluster is, whatever its address',
  },
  {
    apiGroup: 'coordination.k8s.io',
    resources: ['leases'],
    verbs: ['get', 'update'],
    resourceNames: ['tidegate'],
    scope: 'targetSystem',
    reason: 'keeps two management clusters apart',
  },
  {
    apiGroup: 'coordination.k8s.io',
    resources: ['leases'],
    verbs: ['create'],
    scope: 'targetSystem',
    reason: 'makes that Lease once; RBAC knows no name at creation',
  },
  {
    apiGroup: '',
    resources: ['configmaps'],
    verbs: ['get'],
    resourceNames: ['cluster-autoscaler-status'],
    scope: 'targetSystem',
    reason: 'tells which groups a Cluster Autoscaler moves, so that two do not fight over a number',
  },
  {
    apiGroup: '',
    resources: ['configmaps'],
    verbs: ['get'],
    resourceNames: [rootCaKey.name],
    scope: 'targetSystem',
    reason: 'tells whether the cluster is the one in EKS that the object names',
  },
]
