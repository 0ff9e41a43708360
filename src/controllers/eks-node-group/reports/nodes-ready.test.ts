import { expect, test } from 'vitest'
import type { SeenNodes } from '../pass.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { missing, missingNodes, nodesReady } from './nodes-ready.ts'

const none: SeenNodes = { running: 0, warm: 0, joined: 0, ready: 0, zones: [], notJoined: [], notReady: [], launchFailure: undefined }
const cases: Record<string, [SeenNodes, number, readonly string[], string | undefined]> = {
  'nothing wanted, nothing missing': [none, 0, [], undefined],
  'instances on their way': [{ ...none, running: 1 }, 2, [], 'WaitingForInstances'],
  'a shortage is said with its text': [{ ...none, launchFailure: 'no capacity' }, 2, [], 'NoCapacity'],
  'no address, which has a remedy of its own': [
    { ...none, launchFailure: "There are not enough free addresses in subnet 'subnet-1' to satisfy the requested number of instances." },
    2,
    [],
    'NoFreeAddresses',
  ],
  'no vCPU left in the quota': [
    { ...none, launchFailure: 'You have requested more vCPU capacity than your current vCPU limit of 32 allows' },
    2,
    [],
    'QuotaReached',
  ],
  'a right that is missing is no shortage': [{ ...none, launchFailure: 'UnauthorizedOperation - You are not authorized' }, 2, [], 'LaunchBlocked'],
  'nor is a template that AWS refuses': [{ ...none, launchFailure: 'InvalidUserData.Malformed - Invalid BASE64 encoding' }, 2, [], 'LaunchBlocked'],
  'instances that boot': [{ ...none, running: 2, joined: 1, notJoined: ['i-1'] }, 2, [], 'WaitingForNodes'],
  'an instance that never joined goes before all': [{ ...none, running: 1, notJoined: ['i-1'] }, 2, ['i-1'], 'NotJoined'],
  'a node that is down': [{ ...none, running: 2, joined: 2, ready: 1, notReady: [{ name: 'n', reason: 'KubeletNotReady' }] }, 2, [], 'NodeNotReady'],
  'a node that has just joined': [
    { ...none, running: 2, joined: 2, ready: 1, notReady: [{ name: 'n', reason: 'KubeletNotReady', starts: true }] },
    2,
    [],
    'NodesStarting',
  ],
  'a node that is down goes before those that start': [
    {
      ...none,
      running: 2,
      joined: 2,
      notReady: [
        { name: 'a', reason: 'KubeletNotReady', starts: true },
        { name: 'b', reason: 'NodeStatusUnknown' },
      ],
    },
    2,
    [],
    'NodeNotReady',
  ],
  'all there': [{ ...none, running: 2, joined: 2, ready: 2 }, 2, [], undefined],
}
test.each(Object.entries(cases))('%s', (_, [nodes, desired, overdue, reason]) => {
  expect(missing(nodes, desired, { overdue })?.reason).toBe(reason)
})

const since = '2026-11-21T05:00:00Z'

test('each instance is counted from when it was first seen without a Node, whoever joins meanwhile', () => {
  const now = new Date('2026-11-21T06:00:00Z')
  const before = [
    { instanceId: 'i-3', since },
    { instanceId: 'i-9', since: '2026-11-21T05:30:00Z' },
  ]
  expect(missingNodes(before, ['i-1', 'i-9'], now)).toEqual([
    { instanceId: 'i-9', since: '2026-11-21T05:30:00Z' },
    { instanceId: 'i-1', since: '2026-11-21T06:00:00Z' },
  ])
  expect(missingNodes(before, [], now)).toEqual([])
})

test('of many the oldest twenty are kept, and the order is always the same', () => {
  const now = new Date('2026-11-21T06:00:00Z')
  const ids = Array.from({ length: 50 }, (_, n) => `i-${String(n).padStart(2, '0')}`)
  const kept = missingNodes([{ instanceId: 'i-40', since }], ids, now)
  expect(kept.map(({ instanceId }) => instanceId)).toEqual(['i-40', ...ids.slice(0, 19)])
  expect(missingNodes(kept, ids.toReversed(), new Date('2026-11-21T06:01:00Z'))).toEqual(kept)
})

test('only the instance that is overdue is named, not one that came a minute ago', () => {
  const [late, young] = ['i-late', 'i-young']
  const nodes = { running: 2, joined: 0, ready: 0, summary: '0/2', missing: [{ instanceId: late, since }] }
  const pass = aPass({ now: new Date('2026-11-21T05:16:00Z'), status: { nodes }, group: aGroup(), scalingGroup: aScalingGroup({ desiredCapacity: 2 }) })
  nodesReady({ ...pass, seen: { ...pass.seen, nodes: { ...none, running: 2, notJoined: [late, young] } } })
  const { reason, message } = pass.draft.conditions.get('NodesReady')
  expect(reason).toBe('NotJoined')
  expect(message).toContain(late)
  expect(message).not.toContain(young)
})

const short = (nodes: Partial<SeenNodes>, suspendedProcesses: readonly string[]): ReturnType<typeof aPass> => {
  const pass = aPass({ group: aGroup(), scalingGroup: aScalingGroup({ name: 'eks-workers-1', desiredCapacity: 2, suspendedProcesses }) })
  const all = { ...pass, seen: { ...pass.seen, nodes: { ...none, ...nodes } }, spec: { ...pass.spec, scaling: { ...pass.spec.scaling, minSize: 2 } } }
  nodesReady(all)
  return all
}

test('P8: where nothing is launched since somebody suspended that, the command that ends it is said', () => {
  const { conditions } = short({ running: 1 }, ['AZRebalance', 'Launch']).draft
  const { reason, message } = conditions.get('NodesReady')
  expect(reason).toBe('LaunchBlocked')
  expect(message).toContain('1 of 2 instances run: process Launch of Auto Scaling group eks-workers-1 is suspended')
  expect(message).toContain('aws autoscaling resume-processes --auto-scaling-group-name eks-workers-1 --scaling-processes Launch')
})

test('AWS suspends launches itself where none works for a day: why none worked is said too', () => {
  const { message } = short({ launchFailure: 'UnauthorizedOperation - no' }, ['Launch']).draft.conditions.get('NodesReady')
  expect(message).toContain('--scaling-processes Launch')
  expect(message).toContain('UnauthorizedOperation - no')
})

test('a suspension is nothing to wait for where all run, and another process launches nothing anyway', () => {
  expect(short({ running: 2, joined: 2, ready: 2 }, ['Launch']).draft.conditions.isTrue('NodesReady')).toBe(true)
  expect(short({ running: 1 }, ['AZRebalance', 'Terminate']).draft.conditions.get('NodesReady').reason).toBe('WaitingForInstances')
})

const counted = { nodes: { running: 3, joined: 3, ready: 3, summary: '3/3' }, zones: [{ name: 'us-west-2a', running: 3 }] }

test('a group that is gone has no Ready nodes any more', () => {
  const pass = aPass({ status: counted, group: undefined })
  pass.draft.conditions.setTrue('NodesReady', 'AllReady')
  nodesReady(pass)
  expect(pass.draft.conditions.get('NodesReady')).toMatchObject({ status: 'Unknown', reason: 'Pending' })
  expect(pass.draft.status).toEqual({})
})

test('an Auto Scaling group that does not show for a moment changes nothing', () => {
  const pass = aPass({ status: counted, group: aGroup() })
  pass.draft.conditions.setTrue('NodesReady', 'AllReady')
  nodesReady(pass)
  expect(pass.draft.conditions.isTrue('NodesReady')).toBe(true)
  expect(pass.draft.status).toEqual(counted)
})
