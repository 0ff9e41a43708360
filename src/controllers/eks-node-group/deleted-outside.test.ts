import { expect, test } from 'vitest'
import { AwsError } from '../../aws/aws-error.ts'
import type { EksNodeGroupOperation, EksNodeGroupStatus } from '../../crds/eks-node-group.ts'
import type { Result } from '../../runtime/reconciler.ts'
import { aGroup, aPass } from './test-pass.ts'
import { create } from './acts/create.ts'
import type { Pass } from './pass.ts'
import { provisioned } from './reports/provisioned.ts'

const operation = (kind: EksNodeGroupOperation['kind']) => ({ kind, paramsHash: 'h', token: 't', attempt: 1, startedAt: '2026-11-21T05:59:00Z' })

const cases: Record<string, [EksNodeGroupStatus, string, readonly string[]]> = {
  'nothing was ever made': [{}, 'Creating', []],
  'a creation is meant that nobody asked for yet': [{ operation: operation('Create') }, 'Creating', []],
  'we deleted what EKS could not make': [{ arn: 'arn:workers', operation: operation('Delete') }, 'Creating', []],
  'somebody deleted it': [{ arn: 'arn:workers' }, 'DeletedOutside', ['DeletedOutside']],
  'somebody deleted it while its size was being set': [{ arn: 'arn:workers', operation: operation('UpdateScaling') }, 'DeletedOutside', ['DeletedOutside']],
  'somebody deleted it while it was being made': [{ arn: 'arn:workers', operation: operation('Create') }, 'DeletedOutside', ['DeletedOutside']],
}
test.each(Object.entries(cases))('a group is not there: %s', async (_, [status, reason, expected]) => {
  const pass = aPass({ status })
  provisioned(pass)
  expect(pass.draft.conditions.get('Provisioned')).toMatchObject({ status: 'False', reason })
  const told: string[] = []
  pass.calls.made('t', pass.surroundings.now())
  expect(await create({ ...pass, context: { ...pass.context, event: ({ reason: word }) => void told.push(word) } })).toEqual({ kind: 'checkpoint' })
  expect(told).toEqual(expected)
  expect(pass.draft.status.operation).toMatchObject({ kind: 'Create' })
})

const refused = new AwsError('Invalid', { reason: 'RefusedByAws', action: 'eks:CreateNodegroup', code: 'InvalidParameterException', message: 'no' })

/** An object from pass to pass, and an EKS that answers an old token with the old answer, as long as it likes. */
class Play {
  readonly told: string[] = []
  /** The token of each call that made a group. */
  readonly made: string[] = []
  status: EksNodeGroupStatus
  group: ReturnType<typeof aGroup> | undefined
  refuses = false
  #tokens = 0
  readonly #answers = new Map<string, string>()

  constructor(status: EksNodeGroupStatus = {}) {
    this.status = status
  }

  /** What is in sight while somebody holds the object back: only reports. */
  look(time: string): Pass {
    const pass = aPass({
      status: this.status,
      group: this.group,
      now: new Date(`2026-11-21T${time}Z`),
      event: ({ reason }) => void (reason === 'Creating' || this.told.push(reason)),
      nodeGroups: {
        create: async (_cluster, _creation, { token }) => {
          if (this.refuses) throw refused
          if (!this.#answers.has(token)) {
            this.made.push(token)
            this.#answers.set(token, `2026-11-21T${time}Z`)
          }
          return this.#answers.get(token)
        },
      },
    })
    provisioned(pass)
    this.status = pass.draft.status
    return { ...pass, surroundings: { ...pass.surroundings, newToken: () => `token ${(this.#tokens += 1)}` } }
  }

  async pass(time: string): Promise<Result | undefined> {
    const pass = this.look(time)
    try {
      return await create(pass)
    } catch {
      return undefined
    } finally {
      this.status = structuredClone(pass.draft.status)
    }
  }

  async passes(...times: readonly string[]): Promise<void> {
    // oxlint-disable-next-line no-await-in-loop -- one pass after the other
    for (const time of times) await this.pass(time)
  }
}

test('A1: what was made, seen and deleted is made again with a token of its own', async () => {
  const play = new Play()
  await play.passes('06:00:00', '06:00:01')
  play.group = aGroup({ state: 'Creating' })
  play.look('06:00:05')
  play.group = undefined
  await play.passes('06:01:00', '06:01:01')
  expect(play.made).toEqual(['token 1', 'token 2'])
  expect(play.told).toEqual(['DeletedOutside'])
  expect(play.status.history).toEqual([{ time: '2026-11-21T06:01:00Z', operation: 'Create', outcome: 'DeletedOutside' }])
})

test('A1: a group that does not show yet is no group that was deleted, also where there was one before', async () => {
  const play = new Play({ arn: 'arn:former' })
  await play.passes('06:00:00', '06:00:01', '06:00:03', '06:00:07', '06:00:15', '06:04:00', '06:04:59')
  expect(play.made).toEqual(['token 1'])
  expect(play.told).toEqual(['DeletedOutside'])
})

test('A1: a token that only gets an old answer is replaced: what it made came and went while nobody looked', async () => {
  const play = new Play()
  await play.passes('06:00:00', '06:00:01', '09:00:00', '09:00:01', '09:00:02')
  expect(play.made).toEqual(['token 1', 'token 2'])
  expect(play.told).toEqual(['DeletedOutside'])
})

test('A1: a clock that is ahead of that of AWS makes no old answer', async () => {
  const play = new Play()
  await play.passes('06:00:00')
  const pass = play.look('06:00:01')
  const behind = { ...pass.target.aws, nodeGroups: { ...pass.target.aws.nodeGroups, create: async () => '2026-11-21T05:00:00Z' } }
  expect(await create({ ...pass, target: { ...pass.target, aws: behind } })).toEqual({ kind: 'requeueAfter', ms: 2_000 })
})

test('that somebody deleted it is told once, however often AWS refuses to make it again', async () => {
  const play = new Play({ arn: 'arn:workers' })
  play.refuses = true
  await play.passes('06:00:00', '06:00:01', '06:10:00', '06:10:01', '06:20:00', '06:20:01')
  expect(play.told).toEqual(['DeletedOutside'])
})
