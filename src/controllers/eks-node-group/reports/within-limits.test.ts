import { expect, test } from 'vitest'
import { aPass, aScalingGroup } from '../test-pass.ts'
import type { SizeWish } from '../sizing.ts'
import { withinLimits } from './within-limits.ts'

/** What is said of a group whose spec wants 1 to 10 nodes and has `desiredSize` written, while AWS has `there`. */
function within(sizeOwner: SizeWish['sizeOwner'], desiredSize: number, there: number): { readonly reason: string; readonly message: string } {
  const pass = aPass({
    spec: { scaling: { minSize: 1, maxSize: 10, desiredSize, sizeOwner, allowLarge: false } },
    scalingGroup: aScalingGroup({ desiredCapacity: there }),
  })
  withinLimits(pass)
  return pass.draft.conditions.get('WithinLimits')
}

const cases: Record<string, [Parameters<typeof within>, string]> = {
  'a number inside the limits': [['Spec', 5, 5], 'InsideLimits'],
  'a wish above the maximum': [['Spec', 11, 5], 'AboveMaximum'],
  'a wish below the minimum': [['Orders', 0, 5], 'BelowMinimum'],
  'more nodes than the maximum': [['Spec', 5, 12], 'AboveMaximum'],
  'an ignored number above the maximum': [['External', 11, 5], 'InsideLimits'],
  'an ignored number below the minimum': [['External', 0, 5], 'InsideLimits'],
  'an ignored number inside, and too few nodes': [['External', 5, 0], 'BelowMinimum'],
}
test.each(Object.entries(cases))('%s', (_, [given, reason]) => {
  expect(within(...given).reason).toBe(reason)
})

test.each<['Evict' | 'None', string]>([
  ['Evict', 'those above 10 are drained and ended by name'],
  ['None', 'those above 10 are ended by name, without a drain'],
])('what is above the maximum is promised no drain where there is none: %s', (drain, words) => {
  const { spec } = aPass({})
  const pass = aPass({ spec: { scaleDown: { ...spec.scaleDown, drain } }, scalingGroup: aScalingGroup({ desiredCapacity: 12 }) })
  withinLimits(pass)
  expect(pass.draft.conditions.get('WithinLimits').message).toContain(words)
})

test.each<[SizeWish['sizeOwner'], number, string]>([
  ['External', 5, 'those above 10 are drained and ended by name; to keep them, raise maxSize'],
  ['Spec', 12, 'those above 10 are drained and ended by name; to keep them, raise maxSize'],
  ['Orders', 5, 'those above 5 are drained and ended by name; to keep them, raise maxSize and then desiredSize to 12'],
  ['Spec', 0, 'those above 1 are drained and ended by name; to keep them, raise maxSize and then desiredSize to 12'],
])('who leaves above the maximum, and what keeps them, under %s with desiredSize %d', (sizeOwner, desiredSize, words) => {
  expect(within(sizeOwner, desiredSize, 12).message).toBe(`12 are there, maxSize is 10: ${words}`)
})
