import { expect, test } from 'vitest'
import { plannedCalls } from './settings/calls.ts'
import { aPass } from './test-pass.ts'
import type { NodeGroup } from '../../aws/eks/port.ts'
import { creationOf } from './creation.ts'
import { correctable, fixedDifferences } from './drift.ts'
import { aSpec } from './test-spec.ts'

const mark = { uid: 'u1', object: 'training/workers', cluster: 'mc1' }
const group: NodeGroup = {
  arn: 'arn:aws:eks:us-west-2:111122223333:nodegroup/demo/workers/1',
  name: 'workers',
  state: 'Active',
  scaling: { minSize: 0, maxSize: 10, desiredSize: 0 },
  subnetIds: ['subnet-0a1b2c3d4e5f60002', 'subnet-0a1b2c3d4e5f60001'],
  nodeRoleArn: 'arn:aws:iam::111122223333:role/demo-node',
  instanceTypes: ['m6i.4xlarge'],
  amiType: 'AL2023_x86_64_STANDARD',
  capacityType: 'OnDemand',
  labels: { pool: 'workers' },
  taints: [{ key: 'dedicated', value: 'training', effect: 'NoSchedule' }],
  tags: { team: 'research', 'aws:cloudformation:stack-name': 's' },
  update: { maxUnavailable: 1 },
  autoScalingGroups: ['eks-workers'],
  healthIssues: [],
}
const spec = aSpec({
  subnetIds: ['subnet-0a1b2c3d4e5f60001', 'subnet-0a1b2c3d4e5f60002'],
  labels: { pool: 'workers' },
  taints: [{ key: 'dedicated', value: 'training', effect: 'NoSchedule' }],
  tags: { team: 'research' },
})

const cases: Record<string, [Partial<NodeGroup>, Parameters<typeof aSpec>[0], string[]]> = {
  'the same in another order is no difference': [{}, {}, []],
  'a foreign tag is nobody’s difference': [{ tags: { team: 'research', other: 'x' } }, {}, []],
  'a tag with another value': [{ tags: { team: 'web' } }, {}, ['tags']],
  'a label more in EKS': [{ labels: { pool: 'workers', extra: '1' } }, {}, ['labels']],
  'a taint with another effect': [{ taints: [{ key: 'dedicated', value: 'training', effect: 'NoExecute' }] }, {}, ['taints']],
  'another role and other subnets': [
    { nodeRoleArn: 'arn:aws:iam::111122223333:role/x', subnetIds: ['subnet-0a1b2c3d4e5f60009'] },
    {},
    ['subnetIds', 'nodeRoleArn'],
  ],
  'another limit of updates, and another repair': [
    {},
    { update: { approval: 'Manual', force: false, maxUnavailable: 2 }, nodeRepair: { enabled: true } },
    ['update', 'nodeRepair'],
  ],
  'what the spec leaves to EKS never differs': [{ amiType: 'BOTTLEROCKET_x86_64' }, {}, []],
  'another version of its launch template is an update': [
    { launchTemplate: { id: 'lt-1', name: 'own', version: '2' } },
    { launchTemplate: { id: 'lt-1', version: '3' } },
    [],
  ],
  'another launch template, by its id': [
    { launchTemplate: { id: 'lt-2', name: 'own', version: '1' } },
    { launchTemplate: { id: 'lt-1', version: '1' } },
    ['launchTemplate'],
  ],
  'another launch template, by its name': [
    { launchTemplate: { id: 'lt-1', name: 'other', version: '1' } },
    { launchTemplate: { name: 'own', version: '1' } },
    ['launchTemplate'],
  ],
  'a launch template, and none in EKS': [{}, { launchTemplate: { id: 'lt-1', version: '1' } }, ['launchTemplate']],
  'a launch template in EKS that the spec does not name': [{ launchTemplate: { id: 'lt-1', version: '1' } }, {}, []],
  'what the spec names does': [{ amiType: 'BOTTLEROCKET_x86_64' }, { amiType: 'AL2023_x86_64_STANDARD' }, ['amiType']],
}
function corrected(wanted: ReturnType<typeof aSpec>, there: typeof group): ReturnType<typeof correctable> {
  const fields = plannedCalls({ ...aPass(), spec: wanted }, there).flatMap((call) => call.fields)
  return correctable(wanted, there, {}, fields)
}

test.each(Object.entries(cases))('%s', (_, [changed, wanted, fields]) => {
  const now = [
    { ...spec, ...wanted },
    { ...group, ...changed },
  ] as const
  expect([...fixedDifferences(...now), ...corrected(...now)].map(({ field }) => field)).toEqual(fields)
})

test('long values are cut for the status', () => {
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`label-${n}`, 'x'.repeat(60)]))
  const [found] = corrected({ ...spec, labels: many }, group)
  expect(found?.desired).toHaveLength(256)
})

test('a group is made with no node, carries our mark, and leaves to EKS what the spec leaves out', () => {
  const creation = creationOf(
    'workers',
    aSpec({ scaling: { minSize: 3, maxSize: 5, desiredSize: 4, sizeOwner: 'Orders', allowLarge: false }, tags: { team: 'a' } }),
    mark,
  )
  expect(creation.scaling).toEqual({ minSize: 0, maxSize: 5, desiredSize: 0 })
  expect(creation.tags).toEqual({
    team: 'a',
    'tidegate.io/owner': 'u1',
    'tidegate.io/object': 'training/workers',
    'tidegate.io/cluster': 'mc1',
    'tidegate.io/origin': 'Created',
  })
  for (const field of ['amiType', 'update', 'nodeRepair']) expect(Object.keys(creation)).not.toContain(field)
})

test('a group is made with the settings that the spec names, and with the limit that EKS needs beside a strategy', () => {
  const update = { approval: 'Manual', force: false, strategy: 'Minimal' } as const
  const creation = creationOf('workers', aSpec({ update, nodeRepair: { enabled: true } }), mark)
  expect(creation).toMatchObject({ update: { strategy: 'Minimal', maxUnavailable: 1 }, nodeRepair: { enabled: true } })
})

test('in which order EKS names taints makes no difference in the status', () => {
  const taints = [
    { key: 'b', effect: 'NoSchedule' },
    { key: 'a', effect: 'NoSchedule' },
  ] as const
  const [one] = corrected(spec, { ...group, taints })
  expect(corrected(spec, { ...group, taints: taints.toReversed() })).toEqual([one])
})
