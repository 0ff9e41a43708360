import { expect, test } from 'vitest'
import type { Node } from '../kube/objects.ts'
import type { Mark } from './mark.ts'
import { type NodeChange, isolation, outOfServiceMark, restoration } from './node-patches.ts'

const mark: Mark = { kind: 'leaving', uid: 'order-1' }
const ours = { key: 'tidegate.io/leaving', value: 'order-1', effect: 'NoSchedule' }
const foreign = { key: 'nvidia.com/gpu', value: 'true', effect: 'NoSchedule' }
const label = 'node.kubernetes.io/exclude-from-external-load-balancers'
const labelPath = '/metadata/labels/node.kubernetes.io~1exclude-from-external-load-balancers'
const uid = { op: 'test', path: '/metadata/uid', value: 'u' }

function aNode(taints: Node['spec']['taints'], labels: Readonly<Record<string, string>> | undefined = { zone: 'a' }, ready = 'True'): Node {
  return {
    metadata: { name: 'n', uid: 'u', resourceVersion: '7', ...(labels === undefined ? {} : { labels }) },
    spec: taints === undefined ? {} : { taints },
    status: { conditions: [{ type: 'Ready', status: ready }] },
  }
}
const patch = (...operations: readonly object[]): NodeChange => ({ kind: 'patch', operations: [uid, ...operations] }) as NodeChange
const addLabel = [
  { op: 'test', path: '/metadata/labels', value: { zone: 'a' } },
  { op: 'add', path: labelPath, value: 'tidegate' },
]
const marked = { zone: 'a', [label]: 'tidegate' }

const cases: readonly (readonly [string, NodeChange, NodeChange])[] = [
  [
    'isolation tests the taints as read',
    isolation(aNode([foreign]), mark),
    patch({ op: 'test', path: '/spec/taints', value: [foreign] }, { op: 'add', path: '/spec/taints/-', value: ours }, ...addLabel),
  ],
  [
    'isolation tests the version where there is no taint',
    isolation(aNode(undefined), mark),
    patch({ op: 'test', path: '/metadata/resourceVersion', value: '7' }, { op: 'add', path: '/spec/taints', value: [ours] }, ...addLabel),
  ],
  ['isolation repeats nothing', isolation(aNode([ours], marked), mark), { kind: 'nothing' }],
  ['isolation adds the label that is missing', isolation(aNode([ours]), mark), patch(...addLabel)],
  [
    'isolation leaves another’s label alone',
    isolation(aNode([foreign], { [label]: 'true' }), mark),
    patch({ op: 'test', path: '/spec/taints', value: [foreign] }, { op: 'add', path: '/spec/taints/-', value: ours }),
  ],
  ['isolation repeats nothing beside another’s label', isolation(aNode([ours], { [label]: 'true' }), mark), { kind: 'nothing' }],
  [
    'isolation of a node without labels',
    isolation({ ...aNode([ours]), metadata: { name: 'n', uid: 'u', resourceVersion: '7' } }, mark),
    patch({ op: 'add', path: '/metadata/labels', value: { [label]: 'tidegate' } }),
  ],
  [
    'isolation stops at another order’s mark',
    isolation(aNode([{ ...ours, value: 'order-2' }]), mark),
    { kind: 'held', by: { kind: 'leaving', uid: 'order-2' } },
  ],
  [
    'isolation stops at another order’s maintenance',
    isolation(aNode([ours, { key: 'tidegate.io/maintenance', value: 'order-2', effect: 'NoSchedule' }]), mark),
    { kind: 'held', by: { kind: 'maintenance', uid: 'order-2' } },
  ],
  [
    'isolation stops at a mark without an owner',
    isolation(aNode([{ key: ours.key, effect: 'NoSchedule' }]), mark),
    { kind: 'held', by: { kind: 'leaving', uid: '' } },
  ],
  [
    'restoration takes exactly our taint and our label',
    restoration(aNode([foreign, ours], marked), mark),
    patch(
      { op: 'test', path: '/spec/taints', value: [foreign, ours] },
      { op: 'remove', path: '/spec/taints/1' },
      { op: 'test', path: labelPath, value: 'tidegate' },
      { op: 'remove', path: labelPath },
    ),
  ],
  ['restoration of a node that is not ours', restoration(aNode([foreign]), mark), { kind: 'nothing' }],
  [
    'restoration leaves another order’s mark, and the label that it needs',
    restoration(aNode([{ ...ours, value: 'order-2' }], marked), mark),
    { kind: 'nothing' },
  ],
  [
    'restoration leaves another’s label alone',
    restoration(aNode([ours], { [label]: 'true' }), mark),
    patch({ op: 'test', path: '/spec/taints', value: [ours] }, { op: 'remove', path: '/spec/taints/0' }),
  ],
  [
    'a silent node goes out of service',
    outOfServiceMark(aNode([foreign], {}, 'Unknown')),
    patch(
      { op: 'test', path: '/spec/taints', value: [foreign] },
      { op: 'add', path: '/spec/taints/-', value: { key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' } },
    ),
  ],
  ['a Ready node never goes out of service', outOfServiceMark(aNode([foreign])), { kind: 'nothing' }],
]
test.each(cases)('%s', (_, change, expected) => {
  expect(change).toEqual(expected)
})
