import { expect, test } from 'vitest'
import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import type { NodeGroup } from '../../../aws/eks/port.ts'
import { AwsError } from '../../../aws/aws-error.ts'
import type { Pass } from '../pass.ts'
import { refuseSettings, tagsCall } from '../settings/calls.ts'
import { planTags } from '../settings/tags-plan.ts'
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

/** A tag that AWS refused a moment ago, beside `more`. */
function refusedTag(more: Partial<Pass>): Pass {
  const pass = { ...aPass({ spec: { scaling, tags: { team: 'web' } }, group: aGroup(), scalingGroup: aScalingGroup() }), ...more }
  const denied = new AwsError('AccessDenied', { reason: 'AccessDenied', action: 'eks:TagResource', code: 'c', message: 'denied. Ask for it.' })
  const plan = planTags(pass.spec.tags, aGroup(), {})
  if (plan !== undefined) refuseSettings(pass, tagsCall(plan, aGroup()), denied)
  inSync(pass)
  return pass
}

test('that two own the number is told beside settings that AWS refuses', () => {
  const { seen } = aPass({ group: aGroup(), scalingGroup: aScalingGroup() })
  const { draft } = refusedTag({ seen: { ...seen, twoOwners: true } })
  expect(draft.conditions.get('InSync')).toMatchObject({ reason: 'Drifted', message: expect.stringMatching(/tags differ.*a Cluster Autoscaler in the target/) })
})

test('another try is promised only where nobody holds it back', () => {
  expect(refusedTag({}).draft.conditions.get('InSync').message).toMatch(/denied.*asked again every 10 min/)
  expect(refusedTag({ held: true }).draft.conditions.get('InSync').message).toMatch(/denied\. Ask for it\.$/)
})
