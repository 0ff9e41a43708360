import { describe, expect, test } from 'vitest'
import type { EksNodeGroup, EksNodeGroupStatus } from '../../crds/eks-node-group.ts'
import { KubeError } from '../../kube/kube-error.ts'
import { type Result, TerminalError } from '../../runtime/reconciler.ts'
import type { Holder } from '../../runtime/freeze.ts'
import type { TargetState } from './ports.ts'
import { aRemoval } from './removals/test-world.ts'
import { EksNodeGroupReconciler } from './reconciler.ts'
import { aPass } from './test-pass.ts'

const isolatedAt = '2026-11-21T05:00:00Z'
const draining = (id: string, orderUID?: string) =>
  aRemoval(id, { state: 'Draining', drain: { step: 'Draining', isolatedAt }, ...(orderUID === undefined ? {} : { orderUID }) })
const asked = aRemoval('asked', { state: 'Removing', call: { token: 't', at: isolatedAt }, drain: { step: 'Empty', isolatedAt } })
const failed = aRemoval('failed', { state: 'Refused', drain: { step: 'Failed', isolatedAt } })
const gone = aRemoval('gone', { state: 'Gone' })
const message = 'TargetCluster demo does not let namespace training in'
const isolated = '. Still isolated, since AWS may have been asked to end them: node-asked'
const frozen: Holder = { what: 'TargetCluster demo', suspend: true, annotations: undefined }

interface Given {
  readonly removals: EksNodeGroupStatus['removals']
  readonly reason?: string
  readonly conditions?: NonNullable<EksNodeGroup['status']>['conditions']
  /** As the caches show it. */
  readonly holders?: readonly Holder[]
  /** As the API server says. */
  readonly liveHolders?: readonly Holder[]
  readonly cleanUp?: Exclude<TargetState['state'], 'ready' | 'gone'>
  /** What the management API answers where it is asked for the object. */
  readonly askObject?: () => Promise<EksNodeGroup | undefined>
  /** What the API server of the target answers to a change of this node. */
  readonly refuses?: Readonly<Record<string, number>>
}

/** One pass over an object that its target does not let in any more. No call of AWS is given, so that one would fail. */
async function pass({
  removals,
  reason = 'NotAllowedInNamespace',
  conditions = [],
  holders = [],
  liveHolders = holders,
  cleanUp,
  askObject,
  refuses = {},
}: Given) {
  const released: string[] = []
  const notes: string[] = []
  const { draft, context, target, sizes, surroundings } = aPass({
    status: { arn: 'arn:workers', ...(removals === undefined ? {} : { removals: [...removals] }) },
    event: ({ reason: told, note }) => void notes.push(`${told}: ${note}`),
    drain: {
      release: async ({ name }, { uid }, { confirm }) => {
        await confirm?.()
        const status = refuses[name]
        if (status !== undefined) throw new KubeError(status, 'Forbidden', 'no')
        released.push(`${name} of ${uid}`)
        return { kind: 'gone' }
      },
    },
  })
  const object = { ...draft.object, status: { ...structuredClone(draft.status), conditions } }
  const reconciler = new EksNodeGroupReconciler({
    targets: {
      find: (_name, use) => {
        if (use !== 'CleanUp') return { state: 'refused', reason, message }
        return cleanUp === undefined ? { state: 'ready', target } : { state: cleanUp, reason: 'ClusterUnreachable', message: 'no answer' }
      },
    },
    sizes,
    surroundings: { ...surroundings, holders: () => holders, askHolders: async () => liveHolders, ...(askObject === undefined ? {} : { askObject }) },
  })
  const result: Result | Error = await reconciler.reconcile({ ...draft, object }, context).catch((error: unknown) => error as Error)
  if (result instanceof TerminalError) draft.conditions.stalled(result.reason, result.message)
  const said = draft.conditions.compose(new Date(isolatedAt), 1)
  const stalled = said.find(({ type }) => type === 'Stalled')
  const inSync = said.find(({ type }) => type === 'InSync')?.reason
  return { inSync, released: released.toSorted(), notes, result, stalled, removals: draft.status.removals, history: draft.status.history }
}

test.each(['NotAllowedInNamespace', 'RoleNotAllowed'])('P2: %s in the middle of drains: our marks come off, and it is told', async (reason) => {
  const given = await pass({ reason, removals: [draining('i-1'), draining('i-2', 'order'), aRemoval('i-3'), asked, failed, gone] })
  expect(given.released).toEqual(['node-i-1 of u1', 'node-i-2 of order', 'node-i-3 of u1'])
  // P1: what AWS may have been asked to end keeps its mark; a drain that failed is not tried again by this.
  expect(given.removals).toEqual([asked, failed, gone])
  expect(given.result).toBeInstanceOf(TerminalError)
  expect(given.stalled).toMatchObject({ reason, message: `${message}. What was leaving has been given back: node-i-1, node-i-2, node-i-3${isolated}` })
  expect(given.inSync).toBe('RemovalRefused')
  expect(given.notes).toEqual(['i-1', 'i-2'].map((id) => `NodeGivenBack: node-${id} stays: our mark is off it: ${message}`))
  expect(given.history?.map(({ from, outcome }) => [from, outcome])).toEqual([
    ['node-i-1', 'GivenBack'],
    ['node-i-2', 'GivenBack'],
  ])
})

test('P7: at rest nothing is asked or written, and what was said of the drains stays', async () => {
  const said = `${message}. What was leaving has been given back: node-i-1${isolated}`
  const conditions = [{ type: 'Stalled', status: 'True', reason: 'NotAllowedInNamespace', message: said, lastTransitionTime: isolatedAt }] as const
  const again = await pass({ removals: [asked, failed], conditions: [...conditions], cleanUp: 'missing' })
  expect(again).toMatchObject({ released: [], notes: [], stalled: { message: said }, removals: [asked, failed] })
  expect((await pass({ removals: undefined })).stalled?.message).toBe(message)
})

test.each([
  ['as the caches alone show it', { holders: [frozen], liveHolders: [] }],
  ['as the API server alone says', { liveHolders: [frozen] }],
])('P10: while somebody holds the object back, %s, nothing is written', async (_, held) => {
  const removals = [draining('i-1')]
  const { released, stalled, result, ...given } = await pass({ removals, ...held })
  expect({ released, removals: given.removals, notes: given.notes }).toEqual({ released: [], removals, notes: [] })
  expect(stalled).toMatchObject({ reason: 'NotAllowedInNamespace', message: expect.stringContaining('Not given back yet: node-i-1') })
  expect(result).toEqual({ kind: 'requeueAfter', ms: 30_000 })
})

test('while the target does not answer the nodes are named', async () => {
  const { released, stalled, result } = await pass({ removals: [draining('i-1')], cleanUp: 'unreachable' })
  expect([released, result]).toEqual([[], expect.any(TerminalError)])
  expect(stalled?.message).toBe(`${message}. Not given back yet: node-i-1 (ClusterUnreachable)`)
})

test('a node that the API server refuses to change holds no other back, and is tried again at the pace of rest', async () => {
  const { released, stalled, result, removals } = await pass({ removals: [draining('i-1'), draining('i-2')], refuses: { 'node-i-1': 403 } })
  expect(released).toEqual(['node-i-2 of u1'])
  expect(removals).toMatchObject([{ nodeName: 'node-i-1', state: 'Draining', message: expect.stringContaining('403') }])
  expect(stalled?.message).toContain('Not given back yet: node-i-1: the API server refuses')
  expect(result).toEqual({ kind: 'requeueAfter', ms: 30_000 })
})

test('where the API server does not answer it is tried again soon, and it stays Stalled with the refusal', async () => {
  const removals = [draining('i-1')]
  const { stalled, result, removals: after } = await pass({ removals, refuses: { 'node-i-1': 500 } })
  expect(result).toMatchObject({ status: 500 })
  expect([after, stalled?.reason]).toEqual([removals, 'NotAllowedInNamespace'])
})

test('P10: where the management API does not answer it is thrown, so that it is told and tried again soon', async () => {
  const removals = [draining('i-1')]
  const { released, stalled, result, removals: after } = await pass({ removals, askObject: () => Promise.reject(new KubeError(500, 'InternalError', 'etcd')) })
  expect([released, after, stalled?.reason]).toEqual([[], removals, 'NotAllowedInNamespace'])
  expect(result).toMatchObject({ status: 500 })
})

test('P10: where the object asks for something else by now it is looked at again in a moment', async () => {
  const removals = [draining('i-1')]
  const { released, result, removals: after } = await pass({ removals, askObject: async () => undefined })
  expect([released, after, result]).toEqual([[], removals, { kind: 'requeueAfter', ms: 2_000 }])
})

describe('nodes that AWS may have been asked to end', () => {
  test('are named, where nothing else was leaving', async () => {
    const { released, stalled, removals } = await pass({ removals: [asked, failed, gone] })
    expect([released, removals]).toEqual([[], [asked, failed, gone]])
    expect(stalled?.message).toBe(`${message}${isolated}`)
  })

  test('are not called isolated where no drain was asked for', async () => {
    expect((await pass({ removals: [aRemoval('undrained', { state: 'Removing' })] })).stalled?.message).toBe(message)
  })

  test('are named beside what cannot be given back yet', async () => {
    const { stalled } = await pass({ removals: [draining('i-1'), asked], cleanUp: 'unreachable' })
    expect(stalled?.message).toBe(`${message}. Not given back yet: node-i-1 (ClusterUnreachable)${isolated}`)
    const refused = await pass({ removals: [draining('i-1'), asked], refuses: { 'node-i-1': 403 } })
    expect(refused.stalled?.message).toContain(isolated)
  })
})
