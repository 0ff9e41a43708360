import { expect, test } from 'vitest'
import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import { AwsError, type AwsErrorKind } from '../../../aws/aws-error.ts'
import type { NodeGroupUpdate, NodeGroupVersionChange } from '../../../aws/eks/port.ts'
import { awaitChange } from '../../../runtime/reconciler.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import type { Pass } from '../pass.ts'
import { planVersion } from '../updates/version-plan.ts'
import { followVersion, updateVersion } from './update-version.ts'

const at = (time: string): Date => new Date(`2026-11-21T${time}Z`)
const spec = { version: '1.36', update: { approval: 'Automatic', force: false } } as const

interface World {
  readonly sent: NodeGroupVersionChange[]
  readonly pass: (time: string, before?: Pass, changed?: Parameters<typeof aPass>[0]) => Pass
}

/** A world in which EKS has these updates on record. */
function world(...updates: readonly NodeGroupUpdate[]): World {
  const sent: NodeGroupVersionChange[] = []
  const given = {
    object: { generation: 3 },
    spec,
    group: aGroup({ version: '1.35' }),
    scalingGroup: aScalingGroup(),
    nodeGroups: {
      updateVersion: async (_cluster: string, _name: string, change: NodeGroupVersionChange) => {
        sent.push(change)
        return 'update'
      },
      describeUpdate: async (_cluster: string, _name: string, id: string) => updates.find((update) => update.id === id),
      listUpdates: async () => updates.map(({ id }) => id),
    },
  }
  const pass = (time: string, before?: Pass, changed: Parameters<typeof aPass>[0] = {}): Pass => {
    const made = aPass({ ...given, ...(before === undefined ? {} : { status: before.draft.status }), now: at(time), ...changed })
    made.draft.conditions.setTrue('NodesReady', 'AllReady')
    // One process; without `before` another one.
    return { ...made, calls: before?.calls ?? made.calls }
  }
  return { sent, pass }
}

async function run(pass: Pass): Promise<Pass> {
  if ((await followVersion(pass)) === undefined) await updateVersion(pass)
  return pass
}

function version(id: string, state: NodeGroupUpdate['state'], time: string, errors: NodeGroupUpdate['errors'] = []): NodeGroupUpdate {
  return { id, state, type: 'VersionUpdate', createdAt: at(time).toISOString(), errors }
}

test('A1: the intent is stored first, then EKS is asked, once', async () => {
  const { sent, pass } = world()
  const intended = pass('06:00:00')
  expect(await updateVersion(intended)).toEqual({ kind: 'checkpoint' })
  expect(sent).toEqual([])
  expect(intended.draft.status).toMatchObject({
    operation: { kind: 'UpdateVersion', from: 'version 1.35', to: 'version 1.36' },
    update: { state: 'Running', generation: 3 },
  })
  const asked = await run(pass('06:00:01', intended))
  expect(asked.draft.status.update?.updateId).toBe('update')
  await run(pass('06:00:03', asked))
  expect(sent).toEqual([{ version: '1.36' }])
})

test('while EKS answers the same, the next try waits as long as all before it', async () => {
  const nodeGroups = {
    updateVersion: async (): Promise<never> => {
      throw new AwsError('Busy', { action: 'eks:UpdateNodegroupVersion', reason: 'ClusterNotActive', code: 'ResourceInUse', message: 'later' })
    },
    listUpdates: async () => [],
  }
  const { pass } = world()
  const intended = pass('06:00:00')
  await updateVersion(intended)
  const busy = { type: 'Reconciling', status: 'True', reason: 'ClusterNotActive', message: '', lastTransitionTime: '' } as const
  const tried = async (time: string) => {
    const now = pass(time, intended, { nodeGroups })
    return await followVersion({ ...now, draft: { ...now.draft, object: { ...now.draft.object, status: { conditions: [busy] } } } })
  }
  expect(await tried('06:00:05')).toEqual({ kind: 'requeueAfter', ms: 15_000 })
  expect(await tried('06:01:00')).toEqual({ kind: 'requeueAfter', ms: 60_000 })
  expect(await tried('06:30:00')).toEqual({ kind: 'requeueAfter', ms: 120_000 })
})

test('who set last what is wanted stands in the operation', async () => {
  const intended = world().pass('06:00:00', undefined, {
    object: {
      generation: 3,
      managedFields: [
        { manager: 'git', of: 'version' },
        { manager: 'kubectl', of: 'labels' },
      ],
    } as object,
  })
  expect(await updateVersion(intended)).toEqual({ kind: 'checkpoint' })
  expect(intended.draft.status.operation).toMatchObject({ to: 'version 1.36', fieldManager: 'git' })
})

test('A2: an id that was lost is found again, and the update is not started twice', async () => {
  const { sent, pass } = world(version('other', 'Failed', '05:00:00'), version('lost', 'InProgress', '06:00:01'))
  const { status } = (await run(pass('06:00:00'))).draft
  const found = await run(pass('06:10:00', undefined, { status }))
  expect(sent).toEqual([])
  expect(found.draft.status.operation?.updateId).toBe('lost')
})

test('A2: an update that failed before is not taken for the one that was lost', async () => {
  const { sent, pass } = world(version('first', 'Failed', '06:00:00'))
  const { hash = '' } = planVersion(pass('06:00:00').spec, aGroup({ version: '1.35' }), { clusterVersion: undefined }) ?? {}
  const before = pass('06:00:30', undefined, {
    object: { generation: 3, annotations: { 'tidegate.io/retry': '1' } },
    status: { update: { hash, state: 'Failed', updateId: 'first', generation: 3 } },
  })
  const again = await run(before)
  expect(again.draft.status.update).toMatchObject({ state: 'Running', previousId: 'first', retryToken: '1' })
  await run(pass('06:01:00', again))
  expect(sent).toHaveLength(1)
})

test('B7: what may not be started any more is dropped before it is sent, once nothing of it can be on its way', async () => {
  const { sent, pass } = world()
  const { status } = (await run(pass('06:00:00'))).draft
  const closed = { windows: [{ days: ['Monday'], start: '00:00', end: '24:00' }] } satisfies Parameters<typeof aPass>[0] // it is Saturday
  const early = await run(pass('06:00:05', undefined, { ...closed, status }))
  expect(early.draft.status.operation).toBeDefined()
  const dropped = await run(pass('06:00:30', early, closed))
  expect(dropped.draft.status.operation).toBeUndefined()
  expect(dropped.draft.status.update).toBeUndefined()
  expect(sent).toEqual([])
})

test('B6: an update waits until it is clear whether a suspension of the rebalancing, asked for a moment ago, stands', async () => {
  const { sent, pass } = world()
  const { status } = (await run(pass('06:00:00'))).draft
  const rebalance = { suspendedAt: at('05:59:50').toISOString(), scalingGroup: 'asg' }
  const early = pass('06:00:01', undefined, { status: { ...status, rebalance } })
  expect(await followVersion(early)).toEqual({ kind: 'requeueAfter', ms: 9_000 })
  expect(sent).toEqual([])
  await run(pass('06:00:21', early))
  expect(sent).toHaveLength(1)
})

test('P10: an approval that is taken back while the pass is under way, behind a silent watch, starts no update', async () => {
  const { sent, pass } = world()
  const approved = {
    object: { generation: 3, annotations: { 'tidegate.io/approve-update': '3' } },
    spec: { ...spec, update: { ...spec.update, approval: 'Manual' } },
  } as const
  const made = pass('06:00:01', await run(pass('06:00:00', undefined, approved)), approved)
  const live = { ...made.draft.object, metadata: { ...made.draft.object.metadata, annotations: {} } }
  const unseen = { ...made, surroundings: { ...made.surroundings, askObject: async () => live } }
  expect(await followVersion(unseen)).toEqual({ kind: 'requeueAfter', ms: 2_000 })
  expect(sent).toEqual([])
  await run(made)
  expect(sent).toHaveLength(1)
})

test('B7: a failure names the nodes and what still runs there, and is not repeated', async () => {
  const failed = version('update', 'Failed', '06:00:01', [{ code: 'PodEvictionFailure', message: 'Reached max retries', resourceIds: ['node-1'] }])
  const { sent, pass } = world(failed)
  const asked = await run(pass('06:00:01', await run(pass('06:00:00'))))
  const after = pass('06:20:00', asked)
  const nodes = { ...after.target.nodes, byName: () => ({}) as never, podsInTheWay: async () => ['team/a', 'team/b', 'team/c', 'team/d'] }
  const given = await run({ ...after, target: { ...after.target, nodes } })
  expect(given.draft.status).toMatchObject({
    update: { state: 'Failed', message: 'PodEvictionFailure: Reached max retries (node-1, which still runs team/a, team/b, team/c and 1 more)' },
    history: [{ operation: 'UpdateVersion', outcome: 'Failed: PodEvictionFailure: Reached max retries' }],
  })
  expect(given.draft.conditions.get('UpToDate')).toMatchObject({ status: 'False', reason: 'UpdateFailed' })
  await run(pass('07:00:00', given))
  expect(sent).toHaveLength(1)
})

const retry = (value: string) => ({ object: { generation: 3, annotations: { 'tidegate.io/retry': value } } })

test('B7: a retry that was set while EKS was at work does not start again what failed after it; another one does', async () => {
  const { sent, pass } = world(version('update', 'Failed', '06:00:01', [{ code: 'PodEvictionFailure', message: 'Reached max retries' }]))
  const asked = await run(pass('06:00:01', await run(pass('06:00:00'))))
  const failed = await run(pass('06:20:00', asked, retry('early')))
  expect(failed.draft.status.update).toMatchObject({ state: 'Failed', retryToken: 'early' })
  const rested = await run(pass('06:21:00', failed, retry('early')))
  expect(rested.draft.status.update?.state).toBe('Failed')
  const again = await run(pass('06:22:00', rested, retry('late')))
  expect(again.draft.status.update).toMatchObject({ state: 'Running', retryToken: 'late' })
  expect(sent).toHaveLength(1)
})

test.for([
  [3, '(node-1; node-2; node-3)'],
  [4, '(node-1; node-2; node-3; and 1 more)'],
  [9, '(node-1; node-2; node-3; and 6 more)'],
] as const)('B7: of %i nodes that did not empty the first are named, and the others counted', async ([count, inWords]) => {
  const resourceIds = Array.from({ length: count }, (_, index) => `node-${index + 1}`)
  const { pass } = world(
    version('update', 'Failed', '06:00:01', [{ code: 'PodEvictionFailure', message: 'Reached max retries', resourceIds: [...resourceIds, 'node-1'] }]),
  )
  const asked = await run(pass('06:00:01', await run(pass('06:00:00'))))
  const given = await run(pass('06:20:00', asked))
  expect(given.draft.status.update?.message).toBe(`PodEvictionFailure: Reached max retries ${inWords}`)
})

test('B7: a group with GPUs waits for a person also where updates are Automatic', async () => {
  const { pass } = world()
  const made = pass('06:00:00')
  const gpu = { status: { allocatable: { 'nvidia.com/gpu': '8' } } } as never
  const waiting = await run({ ...made, target: { ...made.target, nodes: { ...made.target.nodes, inGroup: () => [gpu] } } })
  expect(waiting.draft.status.operation).toBeUndefined()
})

test('B7: without a place of the budget nothing is written down, it is said, and it is asked for again soon', async () => {
  const { pass } = world()
  const waiting = await run(pass('06:00:00', undefined, { drain: { updateWaitsFor: () => 'as many as may', beginUpdate: () => false } }))
  expect(waiting.draft.status.operation).toBeUndefined()
  expect(waiting.draft.conditions.get('UpToDate')).toMatchObject({ reason: 'UpdateHeldBack', message: expect.stringContaining('waits, since as many as may') })
  expect(waiting.agenda.sooner(awaitChange)).toEqual({ kind: 'requeueAfter', ms: 5_000 })
})

test('B7: the last place goes to one of two groups, also when both saw it free', async () => {
  const { pass } = world()
  let free = true
  const beginUpdate = (): boolean => {
    const was = free
    free = false
    return was
  }
  const [first, second] = await Promise.all([1, 2].map(async () => await run(pass('06:00:00', undefined, { drain: { beginUpdate } }))))
  expect([first?.draft.status.operation?.kind, second?.draft.status.operation]).toEqual(['UpdateVersion', undefined])
})

test('B7: a place that becomes free is taken, and the next pass begins', async () => {
  const { pass } = world()
  const waiting = await run(pass('06:00:00', undefined, { drain: { updateWaitsFor: () => 'as many as may', beginUpdate: () => true } }))
  expect(waiting.draft.status.operation).toBeUndefined()
  expect(waiting.agenda.sooner(awaitChange)).toEqual({ kind: 'requeueAfter', ms: 0 })
})

test('B7: who wants no place any more leaves the queue, and what the object shows needs no other place', async () => {
  const { pass } = world()
  const left: string[] = []
  const drain = { forgetUpdate: (uid: string) => void left.push(uid) }
  await run(pass('06:00:00', undefined, { drain, spec: { version: '1.35' } }))
  expect(left).toEqual(['u1'])
  const begun = await run(pass('06:00:00', undefined, { drain }))
  expect(left).toEqual(['u1'])
  await run(pass('06:00:01', begun, { drain }))
  expect(left).toEqual(['u1', 'u1'])
})

test('B7: an update of a group that EKS could not delete holds no place for ever', async () => {
  const { pass } = world()
  const left: string[] = []
  const begun = await run(pass('06:00:00'))
  const drain = { forgetUpdate: (uid: string) => void left.push(uid) }
  const { status } = (await run(pass('06:10:00', begun, { drain, group: aGroup({ version: '1.35', state: 'DeleteFailed' }) }))).draft
  expect(status).toMatchObject({ history: [{ operation: 'UpdateVersion', outcome: 'Superseded' }] })
  expect([status.operation, status.update, left]).toEqual([undefined, undefined, ['u1']])
})

const suspendedTag = { 'tidegate.io/suspended': 'AZRebalance/u1' }
const uneven = ['a', 'a']

/**
 * Passes over a group of zones a and b with instances there, of which we hold the rebalancing back since 05:00, half a minute after each other: what was done, in
 * order, what each pass ended with, and the last one. EKS answers with these errors, then with an id.
 */
async function updating(
  instancesIn: readonly string[],
  answers: readonly AwsErrorKind[] = [],
  changed: {
    readonly isTheirs?: true
    readonly passes?: number
    readonly closesAfter?: number
    readonly revertsAfter?: number
    readonly deniesResume?: true
    readonly deniesSuspend?: true
    readonly everyMs?: number
  } = {},
) {
  const done: string[] = []
  const ends: unknown[] = []
  const left = [...answers]
  let now: ScalingGroup = aScalingGroup({
    zones: ['a', 'b'],
    instances: instancesIn.map((zone, index) => ({ instanceId: `i-${index}`, zone, lifecycleState: 'InService', protectedFromScaleIn: false })),
    suspendedProcesses: ['AZRebalance'],
    tags: changed.isTheirs === true ? {} : suspendedTag,
  })
  const change = (changes: Partial<ScalingGroup>): void => {
    now = { ...now, ...changes }
  }
  const notes: string[] = []
  const { pass } = world()
  let before = pass('06:00:00', undefined, {
    object: { generation: 3 },
    ...(changed.isTheirs === true ? {} : { status: { rebalance: { suspendedAt: at('05:00:00').toISOString(), scalingGroup: 'asg' } } }),
  })
  await updateVersion(before)
  for (let passes = 1; passes <= (changed.passes ?? answers.length + 1); passes += 1) {
    const time = new Date(at('06:00:00').getTime() + passes * (changed.everyMs ?? 30_000))
    before = pass(time.toISOString().slice(11, 19), before, {
      scalingGroup: now,
      ...(passes > (changed.revertsAfter ?? passes) ? { spec: { ...spec, version: '1.35' }, object: { generation: 4 } } : {}),
      windows: passes > (changed.closesAfter ?? passes) ? [{ days: ['Monday'], start: '00:00', end: '24:00' }] : [],
      event: ({ reason }) => void notes.push(reason),
      nodeGroups: {
        updateVersion: async () => {
          const kind = left.shift()
          done.push(kind ?? 'update')
          if (kind !== undefined) throw new AwsError(kind, { action: 'eks:UpdateNodegroupVersion', reason: kind, code: kind, message: 'no' })
          return 'update'
        },
        listUpdates: async () => [],
        describeUpdate: async () => ({ id: 'update', state: 'InProgress', errors: [] }),
      },
      scalingGroups: {
        describe: async () => [now],
        suspend: async () => {
          done.push('suspend')
          if (changed.deniesSuspend === true)
            throw new AwsError('AccessDenied', { action: 'autoscaling:SuspendProcesses', reason: 'AccessDenied', code: 'AccessDenied', message: 'no' })
          change({ suspendedProcesses: ['AZRebalance'] })
        },
        resume: async () => {
          done.push('resume')
          if (changed.deniesResume === true)
            throw new AwsError('AccessDenied', { action: 'autoscaling:ResumeProcesses', reason: 'AccessDenied', code: 'AccessDenied', message: 'no' })
          change({ suspendedProcesses: [] })
        },
        tag: async () => change({ tags: suspendedTag }),
        untag: async () => change({ tags: {} }),
      },
    })
    // oxlint-disable-next-line no-await-in-loop -- one pass after the other
    ends.push(await followVersion(before).catch((error: unknown) => error))
  }
  return { done, ends, notes, now, status: before.draft.status }
}

test.each([
  ['uneven', uneven],
  ['even', ['a', 'b']],
])('B6: rebalancing that we hold back over %s zones is resumed before EKS is asked, since the update needs it', async (_, zones) => {
  const { done, now, status, notes } = await updating(zones)
  expect(done).toEqual(['resume', 'update'])
  expect(now).toMatchObject({ suspendedProcesses: [], tags: {} })
  expect(status.rebalance).toBeUndefined()
  expect(notes).toEqual(['ResumeRebalance', 'UpdateStarted'])
})

test('P2: what somebody else suspended stays so', async () => {
  expect((await updating(uneven, [], { isTheirs: true })).done).toEqual(['update'])
})

test.each(['Busy', 'Throttled'] as const)(
  'B6: where EKS answers %s it is suspended again over uneven zones, and taken off for the next attempt in two minutes',
  async (kind) => {
    const { done, now, ends, notes } = await updating(uneven, [kind], { passes: 2 })
    expect(done).toEqual(['resume', kind, 'suspend'])
    expect(now).toMatchObject({ suspendedProcesses: ['AZRebalance'], tags: suspendedTag })
    expect(ends.at(-1)).toEqual({ kind: 'requeueAfter', ms: 90_000 })
    expect(notes).toEqual([])
    const later = await updating(uneven, [kind], { passes: 5 })
    expect(later.done).toEqual(['resume', kind, 'suspend', 'resume', 'update'])
    expect(later.status.rebalance).toBeUndefined()
  },
)

test('B6: it is suspended again where EKS refuses for good, as a group that is not healthy', async () => {
  const { done, now, ends, status } = await updating(uneven, ['Invalid'], { passes: 1 })
  expect(done).toEqual(['resume', 'Invalid', 'suspend'])
  expect(now).toMatchObject({ suspendedProcesses: ['AZRebalance'], tags: suspendedTag })
  expect(ends).toEqual([expect.objectContaining({ reason: 'Invalid' })])
  expect(status).toMatchObject({ rebalance: { suspendedAt: '2026-11-21T06:00:30Z', scalingGroup: 'asg' } })
  expect(status.operation).toBeUndefined()
  expect(status.update).toBeUndefined()
})

test('P8: where EKS refuses it for good, UpToDate says that it has not begun, in the words of EKS, and what to do', async () => {
  const refusal = new AwsError('Invalid', { action: 'eks:UpdateNodegroupVersion', reason: 'RefusedByAws', code: 'c', message: 'EKS does not take that.' })
  const nodeGroups = {
    updateVersion: async (): Promise<never> => {
      throw refusal
    },
    listUpdates: async () => [],
  }
  const { pass } = world()
  const asked = pass('06:00:01', await run(pass('06:00:00')), { nodeGroups })
  asked.draft.conditions.setFalse('UpToDate', 'Updating', 'EKS is asked to update')
  await expect(followVersion(asked)).rejects.toMatchObject({ reason: 'RefusedByAws', message: 'EKS does not take that.' })
  expect(asked.draft.conditions.get('UpToDate')).toEqual({
    status: 'False',
    reason: 'UpdateBarred',
    message:
      'version 1.35 → 1.36: has not begun, since AWS refuses it: EKS does not take that. It is tried again every 10 min, with another spec at once. When the cause is gone: kubectl annotate eksnodegroup workers -n training --overwrite tidegate.io/retry=$(date +%s)',
  })
})

test('B7: an update that EKS would refuse is not sent, though its intent was stored before that was known', async () => {
  const { sent, pass } = world()
  const intended = await run(pass('06:00:00'))
  expect(intended.draft.status.operation).toBeDefined()
  const barred = await run(pass('06:00:30', intended, { clusterVersion: '1.35' }))
  expect(barred.draft.status.operation).toBeUndefined()
  expect(barred.draft.conditions.get('UpToDate')).toMatchObject({ reason: 'UpdateBarred', message: expect.stringContaining('which has 1.35') })
  expect(sent).toEqual([])
})

test('B7: an update that was never asked for, since AWS does not let us resume the rebalancing before, is put off: it did not fail', async () => {
  const { done, status, ends } = await updating(uneven, [], { passes: 1, deniesResume: true })
  expect(done).toEqual(['resume'])
  expect(ends).toEqual([expect.objectContaining({ reason: 'AccessDenied' })])
  expect([status.operation, status.update]).toEqual([undefined, undefined])
})

test.each([
  ['is forgotten where nothing was sent before', 30_000, [undefined, undefined]],
  ['is remembered while an earlier call may have begun it', 5_000, [expect.objectContaining({ kind: 'UpdateVersion' }), expect.anything()]],
])('B7: an update that EKS puts off, and whose rebalancing AWS does not let us suspend again, %s', async (_, everyMs, left) => {
  const { done, status, ends } = await updating(uneven, ['Unavailable', 'Throttled'], { passes: 2, everyMs, deniesSuspend: true })
  expect(done).toEqual(['resume', 'Unavailable', 'Throttled', 'suspend'])
  expect(ends.at(-1)).toMatchObject({ reason: 'AccessDenied' })
  expect([status.operation, status.update]).toEqual(left)
})

test('B6: it is suspended again where the spec goes back before EKS has begun', async () => {
  const { done, now } = await updating(uneven, ['Unavailable'], { passes: 2, revertsAfter: 1 })
  expect(done).toEqual(['resume', 'Unavailable', 'suspend'])
  expect(now).toMatchObject({ suspendedProcesses: ['AZRebalance'], tags: suspendedTag })
})

test('B6: an update that may have begun, since no answer came, keeps the rebalancing; a refusal afterwards has it suspended again', async () => {
  const { done, now } = await updating(uneven, ['Unavailable', 'Busy'], { passes: 2 })
  expect(done).toEqual(['resume', 'Unavailable', 'Busy', 'suspend'])
  expect(now).toMatchObject({ suspendedProcesses: ['AZRebalance'], tags: suspendedTag })
})

test('B6: over even zones it stays resumed whatever EKS answers', async () => {
  const { done, now } = await updating(['a', 'b'], ['Busy'])
  expect(done).toEqual(['resume', 'Busy', 'update'])
  expect(now).toMatchObject({ suspendedProcesses: [], tags: {} })
})

test('B6: an update without an answer that did not begin, and may not any more, has it suspended again', async () => {
  const { done, now, status } = await updating(uneven, ['Unavailable'], { passes: 2, closesAfter: 1 })
  expect(done).toEqual(['resume', 'Unavailable', 'suspend'])
  expect(now).toMatchObject({ suspendedProcesses: ['AZRebalance'], tags: suspendedTag })
  expect(status.operation).toBeUndefined()
})
