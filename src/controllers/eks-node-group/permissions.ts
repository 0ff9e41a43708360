import type { Permission } from '../../kube/permission.ts'

export const permissions: readonly Permission[] = [
  {
    apiGroup: 'tidegate.io',
    resources: ['eksnodegroups'],
    verbs: ['list', 'watch', 'patch'],
    scope: 'management',
    reason: 'watches the objects, stores its finalizer, and fills in scaling.desiredSize where orders own it',
  },
  { apiGroup: 'tidegate.io', resources: ['eksnodegroups/status'], verbs: ['patch'], scope: 'management', reason: 'applies the status' },
  { apiGroup: '', resources: ['nodes'], verbs: ['list', 'watch'], scope: 'target', reason: 'tells which instances have joined and are Ready' },
  { apiGroup: '', resources: ['pods'], verbs: ['list'], scope: 'target', reason: 'looks for pods on a node before its group is deleted' },
]
