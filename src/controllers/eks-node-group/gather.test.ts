import { expect, test } from 'vitest'
import type { ScalingActivity } from '../../aws/autoscaling/port.ts'
import type { Node } from '../../kube/objects.ts'
import { aGroup, aPass, aScalingGroup } from './test-pass.ts'
import { gather } from './gather.ts'
import type { Seen } from './pass.ts'

const activity = (statusCode: string, statusMessage = '', isLaunch = true): ScalingActivity => ({
  statusCode,
  statusMessage,
  isLaunch,
  startTime: '',
})

const now = (): Date => new Date('2026-11-21T06:00:00Z')

const byInstance = (name: string): Node => ({ metadata: { name, uid: name, resourceVersion: '1' }, spec: {} })

async function look(ids: readonly string[], activities: readonly ScalingActivity[], joined?: Node): Promise<Seen['nodes']> {
  const instances = ids.map((instanceId) => ({ instanceId, zone: 'us-west-2a', lifecycleState: 'InService', protectedFromScaleIn: false }))
  const { target } = aPass({
    nodeGroups: { describe: async () => aGroup() },
    scalingGroups: { describe: async () => [aScalingGroup({ desiredCapacity: 3, instances })], activities: async () => activities },
  })
  const { nodes } = await gather({ ...target, nodes: { ...target.nodes, byInstance: (id) => joined ?? byInstance(id) } }, 'workers', {
    signal: new AbortController().signal,
    fresh: true,
    now,
  })
  return nodes
}

const failures: Record<string, [readonly ScalingActivity[], string | undefined]> = {
  'the newest launch failed': [[activity('Failed', 'no capacity')], 'no capacity'],
  'a new attempt runs after a failure': [[activity('InProgress'), activity('Failed', 'no capacity')], 'no capacity'],
  'every launch is cancelled, as over a key that cannot be used': [
    [activity('Cancelled', 'InvalidKMSKey'), activity('Cancelled', 'InvalidKMSKey')],
    'InvalidKMSKey',
  ],
  'an instance ended, or went to standby, since': [[activity('Successful', '', false), activity('Failed', 'no capacity')], 'no capacity'],
  'an instance could not be ended': [[activity('Failed', 'hook', false), activity('Successful')], undefined],
  'one that was cancelled without a word': [[activity('Cancelled')], undefined],
  'a launch worked since': [[activity('Successful'), activity('Failed', 'no capacity')], undefined],
  'nothing was tried': [[], undefined],
}
test.each(Object.entries(failures))('%s', async (_, [activities, launchFailure]) => {
  expect((await look([], activities)).launchFailure).toBe(launchFailure)
})

const joinedAt = (minutes: number): string => new Date(now().getTime() - minutes * 60_000).toISOString()
const unready: Record<string, [string, NonNullable<Node['status']>, boolean]> = {
  'one that joined a moment ago and says nothing yet starts': [joinedAt(1), {}, true],
  'one whose network is not there yet starts': [joinedAt(4), { conditions: [{ type: 'Ready', status: 'False', reason: 'KubeletNotReady' }] }, true],
  'one that has had 5 minutes does not start any more': [joinedAt(5), { conditions: [{ type: 'Ready', status: 'False', reason: 'KubeletNotReady' }] }, false],
  'one whose kubelet is silent does not start': [joinedAt(1), { conditions: [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' }] }, false],
}
test.each(Object.entries(unready))('%s', async (_, [creationTimestamp, status, starts]) => {
  const node = { ...byInstance('ip-1'), status }
  const { notReady, ready } = await look(['i-1'], [], { ...node, metadata: { ...node.metadata, creationTimestamp } })
  expect({ ready, starts: notReady.map((one) => one.starts === true) }).toEqual({ ready: 0, starts: [starts] })
})

test('nodes that are not Ready come in the same order, whatever the order of the instances', async () => {
  expect((await look(['i-2', 'i-1'], [])).notReady).toEqual((await look(['i-1', 'i-2'], [])).notReady)
})

test('why instances do not come is asked afresh only while something moves', async () => {
  const ages: (number | undefined)[] = []
  const { target } = aPass({
    nodeGroups: { describe: async () => aGroup() },
    scalingGroups: {
      describe: async () => [aScalingGroup()],
      ofCluster: async () => [aScalingGroup()],
      activities: async (_, { maxAgeMs }) => {
        ages.push(maxAgeMs)
        return []
      },
    },
  })
  for (const fresh of [true, false]) await gather(target, 'workers', { signal: new AbortController().signal, fresh, now })
  expect(ages).toEqual([0, 600_000])
})

test('B9: warm instances are counted apart', async () => {
  const states = ['InService', 'Warmed:Stopped', 'Warmed:Running', 'Warmed:Pending:Wait', 'Terminating:Wait', 'Pending']
  const instances = states.map((lifecycleState, n) => ({ instanceId: `i-${n}`, zone: 'us-west-2a', lifecycleState, protectedFromScaleIn: false }))
  const { target } = aPass({
    nodeGroups: { describe: async () => aGroup() },
    scalingGroups: { describe: async () => [aScalingGroup({ desiredCapacity: 2, instances })] },
  })
  const { nodes } = await gather({ ...target, nodes: { ...target.nodes, byInstance } }, 'workers', {
    signal: new AbortController().signal,
    fresh: true,
    now,
  })
  expect(nodes).toMatchObject({ running: 2, warm: 3, joined: 2, zones: [{ name: 'us-west-2a', running: 2 }] })
})

test('the counts of a fresh look bear the time of the answer, and those of the shared sweep none', async () => {
  const { target } = aPass({
    nodeGroups: { describe: async () => aGroup() },
    scalingGroups: { describe: async () => [aScalingGroup()], ofCluster: async () => [aScalingGroup()], activities: async () => [] },
  })
  const { signal } = new AbortController()
  expect(await gather(target, 'workers', { signal, fresh: true, now })).toMatchObject({ countsAt: now() })
  expect(await gather(target, 'workers', { signal, fresh: false, now })).not.toHaveProperty('countsAt')
})

test('A5: a group that the shared sweep leaves out, as after an own write, is read by name', async () => {
  const names: (readonly string[])[] = []
  const { target } = aPass({
    nodeGroups: { describe: async () => aGroup() },
    scalingGroups: { describe: async (asked) => (names.push(asked), [aScalingGroup()]), ofCluster: async () => [], activities: async () => [] },
  })
  const seen = await gather(target, 'workers', { signal: new AbortController().signal, fresh: false, now })
  expect(seen).toMatchObject({ scalingGroup: aScalingGroup(), countsAt: now() })
  expect(names).toEqual([[aScalingGroup().name]])
})
