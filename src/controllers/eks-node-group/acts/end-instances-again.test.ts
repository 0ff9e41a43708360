import { expect, test } from 'vitest'
import { AwsError } from '../../../aws/aws-error.ts'
import type { EksNodeGroupStatus } from '../../../crds/eks-node-group.ts'
import type { Node } from '../../../kube/objects.ts'
import { aGroup, aPass, aScalingGroup } from '../a-pass.ts'
import { OnceTokens } from '../removals/once.ts'
import type { Removal } from '../removals/plan.ts'
import { endInstances } from './end-instances.ts'

const at = (seconds: number): Date => new Date(Date.parse('2026-11-21T06:00:00Z') + seconds * 1000)
const node: Node = {
  metadata: { name: 'n1', uid: 'node-1', resourceVersion: '1' },
  spec: { providerID: 'aws:///us-west-2a/i-1' },
  status: { conditions: [{ type: 'Ready', status: 'False' }] },
}
const empty: Removal = { nodeUID: 'node-1', nodeName: 'n1', instanceId: 'i-1', state: 'Removing', message: '' }
const instance = { instanceId: 'i-1', zone: 'a', lifecycleState: 'InService', protectedFromScaleIn: false }
const busy = new AwsError('Busy', { reason: 'ScalingInProgress', action: 'a', code: 'c', message: 'later' })

test.each([
  ['is refused by AWS', 'InService', 2],
  ['is still being launched', 'Pending:Wait', 0],
])('B4: what %s is asked again after 20 s, however often a write of the status wakes the object', async (_, lifecycleState, calls) => {
  let tokens = 0
  const once = new OnceTokens({ id: () => `token-${tokens++}` })
  const scalingGroup = aScalingGroup({ desiredCapacity: 3, instances: [{ ...instance, lifecycleState }] })
  let status: EksNodeGroupStatus = { removals: [{ ...empty, call: { token: once.make(), at: '2026-11-21T06:00:00Z' } }] }
  let asked = 0
  let writes = 0
  for (let seconds = 0; seconds <= 24; seconds += 0.5) {
    const pass = aPass({
      now: at(seconds),
      group: aGroup(),
      scalingGroup,
      status,
      nodes: { byInstance: () => node, byName: () => node },
      drain: { lastLook: async () => ({ kind: 'empty', node }) },
      scalingGroups: {
        describe: async () => [scalingGroup],
        terminate: async () => {
          asked += 1
          throw busy
        },
      },
    })
    // oxlint-disable-next-line no-await-in-loop -- one pass after the other
    await endInstances({ ...pass, once })
    if (JSON.stringify(pass.draft.status) !== JSON.stringify(status)) writes += 1
    status = pass.draft.status
  }
  expect(asked).toBe(calls)
  expect(writes).toBeLessThanOrEqual(2)
})

test.each([
  ['was handed over empty', { call: { token: 't', at: '2026-11-21T05:00:00Z' } }, ['n1']],
  ['was taken out of the Auto Scaling group by somebody, and runs on', {}, []],
])('the volumes of a machine that %s', async (_, more, told) => {
  const released: string[] = []
  const pass = aPass({
    group: aGroup(),
    scalingGroup: aScalingGroup({ desiredCapacity: 0 }),
    status: { removals: [{ ...empty, ...more }] },
    nodes: { byInstance: () => node },
    drain: {
      outOfService: async ({ name }) => {
        released.push(name)
        return { kind: 'done', node, changed: true }
      },
    },
  })
  await endInstances(pass)
  expect(released).toEqual(told)
})

test('force past its deadline waits for no volume in the last look either', async () => {
  const looks: unknown[] = []
  const scalingGroup = aScalingGroup({ desiredCapacity: 3, instances: [instance] })
  const once = new OnceTokens({ id: () => 'token' })
  const call = { token: once.make(), at: '2026-11-21T06:00:00Z' }
  for (const isolatedAt of ['2026-11-21T04:59:00Z', '2026-11-21T05:30:00Z']) {
    const pass = aPass({
      group: aGroup(),
      scalingGroup,
      spec: { scaleDown: { drain: 'Evict', timeout: '1h', onTimeout: 'Force', azRebalance: 'Suspend' } },
      status: { removals: [{ ...empty, call, drain: { step: 'Empty', isolatedAt, claims: true } }] },
      nodes: { byInstance: () => node, byName: () => node },
      drain: {
        lastLook: async ({ ignoreVolumes }) => {
          looks.push(ignoreVolumes)
          return { kind: 'empty', node }
        },
      },
      scalingGroups: { describe: async () => [scalingGroup], terminate: async () => undefined },
    })
    once.make()
    // oxlint-disable-next-line no-await-in-loop -- one pass after the other
    await endInstances({ ...pass, once })
  }
  expect(looks).toEqual([true, false])
})
