import { expect, test } from 'vitest'
import { blockerReasons } from './blocker-reasons.ts'
import { blockerOf } from './blocker.ts'
import { type DrainRules, defaultDrainRules } from './rules.ts'
import type { DrainPod } from './pod.ts'
import { aPod, now } from './test-pod.ts'

/** Rules of the service that no kind has a field for: nobody can set them. */
const unsettable = /unmanagedPods|unmanaged pods|jobs: |evict jobs|emptyDir: |let the drain/

const job = { kind: 'Job', name: 'train', uid: 'job' }
const cases: Record<string, [Partial<DrainPod>, Partial<DrainRules>, string]> = {
  'without a controller': [{ controller: undefined }, {}, 'delete it (kubectl delete pod -n team bare)'],
  'of a Job': [{ controller: job }, {}, 'wait until it ends, or delete Job team/train'],
  'with local data': [{ localData: true }, { emptyDir: 'Block' }, 'delete it (kubectl delete pod -n team bare)'],
}
test.each(Object.entries(cases))('P8: of a pod %s only what a person can do is said', (_, [pod, rules, says]) => {
  const message = blockerOf(aPod('bare', pod), { ...defaultDrainRules, ...rules }, now)?.message
  expect(message).toContain(says)
  expect(message).not.toMatch(unsettable)
})

test('P8: nor does the table of the drain page name what nobody can set', () => {
  expect(Object.values(blockerReasons).filter(({ remedy }) => unsettable.test(remedy))).toEqual([])
})
