import { expect, test } from 'vitest'
import { eksNodeGroupKind, type ManagedEksNodeGroupSpec } from '../../../crds/eks-node-group.ts'
import { EksNodeGroupReconciler } from '../reconciler.ts'
import { observe } from '../observe.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { wantedSize } from './wanted-size.ts'

const scaling = (sizeOwner: 'Spec' | 'Orders' | 'External', desiredSize?: number): ManagedEksNodeGroupSpec['scaling'] => ({
  minSize: 0,
  maxSize: 10,
  sizeOwner,
  allowLarge: false,
  ...(desiredSize === undefined ? {} : { desiredSize }),
})
const inAws = { group: aGroup(), scalingGroup: aScalingGroup({ desiredCapacity: 5 }) }

const shown: Record<string, [Parameters<typeof aPass>[0], number | undefined]> = {
  'the spec has one that rules: that, while nodes leave or EKS updates': [{ ...inAws, spec: { scaling: scaling('Spec', 3) } }, 3],
  'orders own it: what they or kubectl scale wrote': [{ ...inAws, spec: { scaling: scaling('Orders', 3) } }, 3],
  'orders own it and nobody has said one: that in AWS': [{ ...inAws, spec: { scaling: scaling('Orders') } }, 5],
  'another owns it: that in AWS, whatever the spec still says': [{ ...inAws, spec: { scaling: scaling('External', 3) } }, 5],
  'the group is being made and the spec has one': [{ spec: { scaling: scaling('Spec', 3) } }, 3],
  'there is no group, and the spec says none': [{ spec: { scaling: scaling('External', 3) }, status: { wantedSize: 5 } }, undefined],
  'the Auto Scaling group does not show for a moment: as before': [
    { group: aGroup(), spec: { scaling: scaling('External', 3) }, status: { wantedSize: 4 } },
    4,
  ],
}
test.each(Object.entries(shown))('the number that is wanted, where %s', (_, [given, expected]) => {
  const pass = aPass(given)
  wantedSize(pass)
  expect(pass.draft.status.wantedSize).toBe(expected)
})

test('the number that is wanted of a group that is only observed is that in AWS', () => {
  const spec = { scaling: scaling('Spec', 3), policy: { management: 'Observe', adoption: 'CreateOnly' } } as const
  const pass = aPass({ ...inAws, spec })
  observe(pass)
  expect(pass.draft.status.wantedSize).toBe(5)
})

test('a number in the spec that rules is shown also while nobody looks at the group', async () => {
  const { draft, context, sizes, surroundings } = aPass({ spec: { scaling: scaling('Orders', 7) }, status: { wantedSize: 2 } })
  const refused = { state: 'refused', reason: 'NotAllowedInNamespace', message: 'not let in' } as const
  const reconciler = new EksNodeGroupReconciler({ targets: { find: () => refused }, sizes, surroundings })
  await expect(reconciler.reconcile(draft, context)).rejects.toThrow('not let in')
  expect(draft.status.wantedSize).toBe(7)
})

test('kubectl get shows it as Desired, and kubectl scale writes the spec', () => {
  expect(eksNodeGroupKind.columns.find(({ name }) => name === 'Desired')?.jsonPath).toBe('.status.wantedSize')
  expect(eksNodeGroupKind.scale?.specReplicasPath).toBe('.spec.scaling.desiredSize')
})
