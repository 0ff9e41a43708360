import { expect, test } from 'vitest'
import { AwsError } from '../../../aws/aws-error.ts'
import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import type { Look } from '../../../drain/last-look.ts'
import type { Node } from '../../../kube/objects.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { isCounted } from '../removals/member.ts'
import { OnceTokens } from '../removals/once.ts'
import type { Removal } from '../removals/removal.ts'
import { endInstances } from './end-instances.ts'

const now = new Date('2026-11-21T06:00:00Z')
const node: Node = { metadata: { name: 'n1', uid: 'node-1', resourceVersion: '1' }, spec: { providerID: 'aws:///us-west-2a/i-1' } }

interface Given {
  readonly state?: string
  readonly desired?: number
  readonly minSize?: number
  /** Another service operates the group. */
  readonly operator?: string
  readonly look?: Look
  readonly groupState?: 'Active' | 'Updating'
  /** The call was sent so many seconds ago, or by another process. */
  readonly sent?: number | 'ByAnother'
  readonly answer?: () => Promise<void>
  /** What the API server says of the group's Nodes, and of pods on the node. */
  readonly names?: readonly string[]
  readonly pods?: readonly string[]
  /** UID of the Node that the cache shows for the instance. */
  readonly joined?: string
  /** How many the spec wants, 2 by default. */
  readonly keep?: number
  /** How many run and are counted, the node that leaves too: as many as AWS wants. */
  readonly running?: number
  readonly suspendedProcesses?: readonly string[]
  /** What became of the call for another one that leaves, `i-2`, which AWS shows in service. */
  readonly other?: 'Taken' | 'Refused' | 'Unanswered' | 'Lost' | 'ByAnother'
  /** An order asked for it, and stands or has taken its word back. */
  readonly order?: 'Stands' | 'TakenBack'
}

/** One pass over one node that was found empty; tells what AWS was asked, and what stands in the status. */
async function passOver(given: Given): Promise<{
  readonly asked: readonly string[]
  readonly decrements: readonly boolean[]
  readonly removal: Removal | undefined
  readonly result: string | undefined
}> {
  const {
    state = 'InService',
    desired = 3,
    minSize = 1,
    operator,
    look = { kind: 'empty', node },
    groupState = 'Active',
    sent,
    answer,
    names = [],
    pods = [],
    joined,
    keep = 2,
    running = desired,
    order,
    other,
    suspendedProcesses = [],
  } = given
  const once = new OnceTokens({ id: () => 'token' })
  if (sent === undefined) once.make()
  if (typeof sent === 'number') once.sent('token', new Date(now.getTime() - sent * 1000))
  const at = '2026-11-21T05:59:59Z'
  const second: Removal = { instanceId: 'i-2', state: 'Removing', message: '', since: at, call: { token: 'second', at } }
  if (other !== undefined && other !== 'ByAnother') once.sent('second', new Date(now.getTime() - (other === 'Lost' ? 20_000 : 0)))
  if (other === 'Refused') once.end('second')
  if (other === 'Taken') once.take('second')
  const removal: Removal = {
    nodeUID: 'node-1',
    nodeName: 'n1',
    instanceId: 'i-1',
    state: 'Removing',
    message: '',
    since: at,
    call: { token: 'token', at },
    ...(order === undefined ? {} : { orderUID: 'order' }),
  }
  const wish = { nodeUID: 'node-1', nodeName: 'n1', providerID: 'aws:///us-west-2a/i-1', orderUID: 'order' }
  const others = Array.from({ length: isCounted({ lifecycleState: state }) ? running - 1 : running }, (_, index) => `i-${index + 2}`)
  const scalingGroup: ScalingGroup = aScalingGroup({
    desiredCapacity: desired,
    minSize,
    suspendedProcesses,
    instances: [
      { instanceId: 'i-1', zone: 'a', lifecycleState: state, protectedFromScaleIn: false },
      ...others.map((instanceId) => ({ instanceId, zone: 'a', lifecycleState: 'InService', protectedFromScaleIn: false })),
    ],
    ...(operator === undefined ? {} : { operator }),
  })
  const asked: string[] = []
  const decrements: boolean[] = []
  const pass = aPass({
    now,
    spec: {
      scaling: { minSize: 1, maxSize: 10, desiredSize: keep, sizeOwner: 'Spec', allowLarge: false, removals: order === 'Stands' ? [wish] : [] },
    },
    group: aGroup({ state: groupState }),
    scalingGroup,
    status: { removals: other === undefined ? [removal] : [removal, second] },
    nodes: {
      byInstance: () => (joined === undefined ? node : { ...node, metadata: { ...node.metadata, uid: joined } }),
      byName: (name) => (name === 'n1' ? node : undefined),
      namesInGroup: async () => await Promise.resolve(names),
      podsInTheWay: async () => await Promise.resolve(pods),
    },
    drain: { lastLook: async () => await Promise.resolve(look) },
    scalingGroups: {
      describe: async () => await Promise.resolve([scalingGroup]),
      terminate: async (id, { decrement }) => {
        asked.push(id)
        decrements.push(decrement)
        await answer?.()
      },
    },
  })
  const result = await endInstances({ ...pass, once }).catch((error: unknown) => ({ kind: error instanceof Error ? error.message : '' }))
  return { asked, decrements, removal: pass.draft.status.removals?.[0], result: result?.kind }
}

const noAnswer = new AwsError('Unavailable', { reason: 'AwsUnavailable', action: 'a', code: 'c', message: 'no answer' })
const busy = new AwsError('Busy', { reason: 'ScalingInProgress', action: 'a', code: 'c', message: 'later' })

const drained = { asked: ['i-1'], state: 'Removing', hasIntent: true, result: undefined }
const waiting = { ...drained, asked: [], result: 'requeueAfter' }
const again = { ...waiting, state: 'Accepted', hasIntent: false }
const cases: Record<string, [Given, object]> = {
  'an empty node in service is ended, once': [{}, drained],
  'one in standby too, that an order names': [{ state: 'Standby', order: 'Stands' }, drained],
  'one of our own choice that somebody has set aside since is given back': [
    { state: 'Standby' },
    { asked: [], hasIntent: false, state: 'Accepted', result: 'requeueAfter' },
  ],
  'one that already ends is never asked for again': [{ state: 'Terminating:Wait' }, { ...drained, asked: [] }],
  'one that is still being launched is waited for': [{ state: 'Pending' }, waiting],
  'at the minimum nothing is asked, and whether it may leave is judged anew': [{ desired: 2, minSize: 2, keep: 1 }, again],
  'B1: where AWS has a lower number from elsewhere no second one goes': [{ desired: 2 }, again],
  'P10: a number that was raised before AWS was asked keeps it': [{ keep: 3 }, again],
  'what an order names goes at any number': [{ keep: 3, order: 'Stands' }, drained],
  'P10: an order that took its word back before AWS was asked keeps it': [{ keep: 3, order: 'TakenBack' }, again],
  'B1: in a group that another service operates nothing is asked': [{ operator: 'ecs.amazonaws.com' }, waiting],
  'while EKS is busy nothing is asked': [{ groupState: 'Updating' }, { ...drained, asked: [] }],
  'pods that came back send it back to be drained': [{ look: { kind: 'pods', node, pods: [] } }, again],
  'a mark that somebody took off too': [{ look: { kind: 'notIsolated' } }, again],
  'one whose Node somebody deleted is ended when nothing is bound to it': [{ look: { kind: 'gone' } }, drained],
  'one whose Node came back as another is drained again': [{ look: { kind: 'gone' }, joined: 'node-2' }, again],
  'one whose Node came back behind a slow watch is waited for': [{ look: { kind: 'gone' }, names: ['n1'] }, waiting],
  'a Node that the watch does not show yet may be its own': [{ look: { kind: 'gone' }, names: ['n2'] }, waiting],
  'pods that are bound to a Node that is gone may still run': [{ look: { kind: 'gone' }, pods: ['team/web'] }, waiting],
  'a call of a process that died may be on its way: it is waited for': [{ sent: 'ByAnother' }, { ...drained, asked: [] }],
  'a call without an answer is waited for': [{ sent: 19 }, { ...drained, asked: [] }],
  'what never arrived is intended anew, and stored before it is sent': [{ sent: 21 }, { ...drained, asked: [], result: 'checkpoint' }],
  'while AWS has still to end some for its number, the call may have been taken: it is waited for': [
    { sent: 21, desired: 2, running: 3, keep: 1 },
    { ...drained, asked: [] },
  ],
  'no answer keeps the intent': [{ answer: async () => await Promise.reject(noAnswer) }, { ...drained, result: 'no answer' }],
  'a refusal ends the pass': [{ answer: async () => await Promise.reject(busy) }, { ...waiting, asked: ['i-1'] }],
}
test.each(Object.entries(cases))('B4: %s', async (_, [given, expected]) => {
  const { asked, removal, result } = await passOver(given)
  expect({ asked, state: removal?.state, hasIntent: removal?.call !== undefined, result }).toEqual(expected)
})

test('B4: a call that may have been taken is told, with what it waits for', async () => {
  const { removal } = await passOver({ sent: 21, desired: 2, running: 3, keep: 1 })
  expect(removal).toMatchObject({ message: expect.stringMatching(/of 3 instances .* number of 2: waits/), call: { token: 'token' } })
})

test.each<[string, Given]>([
  ['that AWS does not show', { sent: 19 }],
  ['that may have been taken', { sent: 21, desired: 2, running: 3, keep: 1 }],
])('P8: a call %s is told with the command that resumes terminations, where they are suspended', async (_, given) => {
  const command = '--auto-scaling-group-name asg --scaling-processes Terminate'
  const { removal } = await passOver({ ...given, suspendedProcesses: ['Terminate'] })
  expect(removal?.message).toContain(command)
  expect((await passOver(given)).removal?.message).not.toContain('resume-processes')
})

const volume = { pod: '', reason: 'VolumeAttached', by: 'PersistentVolume pv-1', message: 'PersistentVolume pv-1 is still attached' } as const
const held = { pod: '', reason: 'NodeHeldByAnother', by: 'EksNodeGroup team/b', message: 'node n1 is held by EksNodeGroup team/b' } as const

test.each<[Look, string]>([
  [{ kind: 'pods', node, pods: [] }, 'pods came back to it: drained again'],
  [{ kind: 'notIsolated' }, 'somebody took our mark off it: drained again'],
  [{ kind: 'volumes', node, blocked: [volume] }, 'a volume is attached to it: drained again'],
  [{ kind: 'changed', blocker: held }, `NodeHeldByAnother: ${held.message}`],
])('P8: what the last look found is told: %s', async (look, message) => {
  expect((await passOver({ look })).removal).toMatchObject({ state: 'Accepted', message })
})

test.each([
  ['InService', true],
  ['Standby', false],
])('B4: the number is lowered only for an instance that it counts: %s', async (state, decrement) => {
  const { decrements } = await passOver({ state, order: 'Stands' })
  expect(decrements).toEqual([decrement])
})

test.each<[string, Given, boolean]>([
  ['AWS has launched one to even the zones', { running: 4 }, false],
  ['AWS wants as many as run', { running: 3 }, true],
  ['more run, and one of them was asked for a moment ago', { running: 4, keep: 1, other: 'Taken' }, true],
  ['more run, and AWS refused to end another one', { running: 4, keep: 1, other: 'Refused' }, false],
  ['more run than that', { running: 5, keep: 1, other: 'Taken' }, false],
  ['more run than that, if AWS took that call or not', { running: 5, keep: 1, other: 'Unanswered' }, false],
  ['no more run, if AWS took another call or not', { running: 3, keep: 1, other: 'Unanswered' }, true],
  ['more run, and whether AWS ends one of them nobody knows', { running: 4, keep: 1, other: 'Lost' }, false],
])('P1: the number is lowered only where AWS would end nobody else for it: %s', async (_, given, decrement) => {
  expect(await passOver(given)).toMatchObject({ asked: ['i-1'], decrements: [decrement] })
})

test.each(['Unanswered', 'ByAnother'] as const)(
  'P1: where more run, a call that may be on its way is waited for, which may end one of them: %s',
  async (other) => {
    const { asked, removal, result } = await passOver({ running: 4, keep: 1, other })
    const message = 'waits until it shows, within 20 s, whether AWS ends i-2: its answer was lost'
    expect({ asked, removal, result }).toMatchObject({ asked: [], removal: { state: 'Removing', message }, result: 'requeueAfter' })
  },
)

test('P1: whom AWS said yes to counts as ended, while it shows in service', async () => {
  const once = new OnceTokens({ id: () => 'token' })
  const call = { token: once.make(), at: '2026-11-21T05:59:59Z' }
  const ended: Removal = { instanceId: 'i-1', state: 'Removing', message: '', since: call.at, call }
  const scalingGroup = aScalingGroup({
    desiredCapacity: 2,
    instances: [{ instanceId: 'i-1', zone: 'a', lifecycleState: 'InService', protectedFromScaleIn: false }],
  })
  const pass = aPass({
    now,
    spec: { scaling: { minSize: 0, maxSize: 10, desiredSize: 0, sizeOwner: 'Spec', allowLarge: false } },
    group: aGroup(),
    scalingGroup,
    status: { removals: [ended] },
    scalingGroups: { describe: async () => await Promise.resolve([scalingGroup]), terminate: async () => await Promise.resolve() },
  })
  await endInstances({ ...pass, once })
  expect([once.cannotHaveActed(call.token), once.isUnclear(call.token)]).toEqual([false, false])
})

test('B4: a token is good for one call', () => {
  const once = new OnceTokens({ id: () => 'token' })
  const token = once.make()
  expect(once.use(token, now)).toBe(true)
  expect(once.use(token, now)).toBe(false)
})
