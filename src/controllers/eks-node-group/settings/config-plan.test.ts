import { expect, test } from 'vitest'
import type { NodeGroup, NodeGroupConfigChange } from '../../../aws/eks/port.ts'
import { aGroup } from '../test-pass.ts'
import { aSpec } from '../test-spec.ts'
import { planConfig } from './config-plan.ts'
import type { Applied } from './keys.ts'

const update = { approval: 'Manual', force: false } as const
const taint = { key: 'dedicated', value: 'training', effect: 'NoSchedule' } as const

type Case = readonly [Parameters<typeof aSpec>[0], Partial<NodeGroup>, Applied, NodeGroupConfigChange | undefined]

const cases: Record<string, Case> = {
  'a spec that says nothing changes nothing': [{}, { labels: { a: '1' }, taints: [taint], nodeRepair: { enabled: true } }, {}, undefined],
  'labels are the whole wish: what is missing is set, what is more is removed': [
    { labels: { a: '1', b: '2' } },
    { labels: { b: '3', old: '1' } },
    {},
    { labels: { set: { a: '1', b: '2' }, remove: ['old'] } },
  ],
  'a label whose name every object knows is removed like any other': [
    { labels: {} },
    { labels: { ['constructor' as string]: '1' } },
    {},
    { labels: { set: {}, remove: ['constructor'] } },
  ],
  'labels that EKS put there stay': [
    { labels: {} },
    { labels: { 'eks.amazonaws.com/capacityType': 'SPOT', 'topology.kubernetes.io/zone': 'a' } },
    {},
    undefined,
  ],
  'labels that left the spec altogether go where we brought them, others stay': [
    {},
    { labels: { ours: '1', theirs: '1' } },
    { labels: ['ours', 'gone'] },
    { labels: { set: {}, remove: ['ours'] } },
  ],
  'a taint with another value is set again': [{ taints: [taint] }, { taints: [{ ...taint, value: 'web' }] }, {}, { taints: { set: [taint], remove: [] } }],
  'a taint with another effect is another taint: the old one is removed': [
    { taints: [taint] },
    { taints: [{ ...taint, effect: 'NoExecute' }] },
    {},
    { taints: { set: [taint], remove: [{ ...taint, effect: 'NoExecute' }] } },
  ],
  'the taint of a deletion is never removed': [{ taints: [] }, { taints: [{ key: 'tidegate.io/leaving', effect: 'NoSchedule' }] }, {}, undefined],
  'a taint that left the spec altogether goes where we brought it': [
    {},
    { taints: [taint, { ...taint, key: 'theirs' }] },
    { taints: ['dedicated:NoSchedule'] },
    { taints: { set: [], remove: [taint] } },
  ],
  'only the limit that the spec names': [
    { update: { ...update, maxUnavailablePercentage: 20 } },
    { update: { maxUnavailable: 1 } },
    {},
    { update: { maxUnavailablePercentage: 20 } },
  ],
  'a strategy goes with the limit that EKS has': [
    { update: { ...update, strategy: 'Minimal' } },
    { update: { maxUnavailablePercentage: 10 } },
    {},
    { update: { strategy: 'Minimal', maxUnavailablePercentage: 10 } },
  ],
  'a repair that EKS tells nothing of is off': [{ nodeRepair: { enabled: false } }, {}, {}, undefined],
  'settings of the repair that the spec leaves out are EKS’ own': [
    { nodeRepair: { enabled: true } },
    { nodeRepair: { enabled: true, maxParallelNodesRepairedCount: 2 } },
    {},
    undefined,
  ],
  'what differs goes together, and no size with it': [
    { labels: { a: '1' }, nodeRepair: { enabled: true }, scaling: { minSize: 2, maxSize: 9, desiredSize: 3, sizeOwner: 'Spec', allowLarge: false } },
    {},
    {},
    { labels: { set: { a: '1' }, remove: [] }, nodeRepair: { enabled: true } },
  ],
}
test.each([
  ['of this object, which is not being deleted', 'u1', true],
  ['of an earlier life of it', 'u0', true],
  ['of somebody else', 'u2', false],
])('the taint of a deletion %s', (_, value, goes) => {
  const taints = [{ key: 'tidegate.io/leaving', value, effect: 'NoSchedule' }] as const
  const change = planConfig(aSpec(), aGroup({ taints }), {}, ['u1', 'u0'])
  expect(change).toEqual(goes ? { taints: { set: [], remove: taints } } : undefined)
})

test.each(Object.entries(cases))('A3: %s', (_, [spec, group, applied, change]) => {
  expect(planConfig(aSpec(spec), aGroup(group), applied)).toEqual(change)
})
