import { expect, test } from 'vitest'
import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import type { NodeGroup } from '../../../aws/eks/port.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { inSync } from './in-sync.ts'

const scaling = { minSize: 1, maxSize: 10, desiredSize: 1, sizeOwner: 'Spec', allowLarge: false } as const
const correcting = (message: string): object => ({ status: 'False', reason: 'Correcting', message })

const cases: Record<string, [NodeGroup, ScalingGroup | undefined, object]> = {
  'the numbers are there': [aGroup(), aScalingGroup(), { status: 'True', reason: 'NoDrift' }],
  'a bound is on its way': [aGroup(), aScalingGroup({ maxSize: 6 }), correcting('maxSize is 6 in AWS and becomes 10')],
  'EKS brings a bound right now': [aGroup({ state: 'Updating' }), aScalingGroup({ maxSize: 6 }), correcting('maxSize is 6 in AWS and becomes 10')],
  'a group that was just made gets its numbers': [
    aGroup(),
    aScalingGroup({ minSize: 0, desiredCapacity: 0 }),
    correcting('minSize is 0 in AWS and becomes 1, desiredSize is 0 in AWS and becomes 1'),
  ],
  'a surplus is never sent, so it is not on its way': [aGroup(), aScalingGroup({ desiredCapacity: 4 }), { status: 'True', reason: 'NoDrift' }],
  'what needs a person comes first': [aGroup({ subnetIds: ['subnet-9'] }), aScalingGroup({ maxSize: 6 }), { status: 'False', reason: 'Drifted' }],
  'a group that is being made has no numbers yet': [aGroup({ state: 'Creating' }), undefined, { status: 'True', reason: 'NoDrift' }],
}
test.each(Object.entries(cases))('%s', (_, [group, scalingGroup, expected]) => {
  const pass = aPass({ spec: { scaling }, group, scalingGroup })
  inSync(pass)
  expect(pass.draft.conditions.get('InSync')).toMatchObject(expected)
})
