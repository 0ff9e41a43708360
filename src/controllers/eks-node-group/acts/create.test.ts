import { expect, test } from 'vitest'
import { AwsError, type AwsErrorKind } from '../../../aws/aws-error.ts'
import type { EksNodeGroupStatus } from '../../../crds/eks-node-group.ts'
import { aPass } from '../test-pass.ts'
import { create } from './create.ts'

test.each(['Creating', 'Deleting', 'Failed', 'Pending'])(
  'in a cluster that is %s no group is asked for, and the target tells when that changes',
  async (clusterState) => {
    const pass = aPass()
    expect(await create({ ...pass, target: { ...pass.target, clusterState } })).toEqual({ kind: 'requeueAfter', ms: 600_000 })
    expect(pass.draft.conditions.get('Provisioned')).toMatchObject({ reason: 'EksClusterNotActive', message: expect.stringContaining(clusterState) })
    expect(pass.draft.status.operation).toBeUndefined()
  },
)

const busy = (kind: AwsErrorKind, reason: string): AwsError => new AwsError(kind, { reason, action: 'eks:CreateNodegroup', code: reason, message: 'not now' })

/** What AWS refuses for ten minutes: how long each pass waits, in seconds, from the one that stores the intent. */
async function waits(refusal: (seconds: number) => AwsError): Promise<readonly number[]> {
  const all: number[] = []
  let status: EksNodeGroupStatus = {}
  for (let seconds = 0; seconds < 600; seconds += all.at(-1) ?? 0) {
    const now = new Date(Date.parse('2026-11-21T06:00:00Z') + seconds * 1000)
    const refuse = async (): Promise<never> => {
      throw refusal(seconds)
    }
    const pass = aPass({ status, now, nodeGroups: { create: refuse } })
    const draft = { ...pass.draft, object: { ...pass.draft.object, status } }
    // oxlint-disable-next-line no-await-in-loop -- one pass after the other
    const result = await create({ ...pass, draft })
    all.push(result?.kind === 'requeueAfter' ? result.ms / 1000 : 0)
    status = { ...draft.status, conditions: [...draft.conditions.compose(now, 1)] }
  }
  return all.slice(1)
}

test.each([
  ['Busy', 'ClusterNotActive'],
  ['Busy', 'WaitingForPropagation'],
  ['NoCapacity', 'InsufficientCapacity'],
  ['Throttled', 'Throttled'],
] as const)('what AWS refuses as %s %s is asked for with growing delays', async (kind, reason) => {
  expect(await waits(() => busy(kind, reason))).toEqual([15, 15, 30, 60, 120, 120, 120, 120])
})

test('another refusal of the same creation may heal in seconds, as the first did', async () => {
  const changes = await waits((seconds) => (seconds < 200 ? busy('Busy', 'ClusterNotActive') : busy('NoCapacity', 'InsufficientCapacity')))
  expect(changes.slice(0, 7)).toEqual([15, 15, 30, 60, 120, 15, 120])
})

test('P6: a call that may still arrive is waited for before another intent takes its place', async () => {
  const pass = aPass({ status: { operation: { kind: 'Create', paramsHash: 'of another spec', token: 't', attempt: 1, startedAt: '2026-11-21T05:59:55Z' } } })
  pass.calls.sent('t', pass.surroundings.now())
  const at = (seconds: number): typeof pass => ({
    ...pass,
    surroundings: { ...pass.surroundings, now: () => new Date(Date.parse('2026-11-21T06:00:00Z') + seconds * 1000) },
  })
  expect(await create(at(1))).toEqual({ kind: 'requeueAfter', ms: 2_000 })
  expect(pass.draft.status.operation?.token).toBe('t')
  const said = pass.draft.conditions.compose(pass.surroundings.now(), 1)
  expect(said).toContainEqual(
    expect.objectContaining({ type: 'Reconciling', reason: 'Creating', message: expect.stringMatching(/waits until the last call .* can no longer arrive/) }),
  )
  expect(await create(at(61))).toEqual({ kind: 'checkpoint' })
  expect(pass.draft.status.operation?.token).toBe('nonce')
})

test('what is made has the settings of the spec from its beginning: their keys are stored before, since the spec may leave them out by the time that it shows', async () => {
  const taint = { key: 'dedicated', value: 'web', effect: 'NoSchedule' } as const
  const pass = aPass({ spec: { labels: { tier: 'gold' }, taints: [taint], tags: { team: 'web' } }, status: { applied: { tags: ['old'] } } })
  expect(await create(pass)).toEqual({ kind: 'checkpoint' })
  expect(pass.draft.status.applied).toEqual({ labels: ['tier'], taints: ['dedicated:NoSchedule'], tags: ['old', 'team'] })
})
