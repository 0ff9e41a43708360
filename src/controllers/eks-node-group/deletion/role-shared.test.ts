import { describe, expect, test } from 'vitest'
import type { Node } from '../../../kube/objects.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { finalizeGroup } from '../finalize.ts'
import { roleShared } from './role-shared.ts'

const role = 'arn:aws:iam::111122223333:role/node'
const other = 'arn:aws:iam::111122223333:role/other'

function aNode(name: string, labels: Readonly<Record<string, string>> = {}): Node {
  return { metadata: { name, uid: name, resourceVersion: '1', labels }, spec: {} }
}

type Question = Parameters<typeof roleShared>[0]
const group = (name: string, nodeRoleArn: string, leaves = false) => ({ name, nodeRoleArn, leaves })
const question: Question = {
  clusterName: 'demo',
  authenticationMode: 'ApiAndConfigMap',
  group: { name: 'workers', nodeRoleArn: role },
  listedGroups: [],
  groupsOfObjects: [],
  nodes: [aNode('self-1')],
}

const nothing = /^nothing is said$/

const cases: Record<string, { changed: Partial<Question>; says: RegExp }> = {
  'a Node of no group may have the role': { changed: {}, says: /^1 Node of no managed group \(self-1\) may run as the role of workers\..*aws-auth.*NotReady/ },
  'the remedy is a whole line': {
    changed: {},
    says: new RegExp(`: aws eks create-access-entry --cluster-name demo --principal-arn ${role} --type EC2_LINUX; or give such Nodes another role$`),
  },
  'three are named in order, the others counted': {
    changed: { nodes: ['e', 'c', 'a', 'd', 'b'].map((name) => aNode(name)) },
    says: /^5 Nodes of no managed group \(a, b, c and 2 more\)/,
  },
  'nobody outside the groups': { changed: { nodes: [] }, says: nothing },
  'nothing is known of how Nodes get in': { changed: { authenticationMode: undefined }, says: /may run as/ },
  'the groups of the cluster are not listed yet': { changed: { listedGroups: undefined }, says: nothing },
  'access entries alone count': { changed: { authenticationMode: 'Api' }, says: nothing },
  'EKS would refuse an entry: the mode comes first': {
    changed: { authenticationMode: 'ConfigMap' },
    says: /: aws eks update-cluster-config --name demo --access-config authenticationMode=API_AND_CONFIG_MAP, then aws eks create-access-entry /,
  },
  'another object keeps the role': { changed: { groupsOfObjects: [group('workers', role, true), group('more', role)] }, says: nothing },
  'another object has another role': { changed: { groupsOfObjects: [group('workers', role, true), group('more', other)] }, says: /may run as/ },
  'the other object is being deleted too': { changed: { groupsOfObjects: [group('more', role, true)] }, says: /may run as/ },
  'a group that nobody here manages keeps the role': { changed: { listedGroups: [group('workers', role), group('foreign', role)] }, says: nothing },
  'EKS is deleting that one': { changed: { listedGroups: [group('foreign', role, true)] }, says: /may run as/ },
  'the list does not know yet that the other is being deleted': {
    changed: { listedGroups: [group('more', role)], groupsOfObjects: [group('more', role, true)] },
    says: /may run as/,
  },
  'the object does not know yet that EKS is deleting the other': {
    changed: { listedGroups: [group('more', role, true)], groupsOfObjects: [group('more', role)] },
    says: /may run as/,
  },
  'EKS has another role for the other group than its spec': {
    changed: { listedGroups: [group('more', other)], groupsOfObjects: [group('more', role)] },
    says: /may run as/,
  },
  'the list has the group itself only': { changed: { listedGroups: [group('workers', role)] }, says: /may run as/ },
}

describe('B8: what EKS will do to those who share the role', () => {
  test.each(Object.entries(cases))('%s', (_, { changed, says }) => {
    expect(roleShared({ ...question, ...changed }) ?? 'nothing is said').toMatch(says)
  })

  test.each([
    ['Karpenter', { 'karpenter.sh/nodepool': 'default' }],
    ['EKS Auto Mode', { 'eks.amazonaws.com/compute-type': 'auto' }],
    ['Fargate', { 'eks.amazonaws.com/compute-type': 'fargate' }],
    ['hybrid nodes', { 'eks.amazonaws.com/compute-type': 'hybrid' }],
    ['HyperPod', { 'sagemaker.amazonaws.com/instance-group-name': 'gpus' }],
  ])('%s has its own way in', (_, labels) => {
    expect(roleShared({ ...question, nodes: [aNode('other', labels)] })).toBeUndefined()
    expect(roleShared({ ...question, nodes: [aNode('other', labels), aNode('self-1', { 'eks.amazonaws.com/compute-type': 'ec2' })] })).toMatch(
      /^1 Node .*\(self-1\)/,
    )
  })
})

/** Passes over a group that is deleted, until EKS was asked or the pass waits: what was told, in order, and what the object waits for. */
async function deletion({ running, shared }: { readonly running: number; readonly shared: boolean }): Promise<{ told: readonly string[]; waits: string }> {
  const told: string[] = []
  let { status } = aPass({ status: { arn: 'arn:workers' } }).draft
  let waits = ''
  for (const _ of ['intent', 'call', 'again']) {
    const given = aPass({
      object: { deletionTimestamp: '2026-11-21T05:59:00Z' },
      status,
      group: aGroup(),
      scalingGroup: aScalingGroup({ minSize: 0, maxSize: 1, desiredCapacity: 0 }),
      nodes: { outsideGroups: () => (shared ? [aNode('self-1')] : []) },
      nodeGroups: { delete: async () => void told.push('DeleteNodegroup') },
      event: ({ type, reason }) => void told.push(`${type} ${reason}`),
    })
    const pass = { ...given, seen: { ...given.seen, nodes: { ...given.seen.nodes, running } } }
    await finalizeGroup(pass)
    waits = pass.draft.conditions.compose(new Date(0), 1).find(({ type }) => type === 'Reconciling')?.message ?? ''
    status = pass.draft.status
  }
  return { told, waits }
}

test('B8: it is said while the deletion waits for a confirmation, and nothing where nobody shares the role', async () => {
  expect(await deletion({ running: 1, shared: true })).toEqual({
    told: [],
    waits: expect.stringMatching(/^1 node of workers would go\. .*RoleShared: 1 Node .*self-1/),
  })
  expect(await deletion({ running: 1, shared: false })).toEqual({ told: [], waits: expect.not.stringContaining('RoleShared') })
})

test('B8: it is told once before EKS is asked, and nothing where nobody shares the role', async () => {
  const asked = ['DeleteNodegroup', 'Normal Deleting']
  expect((await deletion({ running: 0, shared: true })).told).toEqual(['Warning RoleShared', ...asked, ...asked])
  expect((await deletion({ running: 0, shared: false })).told).toEqual([...asked, ...asked])
})

const sizes = {
  'where sizes are closed first': [{ minSize: 1, maxSize: 3 }, 'UpdateNodegroupConfig'],
  'where there is nothing to close': [{ minSize: 0, maxSize: 1 }, 'UpdateNodegroupConfig taints'],
} as const
test.for(Object.entries(sizes))('B8: %s it is told once when the deletion begins, before anything is changed', async ([, [bounds, first]]) => {
  const told: string[] = []
  let { status } = aPass({ status: { arn: 'arn:workers' } }).draft
  const scalingGroup = aScalingGroup({ ...bounds, desiredCapacity: 1 })
  for (const _ of ['intent', 'call', 'again']) {
    const pass = aPass({
      object: { deletionTimestamp: '2026-11-21T05:59:00Z', annotations: { 'tidegate.io/confirm-deletion': 'u1' } },
      status,
      group: aGroup(),
      scalingGroup,
      nodes: { outsideGroups: () => [aNode('self-1')] },
      nodeGroups: {
        updateScaling: async () => {
          told.push('UpdateNodegroupConfig')
          return 'update'
        },
        updateConfig: async () => {
          told.push('UpdateNodegroupConfig taints')
          return 'update'
        },
        describeUpdate: async () => ({ id: 'update', state: 'InProgress', errors: [] }),
      },
      scalingGroups: { describe: async () => [scalingGroup] },
      event: ({ type, reason }) => void told.push(`${type} ${reason}`),
    })
    await finalizeGroup({ ...pass, seen: { ...pass.seen, nodes: { ...pass.seen.nodes, running: 1 } } })
    status = pass.draft.status
  }
  expect(told.slice(0, 2)).toEqual(['Warning RoleShared', first])
  expect(told.filter((one) => one === 'Warning RoleShared')).toHaveLength(1)
})
