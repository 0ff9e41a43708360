import { expect, test } from 'vitest'
import { AwsError } from '../../../aws/aws-error.ts'
import type { EksNodeGroupStatus } from '../../../crds/eks-node-group.ts'
import type { Node } from '../../../kube/objects.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import type { Pass } from '../pass.ts'
import type { Holder } from '../../../runtime/freeze.ts'
import { OnceTokens } from '../removals/once.ts'
import type { Removal } from '../removals/removal.ts'
import { endInstances } from './end-instances.ts'

const at = (seconds: number): Date => new Date(Date.parse('2026-11-21T06:00:00Z') + seconds * 1000)
const node: Node = {
  metadata: { name: 'n1', uid: 'node-1', resourceVersion: '1' },
  spec: { providerID: 'aws:///us-west-2a/i-1' },
  status: { conditions: [{ type: 'Ready', status: 'False' }] },
}
const empty: Removal = { nodeUID: 'node-1', nodeName: 'n1', instanceId: 'i-1', state: 'Removing', message: '' }
const inService = (instanceId: string) => ({ instanceId, zone: 'a', lifecycleState: 'InService', protectedFromScaleIn: false })
const instance = inService('i-1')
const others = ['i-2', 'i-3'].map(inService)
const scaling = { minSize: 1, maxSize: 10, desiredSize: 2, sizeOwner: 'Spec', allowLarge: false } as const
const busy = new AwsError('Busy', { reason: 'ScalingInProgress', action: 'a', code: 'c', message: 'later' })

test.each([
  ['is refused by AWS', 'InService', 2],
  ['is still being launched', 'Pending:Wait', 0],
])('B4: what %s is asked again after 20 s, however often a write of the status wakes the object', async (_, lifecycleState, calls) => {
  let tokens = 0
  const once = new OnceTokens({ id: () => `token-${tokens++}` })
  const scalingGroup = aScalingGroup({ desiredCapacity: 3, instances: [{ ...instance, lifecycleState }, ...others] })
  let status: EksNodeGroupStatus = { removals: [{ ...empty, call: { token: once.make(), at: '2026-11-21T06:00:00Z' } }] }
  let asked = 0
  let writes = 0
  for (let seconds = 0; seconds <= 24; seconds += 0.5) {
    const pass = aPass({
      now: at(seconds),
      spec: { scaling },
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

test('force past its deadline waits for no volume in the last look either', async () => {
  const looks: unknown[] = []
  const scalingGroup = aScalingGroup({ desiredCapacity: 3, instances: [instance, ...others] })
  const once = new OnceTokens({ id: () => 'token' })
  const call = { token: once.make(), at: '2026-11-21T06:00:00Z' }
  for (const isolatedAt of ['2026-11-21T04:59:00Z', '2026-11-21T05:30:00Z']) {
    const pass = aPass({
      group: aGroup(),
      scalingGroup,
      spec: { scaling, scaleDown: { drain: 'Evict', timeout: '1h', onTimeout: 'Force', azRebalance: 'Suspend' } },
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

const ids = ['i-1', 'i-2', 'i-3']
const frozen = { what: 'TargetCluster demo', suspend: true, annotations: undefined }

test.each<[string, (asked: readonly string[]) => Partial<Pass['surroundings']>, readonly string[]]>([
  ['nothing happens', () => ({}), ids],
  ['somebody freezes the target', (asked) => ({ askHolders: async () => (asked.length > 0 ? [frozen] : []) }), ['i-1']],
  [
    'somebody changes the spec',
    (asked) => ({ askObject: async (one) => (asked.length > 0 ? { ...one, metadata: { ...one.metadata, generation: 2 } } : one) }),
    ['i-1'],
  ],
])('P10: three nodes are to go, each call takes two seconds, and after the first %s that no watch shows', async (_, behind, expected) => {
  const asked: string[] = []
  let tokens = 0
  const once = new OnceTokens({ id: () => `token-${tokens++}` })
  const removals = ids.map((instanceId): Removal => ({ instanceId, state: 'Removing', message: '', call: { token: once.make(), at: '2026-11-21T06:00:00Z' } }))
  const scalingGroup = aScalingGroup({ desiredCapacity: 3, minSize: 0, instances: [instance, ...others] })
  const pass = aPass({
    spec: { scaling: { ...scaling, minSize: 0, desiredSize: 0 } },
    group: aGroup(),
    scalingGroup,
    status: { removals },
    scalingGroups: { describe: async () => [scalingGroup], terminate: async (id) => void asked.push(id) },
  })
  await endInstances({ ...pass, once, surroundings: { ...pass.surroundings, now: () => at(2 * asked.length), ...behind(asked) } })
  expect(asked).toEqual(expected)
  expect(pass.draft.status.removals?.map(({ state }) => state)).toEqual(['Removing', 'Removing', 'Removing'])
})

test('P10: AWS takes ten seconds to tell of the instance, and the target is frozen meanwhile: it is not asked to end it', async () => {
  let seconds = 0
  const asked: string[] = []
  const once = new OnceTokens({ id: () => 'token' })
  const call = { token: once.make(), at: '2026-11-21T06:00:00Z' }
  const scalingGroup = aScalingGroup({ desiredCapacity: 3, minSize: 0, instances: [instance, ...others] })
  const pass = aPass({
    spec: { scaling: { ...scaling, minSize: 0, desiredSize: 0 } },
    group: aGroup(),
    scalingGroup,
    status: { removals: [{ instanceId: 'i-1', state: 'Removing', message: '', call }] },
    scalingGroups: {
      describe: async () => {
        seconds = 10
        return [scalingGroup]
      },
      terminate: async (id) => void asked.push(id),
    },
  })
  const askHolders = async (): Promise<readonly Holder[]> => (seconds > 0 ? [frozen] : [])
  await endInstances({ ...pass, once, surroundings: { ...pass.surroundings, now: () => at(seconds), askHolders } })
  expect(asked).toEqual([])
  // Nothing was sent: it goes at once when the freeze is over.
  expect(once.cannotHaveActed(call.token)).toBe(true)
})
