import { expect, test } from 'vitest'
import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import type { EksNodeGroupStatus } from '../../../crds/eks-node-group.ts'
import type { DrainResult } from '../../../drain/request.ts'
import type { Node } from '../../../kube/objects.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { OnceTokens } from '../removals/once.ts'
import type { Removal } from '../removals/removal.ts'
import { aRemoval, aWish } from '../removals/test-world.ts'
import { chooseRemovals } from './choose-removals.ts'
import { drainRemovals } from './drain-removals.ts'
import { endInstances } from './end-instances.ts'

type Given = NonNullable<Parameters<typeof aPass>[0]>

const at = (seconds: number): Date => new Date(Date.parse('2026-11-21T06:00:00Z') + seconds * 1000)
const scaling = { minSize: 0, maxSize: 10, sizeOwner: 'Spec', allowLarge: false } as const

const node: Node = { metadata: { name: 'node-i-1', uid: 'uid-i-1', resourceVersion: '1' }, spec: {} }
const empty: DrainResult = { state: { step: 'Empty' }, progress: { left: 0, blocked: [], message: '' }, next: { kind: 'empty' } }
const drains: DrainResult = { state: { step: 'Draining' }, progress: { left: 1, blocked: [], message: '' }, next: { kind: 'wait', ms: 5_000 } }

/** So many run, the first of them in this state. */
function groupOf(running: number, desiredCapacity: number, lifecycleState = 'InService'): ScalingGroup {
  const instances = Array.from({ length: running }, (_, n) => ({
    instanceId: `i-${n + 1}`,
    zone: 'a',
    lifecycleState: n === 0 ? lifecycleState : 'InService',
    protectedFromScaleIn: false,
  }))
  return aScalingGroup({ minSize: 0, desiredCapacity, instances })
}

/** AWS was asked to end `i-1` at second 0, and nobody read its answer. Tells of each pass what AWS was asked and which marks came off. */
function afterLostCall(given: Given, others: readonly Removal[] = []) {
  let tokens = 0
  const once = new OnceTokens({ id: () => `token-${tokens++}` })
  const call = { token: once.make(), at: at(0).toISOString() }
  once.use(call.token, at(0))
  const orderUID = given.spec?.scaling?.removals?.[0]?.orderUID
  const first = aRemoval('i-1', { state: 'Removing', call, ...(orderUID === undefined ? {} : { orderUID }) })
  let status: EksNodeGroupStatus = { removals: [first, ...others] }
  const asked: string[] = []
  const released: string[] = []
  /** One pass: what AWS shows at its beginning, and right before the call, which its drains come between. */
  const pass = async (
    seconds: number,
    seen: ScalingGroup,
    { fresh = seen, hasPods = false, drained = ['node-i-1'] }: { readonly fresh?: ScalingGroup; readonly hasPods?: boolean; readonly drained?: string[] } = {},
  ) => {
    const one = aPass({
      ...given,
      now: at(seconds),
      group: aGroup(),
      scalingGroup: seen,
      status,
      nodes: {
        byName: (name) => ({ metadata: { name, uid: name.replace('node', 'uid'), resourceVersion: '1' }, spec: {} }),
        byInstance: (id) => ({ metadata: { name: `node-${id}`, uid: `uid-${id}`, resourceVersion: '1' }, spec: {} }),
      },
      drain: {
        lastLook: async () => (hasPods ? { kind: 'pods', node, pods: [] } : { kind: 'empty', node }),
        drainNode: async (request) => (drained.includes(request.node.name) ? empty : drains),
        release: async ({ name }) => (released.push(name), { kind: 'gone' }),
      },
      scalingGroups: { describe: async () => [fresh], terminate: async (id, { decrement }) => void asked.push(decrement ? id : `${id}, the number stays`) },
    })
    const result = (await chooseRemovals({ ...one, once })) ?? (await drainRemovals({ ...one, once })) ?? (await endInstances({ ...one, once }))
    status = one.draft.status
    const { ms: inMs } = one.agenda.sooner({ kind: 'requeueAfter', ms: 3_600_000 }) as { readonly ms: number }
    return { kind: result?.kind, inMs, asked: [...asked], released: [...released], first: status.removals?.find(({ instanceId }) => instanceId === 'i-1') }
  }
  return { pass }
}

const draining = (...ids: readonly string[]) => ids.map((id) => aRemoval(id, { state: 'Draining' }))
const cases: Record<string, [number, Given, readonly Removal[]]> = {
  'one node less': [5, { spec: { scaling: { ...scaling, desiredSize: 4 } } }, []],
  'three nodes less': [5, { spec: { scaling: { ...scaling, desiredSize: 2 } } }, draining('i-2', 'i-3')],
  'an order': [4, { spec: { scaling: { ...scaling, desiredSize: 3, removals: [aWish('i-1')] } } }, []],
  'a deletion': [
    5,
    { object: { deletionTimestamp: at(-60).toISOString() }, spec: { scaling: { ...scaling, desiredSize: 0 } } },
    draining('i-2', 'i-3', 'i-4', 'i-5'),
  ],
}

test.each(Object.entries(cases))('B4: a lost call that AWS shows to have taken only after it was intended anew is not made again: %s', async (_, given) => {
  const [running, spec, others] = given
  const { pass } = afterLostCall(spec, others)
  const before = groupOf(running, running)
  const taken = groupOf(running, running - 1)
  expect(await pass(21, before)).toMatchObject({ kind: 'checkpoint', asked: [], first: { state: 'Removing', call: { token: 'token-1' } } })
  // It shows between the beginning of the pass and its last look.
  const waits = expect.stringContaining(`of ${running} instances has still to end some for its number of ${running - 1}`)
  expect(await pass(23, before, { fresh: taken })).toMatchObject({ kind: 'requeueAfter', asked: [], first: { state: 'Removing', message: waits } })
  // And from then on at the beginning, for longer than a call can be on its way: the node is about to end, so it is not given back either.
  for (const seconds of [30, 44, 65, 90, 7_200]) {
    // oxlint-disable-next-line no-await-in-loop -- one pass after the other
    const { asked, released, first } = await pass(seconds, taken)
    expect({ asked, released: released.includes('node-i-1'), state: first?.state, token: first?.call?.token }).toEqual({
      asked: [],
      released: false,
      state: 'Removing',
      token: 'token-1',
    })
  }
  const after = await pass(7_202, groupOf(running, running - 1, 'Terminating'))
  expect(after).toMatchObject({ asked: [], first: { state: 'Removing', message: 'AWS ends instance i-1' } })
})

test('P8: what AWS does not end for long is looked at as at rest, and says where to look', async () => {
  const { pass } = afterLostCall({ spec: { scaling: { ...scaling, desiredSize: 4 } } })
  const taken = groupOf(5, 4)
  const says = expect.stringMatching(/look there for scale-in protection, or raise the Auto Scaling group's own number to 5$/)
  expect(await pass(60, taken)).toMatchObject({ inMs: 8_000, first: { message: says } })
  expect(await pass(3_600, taken)).toMatchObject({ inMs: 30_000, first: { message: says } })
})

test('B4: a lost call that AWS never took is made again, once, when as many run as it wants', async () => {
  const { pass } = afterLostCall({ spec: { scaling: { ...scaling, desiredSize: 4 } } })
  const before = groupOf(5, 5)
  await pass(21, before)
  expect(await pass(23, before)).toMatchObject({ asked: ['i-1'] })
  expect(await pass(25, before)).toMatchObject({ asked: ['i-1'] })
})

test('B4: a node that was drained once more after a lost call is still not asked for while AWS has to end somebody', async () => {
  const { pass } = afterLostCall({ spec: { scaling: { ...scaling, desiredSize: 2 } } }, draining('i-2', 'i-3'))
  const before = groupOf(5, 5)
  await pass(21, before)
  expect(await pass(23, before, { hasPods: true })).toMatchObject({ asked: [], first: { state: 'Accepted' } })
  expect(await pass(25, before)).toMatchObject({ kind: 'checkpoint', first: { state: 'Removing' } })
  expect(await pass(27, before, { fresh: groupOf(5, 4) })).toMatchObject({ kind: 'requeueAfter', asked: [], first: { state: 'Removing' } })
})

test('P1: where more run than AWS wants, a node beside a lost call is ended within a minute, and the number stays', async () => {
  const { pass } = afterLostCall({ spec: { scaling: { ...scaling, desiredSize: 2 } } }, draining('i-2'))
  // One was launched first for another, and the call never arrived.
  const seen = groupOf(5, 4)
  const drained = ['node-i-2']
  await pass(1, seen, { drained })
  expect(await pass(2, seen)).toMatchObject({ kind: 'requeueAfter', asked: [] })
  for (const seconds of [10, 21, 22, 23]) {
    // oxlint-disable-next-line no-await-in-loop -- one pass after the other
    const { asked, first } = await pass(seconds, seen)
    expect({ asked: asked.filter((id) => id !== 'i-2, the number stays'), first: first?.call?.token }).toEqual({ asked: [], first: 'token-0' })
  }
  expect(await pass(24, seen)).toMatchObject({ asked: ['i-2, the number stays'] })
  // Then as many run as it wants, and the lost call is made again.
  const after = groupOf(5, 4)
  const rest = { ...after, instances: after.instances.filter(({ instanceId }) => instanceId !== 'i-2') }
  await pass(30, rest)
  expect(await pass(31, rest)).toMatchObject({ kind: 'checkpoint' })
  expect(await pass(32, rest)).toMatchObject({ asked: ['i-2, the number stays', 'i-1'] })
})
