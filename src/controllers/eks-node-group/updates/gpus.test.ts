import { expect, test } from 'vitest'
import type { Node } from '../../../kube/objects.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { questionOf } from './question.ts'

const node = (status: Node['status']): Node => ({ metadata: { name: 'n', uid: 'n', resourceVersion: '1' }, spec: {}, ...(status && { status }) })

test.each([
  ['shows them', {}, { allocatable: { 'nvidia.com/gpu': '8' } }, true],
  ['shares them among a thousand pods', {}, { allocatable: { 'nvidia.com/gpu': '1k' } }, true],
  ['shows none for a moment, while its device plugin restarts', {}, { capacity: { 'nvidia.com/gpu': '8' }, allocatable: { 'nvidia.com/gpu': '0' } }, true],
  ['has an image for them', { amiType: 'AL2023_x86_64_NVIDIA' }, {}, true],
  ['is of a type that has them', { instanceTypes: ['p5en.48xlarge'] }, {}, true],
  ['has none', { amiType: 'AL2023_x86_64_STANDARD', instanceTypes: ['m6i.large', 'i4i.large'] }, {}, false],
])('B7: whether a group has GPUs: it %s', (_, group, status, expected) => {
  const pass = aPass({ group: aGroup(group), scalingGroup: aScalingGroup(), nodes: { inGroup: () => [node(status)] } })
  expect(questionOf(pass).hasGpus).toBe(expected)
})
