import { expect, test } from 'vitest'
import type { Node, Taint } from '../kube/objects.ts'
import type { PodSummary } from '../kube/pod-summary.ts'
import { taintOf } from './mark.ts'
import { marksChanged, podMatters } from './wakes.ts'

const pod = (over: Partial<PodSummary> = {}, metadata: Partial<PodSummary['metadata']> = {}): PodSummary => ({
  metadata: { namespace: 'team', name: 'web', uid: 'u', resourceVersion: '1', ...metadata },
  nodeName: 'n',
  phase: 'Running',
  requests: { cpuMilli: 0, memoryBytes: 0, gpus: 0 },
  priority: 0,
  ready: true,
  ...over,
})

test.each([
  ['a readiness that flipped', pod({ ready: false }), false],
  ['another version of the same', pod({}, { resourceVersion: '2' }), false],
  ['an end', pod({ phase: 'Succeeded' }), true],
  ['the beginning of its end', pod({}, { deletionTimestamp: '2026-11-21T06:00:00Z' }), true],
  ['an annotation that keeps it', pod({}, { annotations: { 'karpenter.sh/do-not-disrupt': 'true' } }), true],
] as const)('of a pod: %s', (_, now, wakes) => {
  expect(podMatters(now, pod())).toBe(wakes)
})

const node = (taints: readonly Taint[] | undefined, unschedulable = false): Node => ({
  metadata: { name: 'n', uid: 'u', resourceVersion: '1' },
  spec: { unschedulable, ...(taints === undefined ? {} : { taints }) },
})
const ours = taintOf({ kind: 'leaving', uid: 'group' })
const cordon: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }

test.each([
  ['our mark, taken off', node([]), node([ours]), true],
  ['our mark, put on', node([ours]), node(undefined), true],
  ['a mark that went over to another object', node([taintOf({ kind: 'leaving', uid: 'order' })]), node([ours]), true],
  ['a cordon with its taint', node([ours, cordon], true), node([ours]), false],
  ['a cordon without a mark', node([cordon], true), node(undefined), false],
])('of a node: %s', (_, now, before, wakes) => {
  expect(marksChanged(now, before)).toBe(wakes)
})
