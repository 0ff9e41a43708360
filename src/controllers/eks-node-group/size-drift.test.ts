import { expect, test } from 'vitest'
import type { ScalingGroup } from '../../aws/autoscaling/port.ts'
import type { NodeGroup } from '../../aws/eks/port.ts'
import type { EksNodeGroupStatus } from '../../crds/eks-node-group.ts'
import type { Removal } from './removals/removal.ts'
import { inSync } from './reports/in-sync.ts'
import { aGroup, aPass, aScalingGroup } from './test-pass.ts'
import type { aSpec } from './test-spec.ts'

type Scaling = ReturnType<typeof aSpec>['scaling']

interface Case {
  /** What the spec says otherwise than 1 to 10 nodes, of which it wants 3. */
  readonly spec?: Partial<Scaling>
  readonly there: Partial<ScalingGroup>
  readonly group?: Partial<NodeGroup>
  readonly status?: EksNodeGroupStatus
  readonly held?: true
  /** `field desired/actual` */
  readonly drift: readonly string[]
}

const three: Scaling = { minSize: 1, maxSize: 10, desiredSize: 3, sizeOwner: 'Spec', allowLarge: false }
const instances = ['i-1', 'i-2', 'i-3', 'i-4', 'i-5'].map((instanceId) => ({
  instanceId,
  zone: 'a',
  lifecycleState: 'InService' as const,
  protectedFromScaleIn: false,
}))
const five = { desiredCapacity: 5, instances }
const removal = (n: number, state: Removal['state']): Removal => ({
  instanceId: `i-${n}`,
  nodeUID: `uid-${n}`,
  nodeName: `ip-${n}`,
  state,
  message: '',
  since: '2026-11-21T05:50:00Z',
})
const draining = [removal(4, 'Draining'), removal(5, 'Draining')]
const named = [4, 5].map((n) => ({ nodeUID: `uid-${n}`, nodeName: `ip-${n}`, providerID: `aws:///a/i-${n}`, orderUID: 'order' }))
const updating = { kind: 'UpdateVersion', paramsHash: 'h', token: 't', attempt: 1, startedAt: '2026-11-21T05:50:00Z' } as const

const cases: Readonly<Record<string, Case>> = {
  'all is as it should be': { there: { desiredCapacity: 3 }, drift: [] },
  'somebody changed every number': {
    there: { minSize: 0, maxSize: 12, desiredCapacity: 2 },
    drift: ['scaling.minSize 1/0', 'scaling.maxSize 10/12', 'scaling.desiredSize 3/2'],
  },
  'the same, while somebody holds it back': {
    there: { minSize: 0, maxSize: 12, desiredCapacity: 2 },
    held: true,
    drift: ['scaling.minSize 1/0', 'scaling.maxSize 10/12', 'scaling.desiredSize 3/2'],
  },
  'somebody lowered the number that orders own': { spec: { sizeOwner: 'Orders' }, there: { desiredCapacity: 2 }, drift: ['scaling.desiredSize 3/2'] },
  'an autoscaler moves the number': { spec: { sizeOwner: 'External' }, there: { desiredCapacity: 7 }, held: true, drift: [] },
  'those that are too many are chosen in this pass': { there: five, drift: [] },
  'nodes leave one by one': { there: five, status: { removals: draining }, drift: [] },
  'nodes leave one by one, and somebody holds them': { there: five, status: { removals: draining }, held: true, drift: [] },
  'an order names nodes, and somebody holds them': { spec: { removals: named }, there: five, held: true, drift: [] },
  'somebody raised the number, and nobody may be chosen': { there: five, held: true, drift: ['scaling.desiredSize 3/5'] },
  'somebody raised the number beyond the nodes that leave': {
    there: { ...five, desiredCapacity: 6 },
    status: { removals: draining },
    held: true,
    drift: ['scaling.desiredSize 3/6'],
  },
  'one that has left is none of those that are too many': {
    spec: { removals: named },
    there: { desiredCapacity: 4, instances: instances.slice(0, 4) },
    status: { removals: [{ ...removal(5, 'Gone'), orderUID: 'order' }] },
    held: true,
    drift: [],
  },
  'one that has left hides no number that somebody raised': {
    spec: { removals: named },
    there: five,
    status: { removals: [{ ...removal(5, 'Gone'), orderUID: 'order' }] },
    held: true,
    drift: ['scaling.desiredSize 3/5'],
  },
  'somebody raised the maximum while nodes leave': { there: { ...five, maxSize: 12 }, status: { removals: draining }, drift: ['scaling.maxSize 10/12'] },
  'EKS adds nodes for our update': {
    there: { ...five, minSize: 2, maxSize: 12 },
    group: { state: 'Updating' },
    status: { operation: updating },
    held: true,
    drift: [],
  },
  'EKS adds nodes for an update of somebody else': { there: { ...five, maxSize: 12 }, group: { state: 'Updating' }, held: true, drift: [] },
  'a group that is being made has 0 nodes at first': { there: { minSize: 0, desiredCapacity: 0 }, group: { state: 'Creating' }, drift: [] },
}
test.each(Object.entries(cases))('%s', (_, { spec, there, group, status = {}, held, drift }) => {
  const pass = aPass({ spec: { scaling: { ...three, ...spec } }, group: aGroup(group), scalingGroup: aScalingGroup(there), status })
  inSync(held === undefined ? pass : { ...pass, held })
  const said = pass.draft.status.drift ?? []
  expect(said.map(({ field, desired, actual }) => `${field} ${desired}/${actual}`)).toEqual(drift)
  for (const { remedy } of said) expect(remedy).toBe('none is needed: the operator corrects it')
  expect(pass.draft.conditions.get('InSync').reason).toBe(drift.length === 0 ? 'NoDrift' : 'Correcting')
})

test('the numbers go from the drift when AWS has them', () => {
  const drift = [{ field: 'scaling.maxSize', desired: '10', actual: '12', remedy: '' }]
  const pass = aPass({ spec: { scaling: three }, group: aGroup(), scalingGroup: aScalingGroup({ desiredCapacity: 3 }), status: { drift } })
  inSync(pass)
  expect(pass.draft.status).not.toHaveProperty('drift')
})
