import { expect, test } from 'vitest'
import { eksNodeGroupConditions } from '../../crds/eks-node-group-reasons.ts'
import { ConditionSet } from '../../runtime/conditions.ts'
import { aGroup, aPass, aScalingGroup } from './test-pass.ts'
import { aSpec } from './test-spec.ts'
import { EksNodeGroupReconciler } from './reconciler.ts'
import { hasTwoOwners } from './two-owners.ts'

const least = { minSize: 0, maxSize: 10, allowLarge: false } as const
const { policy } = aSpec()

const cases: Record<string, [scaling: Partial<ReturnType<typeof aSpec>['scaling']>, management: 'Manage' | 'Observe', two: boolean]> = {
  'a number under Spec': [{ sizeOwner: 'Spec', desiredSize: 2 }, 'Manage', true],
  'a number under Orders': [{ sizeOwner: 'Orders', desiredSize: 2 }, 'Manage', true],
  'a number that External leaves alone': [{ sizeOwner: 'External', desiredSize: 2 }, 'Manage', false],
  'no number': [{ sizeOwner: 'Spec' }, 'Manage', false],
  'a group that is only looked at': [{ sizeOwner: 'Spec', desiredSize: 2 }, 'Observe', false],
}
test.each(Object.entries(cases))('B3: %s, beside a Cluster Autoscaler', async (_, [scaling, management, two]) => {
  const { spec, target } = aPass({ spec: { scaling: { ...least, sizeOwner: 'Orders', ...scaling }, policy: { ...policy, management } }, autoscaled: true })
  expect(await hasTwoOwners(spec, { scalingGroup: aScalingGroup() }, target)).toBe(two)
  expect(await hasTwoOwners(spec, { scalingGroup: undefined }, target)).toBe(false)
})

test.each([
  ['above', 5],
  ['below', 1],
])('B3: a number %s that of the autoscaler is told, and neither sent nor made true by removing nodes', async (_, desiredSize) => {
  const instances = ['i-1', 'i-2', 'i-3'].map((instanceId) => ({ instanceId, zone: 'a', lifecycleState: 'InService', protectedFromScaleIn: false }))
  const group = aScalingGroup({ minSize: 0, desiredCapacity: 3, instances })
  const { draft, context, sizes, surroundings, target } = aPass({
    spec: { scaling: { ...least, sizeOwner: 'Spec', desiredSize } },
    autoscaled: true,
    nodeGroups: { describe: async () => aGroup({ scaling: { minSize: 0, maxSize: 10, desiredSize: 3 } }) },
    scalingGroups: { describe: async () => [group], ofCluster: async () => [group], activities: async () => [] },
  })
  const looked = { ...draft, conditions: new ConditionSet(eksNodeGroupConditions, []) }
  await new EksNodeGroupReconciler({ targets: { find: () => ({ state: 'ready', target }) }, sizes, surroundings }).reconcile(looked, context)
  expect(looked.conditions.get('InSync')).toMatchObject({
    status: 'False',
    reason: 'TwoOwnersOfCount',
    message: expect.stringContaining('sizeOwner to External'),
  })
  expect(looked.status).toMatchObject({ scaling: { desiredSize: 3, desiredSizeOwner: 'External' } })
  expect(looked.status).not.toHaveProperty('operation')
  expect(looked.status).not.toHaveProperty('removals')
})
