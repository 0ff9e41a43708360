import { expect, test } from 'vitest'
import { AwsError, type AwsErrorKind } from '../../../aws/aws-error.ts'
import type { NodeGroupUpdate } from '../../../aws/eks/port.ts'
import type { Result } from '../../../runtime/reconciler.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import type { Pass } from '../pass.ts'
import { SentCalls } from '../sent-calls.ts'
import { followVersion, updateVersion } from './update-version.ts'

type Given = NonNullable<Parameters<typeof aPass>[0]>

const ms = (time: string): number => Date.parse(`2026-11-21T${time}Z`)
const automatic = { approval: 'Automatic', force: false } as const
const wanted = { object: { generation: 3 }, spec: { version: '1.36', update: automatic } } as const
/** What a person writes back while the update is wanted no more. */
const gone = { object: { generation: 4 }, spec: { version: '1.35', update: automatic } } as const
/** It is Saturday. */
const closed = { windows: [{ days: ['Monday'], start: '00:00', end: '24:00' }] } satisfies Given

/** A group over uneven zones, whose rebalancing we suspended long ago, and an EKS that takes 45 s for calls that it does not answer. */
class World {
  readonly updates: NodeGroupUpdate[] = []
  readonly done: string[] = []
  readonly told: string[] = []
  answer: AwsErrorKind | undefined = 'Unavailable'
  #nowMs = 0
  #calls = new SentCalls()
  #scalingGroup = aScalingGroup({
    zones: ['a', 'b'],
    instances: ['i-1', 'i-2'].map((instanceId) => ({ instanceId, zone: 'a', lifecycleState: 'InService', protectedFromScaleIn: false })),
    suspendedProcesses: ['AZRebalance'],
    tags: { 'tidegate.io/suspended': 'AZRebalance/u1' },
  })
  #status: Given['status'] = { rebalance: { suspendedAt: '2026-11-21T05:00:00Z', scalingGroup: 'asg' } }

  /** The next passes are those of a process that knows nothing of what this one sent. */
  restart(): void {
    this.#calls = new SentCalls()
  }

  /** What a pass at this time ends with, and what it leaves in the status. */
  async pass(time: string, given: Given = wanted): Promise<{ result: Result | undefined; status: Pass['draft']['status']; conditions: string[] }> {
    this.#nowMs = ms(time)
    const made = aPass({ group: aGroup({ version: '1.35' }), ...given, scalingGroup: this.#scalingGroup, status: this.#status, ...this.#aws() })
    const surroundings = { ...made.surroundings, now: () => new Date(this.#nowMs) }
    const pass: Pass = { ...made, surroundings, calls: this.#calls }
    pass.draft.conditions.setTrue('NodesReady', 'AllReady')
    let result: Result | undefined
    try {
      result = (await followVersion(pass)) ?? (await updateVersion(pass))
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
    }
    this.#status = pass.draft.status
    const said = pass.draft.conditions.compose(new Date(this.#nowMs), 3).filter(({ type }) => ['UpToDate', 'Reconciling'].includes(type))
    return { result, status: pass.draft.status, conditions: said.map(({ type, reason, message }) => `${type} ${reason} ${message}`) }
  }

  /** EKS begins what it was asked for without an answer. */
  lands(time: string, state: NodeGroupUpdate['state'] = 'InProgress'): void {
    this.updates.push({ id: 'landed', type: 'VersionUpdate', state, createdAt: new Date(ms(time)).toISOString(), errors: [] })
  }

  #aws(): Given {
    return {
      event: ({ reason }) => void this.told.push(reason),
      nodeGroups: {
        updateVersion: async () => {
          this.done.push('update')
          const { answer } = this
          if (answer === 'Unavailable') this.#nowMs += 45_000
          if (answer !== undefined) throw new AwsError(answer, { action: 'eks:UpdateNodegroupVersion', reason: answer, code: answer, message: 'no' })
          return 'answered'
        },
        listUpdates: async () => {
          this.done.push('look')
          return this.updates.map(({ id }) => id)
        },
        describeUpdate: async (_cluster, _name, id) => this.updates.find((one) => one.id === id),
      },
      scalingGroups: {
        describe: async () => [this.#scalingGroup],
        suspend: async () => this.#set({ suspendedProcesses: ['AZRebalance'] }, 'suspend'),
        resume: async () => this.#set({ suspendedProcesses: [] }, 'resume'),
        tag: async (_name, tags) => this.#set({ tags }),
        untag: async () => this.#set({ tags: {} }),
      },
    }
  }

  #set(changed: Parameters<typeof aScalingGroup>[0], what?: string): void {
    this.#scalingGroup = { ...this.#scalingGroup, ...changed }
    if (what !== undefined) this.done.push(what)
  }
}

/** A world in which EKS was asked at 06:00:01, and the last attempt ended without an answer at 06:00:46. */
async function unanswered(): Promise<World> {
  const world = new World()
  for (const time of ['06:00:00', '06:00:01']) await world.pass(time)
  expect(world.done).toEqual(['resume', 'update'])
  world.done.length = 0
  return world
}

const doubt =
  'Reconciling Updating a call that asks EKS to update workers to version 1.36 may be on its way: it is not to begin now, and whether it does shows within 20 s'
const noLonger: [string, Given, upToDate: string][] = [
  ['the spec went back', gone, 'UpToDate Current '],
  ['the window closed', { ...wanted, ...closed }, 'UpToDate WaitingForWindow'],
]

test.each(noLonger)('A1: %s: an update without an answer is kept for as long as it may be on its way, and that is said', async (_, given, upToDate) => {
  const world = await unanswered()
  const { result, status, conditions } = await world.pass('06:00:50', given)
  expect([result, status.operation?.kind]).toEqual([{ kind: 'requeueAfter', ms: 16_000 }, 'UpdateVersion'])
  expect(conditions).toEqual([expect.stringContaining(upToDate), doubt])
  expect(world.done).not.toContain('suspend')
})

test.each(noLonger)('A2: %s: one that arrives all the same is found, and followed', async (_, given) => {
  const world = await unanswered()
  await world.pass('06:00:50', given)
  world.lands('06:00:55')
  const { status } = await world.pass('06:01:06', given)
  expect([status.operation?.updateId, status.update?.updateId]).toEqual(['landed', 'landed'])
  expect(world.done).not.toContain('suspend')
})

test.each(noLonger)('B6: %s: one that never arrives is forgotten after a last look, and the rebalancing is suspended again', async (_, given) => {
  const world = await unanswered()
  await world.pass('06:00:50', given)
  const { status } = await world.pass('06:01:06', given)
  expect(world.done).toEqual(['look', 'look', 'suspend'])
  expect(status.operation).toBeUndefined()
  expect(world.told).toEqual([])
})

test('P8: the wish that was given up is superseded; one that is put off is in no history yet', async () => {
  const outcomes = noLonger.map(async ([, given]) => {
    const world = await unanswered()
    for (const time of ['06:00:50', '06:01:06']) await world.pass(time, given)
    return (await world.pass('06:01:10', given)).status.history?.map(({ outcome }) => outcome)
  })
  expect(await Promise.all(outcomes)).toEqual([['Superseded'], undefined])
})

test('B7: one that arrived while no window was open, and failed, is not begun again when the next one opens', async () => {
  const world = await unanswered()
  await world.pass('06:00:50', { ...wanted, ...closed })
  world.lands('06:00:55', 'Failed')
  const { status } = await world.pass('06:01:06', { ...wanted, ...closed })
  expect(status.update).toMatchObject({ state: 'Failed' })
  world.answer = undefined
  for (const time of ['06:02:00', '06:02:02', '06:02:04']) await world.pass(time)
  expect(world.done).not.toContain('update')
})

test.each(noLonger)('A1: %s: what another process left counts from when it is first met', async (_, given) => {
  const world = await unanswered()
  world.restart()
  const first = await world.pass('06:10:00', given)
  expect(first.result).toEqual({ kind: 'requeueAfter', ms: 20_000 })
  expect((await world.pass('06:10:19', given)).status.operation).toBeDefined()
  expect((await world.pass('06:10:20', given)).status.operation).toBeUndefined()
})

test.each(noLonger)('A1: %s: what was certainly never sent goes at once, and EKS is asked nothing', async (_, given) => {
  const world = new World()
  await world.pass('06:00:00')
  const { status } = await world.pass('06:05:00', given)
  expect([status.operation, world.done]).toEqual([undefined, []])
})

test('A1: where EKS has no time, an attempt before may be on its way all the same', async () => {
  const world = new World()
  world.answer = 'Busy'
  for (const time of ['06:00:00', '06:00:30']) await world.pass(time)
  expect((await world.pass('06:00:40', gone)).result).toEqual({ kind: 'requeueAfter', ms: 10_000 })
})

test('what may begin is sent as soon as it is stored, and nothing is looked up', async () => {
  const world = new World()
  world.answer = undefined
  for (const time of ['06:00:00', '06:00:01']) await world.pass(time)
  expect([world.done, world.told]).toEqual([
    ['resume', 'update'],
    ['ResumeRebalance', 'UpdateStarted'],
  ])
})
