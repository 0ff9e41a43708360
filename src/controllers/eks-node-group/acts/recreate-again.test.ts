import { expect, test } from 'vitest'
import type { EksNodeGroupStatus } from '../../../crds/eks-node-group.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import type { Pass } from '../pass.ts'
import { create } from './create.ts'
import { recreate } from './recreate.ts'

type Given = NonNullable<Parameters<typeof aPass>[0]>

const issue = { code: 'NodeCreationFailure', message: 'no route', resourceIds: [] }
const failed = aGroup({ state: 'CreateFailed', healthIssues: [issue], tags: { ...aGroup().tags, 'tidegate.io/origin': 'Created' } })
const again = 'mend the cause, then ask again: kubectl annotate eksnodegroup workers -n training --overwrite tidegate.io/retry=$(date +%s)'

/** An object whose group EKS cannot make, from pass to pass. */
class Play {
  status: EksNodeGroupStatus = { arn: 'arn:workers' }
  /** Events, but for the calls to EKS. */
  readonly told: string[] = []
  /** What each pass ended with: the reason of `Stalled` or `Reconciling`, and its message. */
  said = ''
  calls: string[] = []
  object: NonNullable<Given['object']> = { generation: 1 }

  /** An attempt that EKS gives up: it was under way, and the group shows so. */
  async fails(time: string, given: Given = {}): Promise<void> {
    this.status.operation = { kind: 'Create', paramsHash: 'h', token: 't', attempt: 1, startedAt: '2026-11-21T05:00:00Z' }
    await this.pass(time, given)
  }

  async pass(time: string, given: Given = {}, joined = 0): Promise<void> {
    const one = aPass({
      group: failed,
      scalingGroup: aScalingGroup(),
      object: this.object,
      ...given,
      status: this.status,
      now: new Date(`2026-11-21T${time}Z`),
      event: ({ type, reason, note }) => void (type === 'Warning' && this.told.push(`${reason} ${note}`)),
      nodeGroups: { delete: async () => void this.calls.push(`delete ${time}`) },
    })
    const pass: Pass = { ...one, seen: { ...one.seen, nodes: { ...one.seen.nodes, joined } } }
    try {
      await (pass.seen.group === undefined ? create(pass) : recreate(pass))
      this.said = pass.draft.conditions.compose(pass.surroundings.now(), 1).find(({ type }) => type === 'Reconciling')?.message ?? ''
    } catch (error) {
      this.said = `Stalled: ${error instanceof Error ? error.message : ''}`
    }
    this.status = structuredClone(pass.draft.status)
  }
}

async function stalled(): Promise<Play> {
  const play = new Play()
  // oxlint-disable-next-line no-await-in-loop -- one after the other
  for (const time of ['06:00:00', '06:10:00', '06:20:00'] as const) await play.fails(time)
  expect(play.said).toBe(`Stalled: EKS could not make the group (NodeCreationFailure: no route), and nothing more is tried after 3 attempts: ${again}`)
  return play
}

test('B2: the retry of the runtime every 10 minutes is no fourth attempt', async () => {
  const play = await stalled()
  const { status } = play
  await play.pass('06:30:00')
  await play.pass('06:30:01')
  expect(play.said).toContain('Stalled')
  expect(play.status).toEqual(status)
  expect(play.calls).toEqual([])
})

test('a new tidegate.io/retry begins the three attempts anew, once', async () => {
  const play = await stalled()
  play.object = { generation: 1, annotations: { 'tidegate.io/retry': 't1' } }
  await play.pass('06:30:00')
  expect(play.said).toContain('attempt 1 of 3 follows')
  expect(play.status.operation).toMatchObject({ kind: 'Delete' })
  await play.pass('06:30:01')
  expect(play.calls).toEqual(['delete 06:30:01'])
  await play.pass('06:32:00', { group: undefined })
  for (const time of ['06:40:00', '06:50:00', '07:00:00'] as const) {
    expect(play.said).not.toContain('Stalled')
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await play.fails(time)
  }
  await play.pass('07:10:00')
  expect(play.said).toContain('nothing more is tried after 3 attempts')
  expect(play.calls).toEqual(['delete 06:30:01'])
})

test('the attempt that was under way when a token came is the first of three', async () => {
  const play = new Play()
  await play.fails('06:00:00')
  await play.fails('06:10:00')
  play.object = { generation: 1, annotations: { 'tidegate.io/retry': 't1' } }
  await play.fails('06:20:00')
  expect(play.said).toContain('attempt 2 of 3 follows')
})

test('a group that a person deleted after the last attempt is made again with three attempts', async () => {
  const play = await stalled()
  await play.pass('06:30:00', { group: undefined })
  await play.fails('06:40:00')
  expect(play.status.creation).toMatchObject({ failures: 1 })
  expect(play.said).toContain('attempt 2 of 3 follows')
})

const joins = 'it is not made again by itself, since nodes of it have joined: mend the cause, then delete this object and apply it again'
test('a group in which a node has joined is not deleted, whatever a person asks', async () => {
  const play = await stalled()
  play.object = { generation: 1, annotations: { 'tidegate.io/retry': 't1' } }
  await play.pass('06:30:00', {}, 1)
  await play.pass('06:30:01', {}, 1)
  expect(play.said).toBe(`Stalled: EKS could not make the group (NodeCreationFailure: no route), and ${joins}`)
  expect(play.calls).toEqual([])
})

test('an adopted group is not deleted, whatever a person asks', async () => {
  const play = new Play()
  play.status.ownership = { origin: 'Adopted', since: '2026-11-21T05:00:00Z' }
  await play.pass('06:00:00')
  play.object = { generation: 1, annotations: { 'tidegate.io/retry': 't1' } }
  await play.pass('06:00:01')
  expect(play.said).toContain('since it was adopted: mend the cause, then set spec.policy.deletion to Delete')
  expect(play.calls).toEqual([])
})

const words = 'CreateFailed EKS could not make node group workers (NodeCreationFailure: no route): '

test('each creation that failed is told once, with what follows', async () => {
  const play = await stalled()
  await play.pass('06:30:00')
  expect(play.told).toEqual([
    `${words}attempt 2 of 3 follows, unless a node of it has joined`,
    `${words}attempt 3 of 3 follows, unless a node of it has joined`,
    `${words}nothing more is tried after 3 attempts: ${again}`,
  ])
})

test('a failed creation whose nodes have joined is told, with the way out', async () => {
  const play = new Play()
  play.status.operation = { kind: 'Create', paramsHash: 'h', token: 't', attempt: 1, startedAt: '2026-11-21T05:00:00Z' }
  await play.pass('06:00:00', {}, 1)
  await play.pass('06:10:00', {}, 1)
  expect(play.told).toEqual([`${words}${joins}`])
})

test('P2: a creation that met a found group is told with the way out', async () => {
  const play = new Play()
  await play.fails('06:00:00', { group: { ...failed, tags: aGroup().tags } })
  expect(play.told).toEqual([expect.stringContaining('since it was adopted')])
})

test('long words of EKS leave room for what follows', async () => {
  const play = new Play()
  await play.fails('06:00:00', { group: { ...failed, healthIssues: [{ ...issue, message: 'x'.repeat(2000) }] } })
  const [told = ''] = play.told
  expect(told.length).toBeLessThan(1024)
  expect(told).toContain('attempt 2 of 3 follows')
})
