import { expect, test } from 'vitest'
import { isIsolated, loadBalancerLabel, loadBalancerValue, marksOf } from './mark.ts'

const ours = { key: 'tidegate.io/leaving', value: 'order', effect: 'NoSchedule' }

test.each(['constructor', 'toString', 'valueOf', '__proto__'])('a taint named %s is nobody’s mark', (key) => {
  expect(marksOf({ spec: { taints: [{ key, value: 'x', effect: 'NoSchedule' }, ours] } })).toEqual([{ kind: 'leaving', uid: 'order' }])
})

test.each([
  ['our mark and our label', [ours], { [loadBalancerLabel]: loadBalancerValue }, true],
  ['our mark alone, which may be the group’s own taint', [ours], {}, false],
  ['our mark beside another’s label', [ours], { [loadBalancerLabel]: 'true' }, false],
  ['our label alone', [], { [loadBalancerLabel]: loadBalancerValue }, false],
])('what tells that we isolated a node: %s', (_, taints, labels, expected) => {
  expect(isIsolated({ metadata: { name: 'n', uid: 'u', resourceVersion: '1', labels }, spec: { taints } })).toBe(expected)
})
