import { expect, test } from 'vitest'
import type { EksNodeGroup, EksNodeGroupStatus, ManagedEksNodeGroupSpec } from '../../../crds/eks-node-group.ts'
import { aSpec } from '../test-spec.ts'
import type { TargetState } from '../ports.ts'
import { releasedUnasked } from './released.ts'

const made: EksNodeGroupStatus = { arn: 'arn:made', ownership: { origin: 'Created', since: '2026-11-21T06:00:00Z' } }
const adopted: EksNodeGroupStatus = { arn: 'arn:found', ownership: { origin: 'Adopted', since: '2026-11-21T06:00:00Z' } }
const asked: EksNodeGroupStatus = { operation: { kind: 'Create', paramsHash: 'h', token: 't', attempt: 1, startedAt: '2026-11-21T06:00:00Z' } }

const connecting: TargetState = { state: 'connecting', reason: 'TargetNotReady', message: '' }

function group(policy: Partial<ManagedEksNodeGroupSpec['policy']>, annotations: Record<string, string> = {}): EksNodeGroup {
  const spec = aSpec({ policy: { management: 'Manage', adoption: 'CreateOnly', ...policy } })
  return { metadata: { name: 'workers', namespace: 'training', uid: 'u1', resourceVersion: '1', annotations }, spec }
}

const cases: Record<string, [EksNodeGroup, EksNodeGroupStatus, RegExp]> = {
  'what we made has to be deleted': [group({}), made, /^$/],
  'a creation that was asked for has to be looked for': [group({}), asked, /^$/],
  'a status that names nothing may be one that was lost: EKS has to be asked': [group({}), {}, /^$/],
  'retained by policy': [group({ deletion: 'Retain' }), made, /retained: arn:made stays/],
  'adopted groups stay': [group({}), adopted, /adopted, therefore retained/],
  'adopted groups go where that is written': [group({ deletion: 'Delete' }), adopted, /^$/],
  'only observed': [group({ management: 'Observe' }), made, /only observed/],
  'abandoned by UID': [group({}, { 'tidegate.io/abandon': 'u1' }), made, /abandoned: arn:made/],
  'abandoned with another UID is not abandoned': [group({}, { 'tidegate.io/abandon': 'u2' }), made, /^$/],
}
test.each(Object.entries(cases))('%s', (_, [object, status, why]) => {
  expect(releasedUnasked({ object, status }, connecting) ?? '').toMatch(why)
})

const states: Record<string, [TargetState, EksNodeGroupStatus, boolean]> = {
  'there is no TargetCluster, and never was': [{ state: 'missing', reason: 'ReferenceNotFound', message: '' }, {}, true],
  'its TargetCluster names no EKS cluster, and never did': [{ state: 'refused', reason: 'NoEksCluster', message: '' }, {}, true],
  'the TargetCluster is not there, and something is known in AWS': [{ state: 'missing', reason: 'ReferenceNotFound', message: '' }, made, false],
  'the cluster cannot be reached': [{ state: 'unreachable', reason: 'ClusterUnreachable', message: '' }, {}, false],
  'the TargetCluster is not Ready': [{ state: 'notReady', reason: 'TargetNotReady', message: '' }, {}, false],
}
test.each(Object.entries(states))('P6: %s', (_, [target, status, goes]) => {
  expect(releasedUnasked({ object: group({}), status }, target)).toBe(goes ? 'nothing was made' : undefined)
})
