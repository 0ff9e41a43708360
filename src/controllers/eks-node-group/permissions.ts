import { drainPermissions } from '../../drain/permissions.ts'
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
  // Beside draining: tells which instances have joined and are Ready, and looks for pods before a group is deleted.
  ...drainPermissions,
]
