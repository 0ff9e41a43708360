import { expect, test } from 'vitest'
import { aGroup, aPass, aScalingGroup } from './test-pass.ts'
import { EksNodeGroupReconciler } from './reconciler.ts'
import { recallOrigin } from './recall-origin.ts'

const { tags } = aGroup()
type Given = NonNullable<Parameters<typeof aPass>[0]>

const former = { arn: 'arn:ours', ownership: { origin: 'Created', since: '2026-01-01T00:00:00Z' } } as const
const asked = { kind: 'Create', paramsHash: 'h', token: 't', attempt: 1, startedAt: '2026-11-21T05:50:00Z' } as const

test.each([
  ['was found', {}, 'Adopted'],
  ['was made', { 'tidegate.io/origin': 'Created' }, 'Created'],
])('a lost status does not change how a group came to us: it %s', (_, more, origin) => {
  const pass = aPass({ group: aGroup({ tags: { ...tags, ...more } }) })
  recallOrigin(pass)
  expect(pass.draft.status.ownership).toEqual({ origin, since: '2026-11-21T06:00:00Z' })
})

test('what is known stays, and neither a creation under way nor a group of somebody else is any of this', () => {
  const known = aPass({ group: aGroup(), status: { ownership: { origin: 'Created', since: '2026-01-01T00:00:00Z' } } })
  recallOrigin(known)
  expect(known.draft.status.ownership).toEqual({ origin: 'Created', since: '2026-01-01T00:00:00Z' })
  const notOurs = aGroup({ tags: { ...tags, 'tidegate.io/owner': '8b6c1f0e-0000-4000-8000-000000000001' } })
  for (const pass of [aPass({ group: aGroup(), status: { operation: asked } }), aPass({ group: notOurs })]) {
    recallOrigin(pass)
    expect(pass.draft.status.ownership).toBeUndefined()
  }
})

test.each<[string, 'reconcile' | 'finalize', Given]>([
  ['in the same pass', 'reconcile', {}],
  ['also when its object is deleted', 'finalize', { object: { deletionTimestamp: '2026-11-21T06:00:00Z' } }],
  [
    'also while it is only observed and something of ours is taken back',
    'reconcile',
    {
      spec: { policy: { management: 'Observe', adoption: 'CreateOnly' } },
      status: { ...former, rebalance: { suspendedAt: '2026-11-21T05:00:00Z', scalingGroup: 'asg' } },
    },
  ],
])('P6: of a group that another tool made in the place of ours, with its tags, the tags tell how it came to us, %s', async (_, what, given) => {
  const group = aGroup({ arn: 'arn:made-again', tags })
  const { draft, context, target, sizes, surroundings } = aPass({
    status: former,
    ...given,
    nodeGroups: { describe: async () => group },
    scalingGroups: { describe: async () => [aScalingGroup()], ofCluster: async () => [aScalingGroup()], activities: async () => [] },
  })
  const reconciler = new EksNodeGroupReconciler({ targets: { find: () => ({ state: 'ready', target }) }, sizes, surroundings })
  const noted: string[] = []
  const listening = { ...context, event: ({ note }: { readonly note: string }) => void noted.push(note) }
  await reconciler[what](draft, listening)
  expect(draft.status.ownership?.origin).not.toBe('Created')
  expect(draft.status.deletion?.startedAt).toBeUndefined()
  expect(draft.status.arn).toBe('arn:made-again')
  expect(noted.join(' ')).not.toContain('arn:ours')
})
