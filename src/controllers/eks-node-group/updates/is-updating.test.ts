import { expect, test } from 'vitest'
import type { EksNodeGroup, EksNodeGroupStatus } from '../../../crds/eks-node-group.ts'
import { indexers } from '../watches.ts'
import { aSpec } from '../test-spec.ts'
import { isUpdating } from './is-updating.ts'

const asked = (kind: NonNullable<EksNodeGroupStatus['operation']>['kind']): Pick<EksNodeGroupStatus, 'operation'> => ({
  operation: { kind, paramsHash: 'h', token: 't', attempt: 1, startedAt: '2026-11-21T06:00:00Z' },
})
const paused: Pick<EksNodeGroupStatus, 'conditions'> = {
  conditions: [{ type: 'Paused', status: 'True', reason: 'Frozen', message: '', lastTransitionTime: '2026-11-21T06:00:00Z' }],
}
const stalled = (reason: string): Pick<EksNodeGroupStatus, 'conditions'> => ({
  conditions: [{ type: 'Stalled', status: 'True', reason, message: '', lastTransitionTime: '2026-11-21T06:00:00Z' }],
})
const going = { deletionTimestamp: '2026-11-21T06:00:00Z' }

const cases: Record<string, [EksNodeGroup['status'], Partial<EksNodeGroup['metadata']>, boolean]> = {
  'an object without a status': [undefined, {}, false],
  'a group at rest': [{ state: 'Active' }, {}, false],
  'what was written down, before EKS is asked': [{ state: 'Active', ...asked('UpdateVersion') }, {}, true],
  'an update of ours that EKS runs': [{ state: 'Updating', ...asked('UpdateVersion') }, {}, true],
  'an update of somebody else': [{ state: 'Updating' }, {}, true],
  'settings that EKS brings to the group': [{ state: 'Updating', ...asked('UpdateConfig') }, {}, false],
  'what EKS runs while the object is frozen': [{ state: 'Updating', ...asked('UpdateVersion'), ...paused }, {}, true],
  'what has ended while the object is frozen': [{ state: 'Active', ...asked('UpdateVersion'), ...paused }, {}, false],
  'what EKS runs while the object is being deleted': [{ state: 'Updating', ...asked('UpdateVersion') }, going, true],
  'what stood in the status when the role was taken off the target': [
    { state: 'Updating', ...asked('UpdateVersion'), ...stalled('RoleNotAllowed') },
    {},
    false,
  ],
  'what stood there when the namespace was': [{ state: 'Active', ...asked('UpdateVersion'), ...stalled('NotAllowedInNamespace') }, {}, false],
  'what stood there when the target was made anew in another cluster: its places are those of that one': [
    { state: 'Updating', ...asked('UpdateVersion'), ...stalled('WrongCluster') },
    {},
    false,
  ],
  'what stood there when the target lost its cluster': [{ state: 'Updating', ...stalled('NoEksCluster') }, going, false],
  'what EKS runs while the group needs somebody for another reason': [{ state: 'Updating', ...stalled('GroupLockedByOperator') }, {}, true],
  'what has ended while the object is being deleted': [{ state: 'Active', ...asked('UpdateVersion') }, going, false],
}
test.each(Object.entries(cases))('B7: whether it has a place of the budget: %s', (_, [status, metadata, expected]) => {
  const object: EksNodeGroup = {
    metadata: { name: 'workers', uid: 'u', resourceVersion: '1', ...metadata },
    spec: aSpec(),
    ...(status === undefined ? {} : { status }),
  }
  expect(isUpdating(object)).toBe(expected)
  expect(indexers.byTargetUpdating(object)).toEqual(expected ? [object.spec.targetClusterRef.name] : [])
})
