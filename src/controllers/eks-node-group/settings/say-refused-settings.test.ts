import { expect, test } from 'vitest'
import { AwsError } from '../../../aws/aws-error.ts'
import type { Pass } from '../pass.ts'
import { inSync } from '../reports/in-sync.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { refuseSettings, tagsCall } from './calls.ts'
import { sayRefusedSettings } from './say-refused-settings.ts'
import { planTags } from './tags-plan.ts'

const scaling = { minSize: 1, maxSize: 10, desiredSize: 1, sizeOwner: 'Spec', allowLarge: false } as const

/** Over a group that lacks a tag of the spec. */
function aTaggedPass(): Pass {
  return aPass({ spec: { scaling, tags: { team: 'web' } }, group: aGroup(), scalingGroup: aScalingGroup() })
}

function refuseTheTag(pass: Pass): void {
  const plan = planTags(pass.spec.tags, aGroup(), {})
  if (plan === undefined) throw new Error('the tag is there')
  const denied = new AwsError('AccessDenied', { reason: 'AccessDenied', action: 'eks:TagResource', code: 'c', message: 'denied' })
  expect(refuseSettings(pass, tagsCall(plan, aGroup()), denied)).toBeUndefined()
}

test.each(['setting the size of workers did not work (Failed: no address); it is tried again', 'setting desiredSize 4'])(
  'P8: what an act has said stays beside settings that AWS refuses: %s',
  (what) => {
    const pass = aTaggedPass()
    inSync(pass)
    const { conditions } = pass.draft
    const reported = conditions.get('InSync')
    refuseTheTag(pass)
    conditions.setFalse('InSync', 'Correcting', what)
    sayRefusedSettings(pass, { acted: true, reported })
    const { reason, message } = conditions.get('InSync')
    expect([reason, message.startsWith('tags differ in EKS'), message.endsWith(`; ${what}`)]).toEqual(['Drifted', true, true])
  },
)

test('what the report said before AWS refused, in the same pass, is no more', () => {
  const pass = aTaggedPass()
  inSync(pass)
  const reported = pass.draft.conditions.get('InSync')
  expect(reported.message).toContain('are brought to what the spec says')
  refuseTheTag(pass)
  sayRefusedSettings(pass, { acted: false, reported })
  expect(pass.draft.conditions.get('InSync')).toMatchObject({ reason: 'Drifted', message: expect.not.stringContaining('are brought to') })
})
