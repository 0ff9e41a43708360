import { expect, test } from 'vitest'
import { projectPod } from '../kube/projections.ts'
import { blockerOf } from '../scaling/drain/blocker.ts'
import { defaultDrainRules } from '../scaling/drain/rules.ts'
import { hasToGo } from '../scaling/drain/pod.ts'
import { toDrainPod } from './pods.ts'

const now = new Date('2026-11-21T06:00:00Z')

function annotated(name: string, value: string) {
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'rs', controller: true }]
  const metadata = { name: 'p', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-11-01T00:00:00Z', annotations: { [name]: value }, ownerReferences }
  return toDrainPod(projectPod({ metadata }), undefined)
}

test.each([
  ['a duration that is over', '1h', undefined],
  ['one too long to be kept, which runs on', '1h'.repeat(1000), 'DoNotDisrupt'],
  ['one too long to be kept, whatever it says', `false${' '.repeat(1000)}`, 'DoNotDisrupt'],
])('do-not-disrupt holds a pod with what nobody can read: %s', (_, value, reason) => {
  expect(blockerOf(annotated('karpenter.sh/do-not-disrupt', value), defaultDrainRules, now)?.reason).toBe(reason)
})

test('a mirror pod is one with any value', () => {
  expect(hasToGo(annotated('kubernetes.io/config.mirror', 'x'.repeat(1000)))).toBe(false)
})
