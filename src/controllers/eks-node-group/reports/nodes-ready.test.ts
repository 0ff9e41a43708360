import { expect, test } from 'vitest'
import type { SeenNodes } from '../pass.ts'
import { aGroup, aPass } from '../a-pass.ts'
import { missing, nodesReady } from './nodes-ready.ts'

const none: SeenNodes = { running: 0, joined: 0, ready: 0, zones: [], notJoined: [], notReady: [], launchFailure: undefined }
const cases: Record<string, [SeenNodes, number, number, string | undefined]> = {
  'nothing wanted, nothing missing': [none, 0, 0, undefined],
  'instances on their way': [{ ...none, running: 1 }, 2, 0, 'WaitingForInstances'],
  'a shortage is said with its text': [{ ...none, launchFailure: 'no capacity' }, 2, 0, 'NoCapacity'],
  'instances that boot': [{ ...none, running: 2, joined: 1, notJoined: ['i-1'] }, 2, 60_000, 'WaitingForNodes'],
  'an instance that never joined goes before all': [{ ...none, running: 1, notJoined: ['i-1'] }, 2, 901_000, 'NotJoined'],
  'a node that is down': [{ ...none, running: 2, joined: 2, ready: 1, notReady: [{ name: 'n', reason: 'KubeletNotReady' }] }, 2, 0, 'NodeNotReady'],
  'all there': [{ ...none, running: 2, joined: 2, ready: 2 }, 2, 0, undefined],
}
test.each(Object.entries(cases))('%s', (_, [nodes, desired, missingMs, reason]) => {
  expect(missing(nodes, desired, missingMs)?.reason).toBe(reason)
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
