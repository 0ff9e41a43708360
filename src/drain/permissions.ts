import type { Permission } from '../kube/permission.ts'

/** What a drain needs in a target cluster; every controller that drains adds it to its own. */
export const drainPermissions: readonly Permission[] = [
  {
    apiGroup: '',
    resources: ['nodes'],
    verbs: ['get', 'list', 'watch', 'patch'],
    scope: 'target',
    reason: 'isolates nodes by a taint, and looks at them before they go',
  },
  {
    apiGroup: '',
    resources: ['pods'],
    verbs: ['list', 'watch'],
    scope: 'target',
    reason: 'knows which pods have to go, and looks for them before a node goes',
  },
  { apiGroup: '', resources: ['pods/eviction'], verbs: ['create'], scope: 'target', reason: 'evicts pods, each by its UID' },
  { apiGroup: 'storage.k8s.io', resources: ['volumeattachments'], verbs: ['list'], scope: 'target', reason: 'waits until volumes are detached' },
  {
    apiGroup: '',
    resources: ['persistentvolumeclaims'],
    verbs: ['get'],
    scope: 'target',
    reason: 'tells the volumes of pods that stay from those that have to be detached',
  },
]

/** The opt-in role `tidegate-force-drain`: without it, `onTimeout: Force` ends in `ForceNotPermitted`. */
export const forceDrainPermissions: readonly Permission[] = [
  {
    apiGroup: '',
    resources: ['pods'],
    verbs: ['delete'],
    scope: 'target',
    reason: 'deletes what is left after the deadline of a drain that a person has forced',
  },
]
