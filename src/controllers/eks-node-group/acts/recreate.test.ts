import { expect, test } from 'vitest'
import type { EksNodeGroupStatus } from '../../../crds/eks-node-group.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import type { Act } from '../pass.ts'
import type { Surroundings } from '../ports.ts'
import { create } from './create.ts'
import { recreate } from './recreate.ts'

const tags = { ...aGroup().tags, 'tidegate.io/origin': 'Created' }

const creating = { kind: 'Create', paramsHash: 'h', token: 't', attempt: 1, startedAt: '2026-11-21T05:50:00Z' } as const

test('the failed creation and the deletion after it enter the history', async () => {
  const deleted: string[] = []
  const step = async (act: Act, time: string, status: EksNodeGroupStatus, isThere: boolean) => {
    const pass = aPass({
      status,
      now: new Date(`2026-11-21T${time}Z`),
      ...(isThere && { group: aGroup({ state: 'CreateFailed', tags }), scalingGroup: aScalingGroup() }),
      nodeGroups: { delete: async () => void deleted.push(time) },
    })
    await act(pass)
    return pass.draft.status
  }
  const failed = await step(recreate, '06:00:00', { arn: 'arn:workers', operation: creating }, true)
  const intended = await step(recreate, '06:00:30', failed, true)
  const asked = await step(recreate, '06:00:31', intended, true)
  expect(deleted).toEqual(['06:00:31'])
  const again = await step(create, '06:02:00', asked, false)
  expect(again.history).toEqual([
    { time: '2026-11-21T06:00:00Z', operation: 'Create', outcome: 'Failed' },
    { time: '2026-11-21T06:02:00Z', operation: 'Delete', outcome: 'Succeeded' },
  ])
  expect(again.operation).toMatchObject({ kind: 'Create', attempt: 1 })
})

const failedBefore: EksNodeGroupStatus = { arn: 'arn:workers', creation: { failures: 1, lastFailureAt: '2026-11-21T05:50:00Z', issues: [] } }

/** The failed group is looked at until it is deleted or the pass ends otherwise. */
async function repeat(
  given: Parameters<typeof aPass>[0],
  more: Partial<Surroundings> = {},
): Promise<{ readonly deleted: number; readonly said: string | undefined }> {
  let deleted = 0
  let status: EksNodeGroupStatus = structuredClone(failedBefore)
  let said: string | undefined
  for (const time of ['06:00:00', '06:00:01']) {
    const one = aPass({
      scalingGroup: aScalingGroup(),
      ...given,
      status,
      now: new Date(`2026-11-21T${time}Z`),
      group: aGroup({ state: 'CreateFailed', tags, ...given?.group }),
      nodeGroups: { delete: async () => void (deleted += 1) },
    })
    const pass = { ...one, surroundings: { ...one.surroundings, ...more } }
    // oxlint-disable-next-line no-await-in-loop -- one pass after the other
    await recreate(pass).catch((error: unknown) => {
      said = error instanceof Error ? error.message : ''
    })
    status = pass.draft.status
    said ??= pass.draft.conditions.compose(new Date('2026-11-21T06:00:00Z'), 1).find(({ type }) => type === 'Reconciling')?.message
  }
  return { deleted, said }
}

const unseen: Record<string, [Parameters<typeof aPass>[0], number, string]> = {
  'nothing has joined': [{}, 1, 'attempt 2 of 3 follows'],
  'EKS made no Auto Scaling group, so that no instance can be there': [
    { scalingGroup: undefined, group: aGroup({ state: 'CreateFailed', tags, autoScalingGroups: [] }) },
    1,
    'attempt 2 of 3 follows',
  ],
  'the Auto Scaling group does not show': [{ scalingGroup: undefined }, 0, 'its Auto Scaling group asg shows'],
  'a Node has joined that the watch has not shown': [{ nodes: { namesInGroup: async () => ['n1'] } }, 0, 'node n1 has joined'],
}
test.each(Object.entries(unseen))('B2: before a failed group is deleted: %s', async (_, [given, deletions, words]) => {
  const { deleted, said } = await repeat(given)
  expect(deleted).toBe(deletions)
  expect(said).toContain(words)
})

test('P10: a freeze that began since the look holds the deletion of a failed group', async () => {
  const frozen = { what: 'TargetCluster demo', suspend: false, annotations: { 'tidegate.io/frozen-until': '2026-11-21T07:00:00Z' } }
  expect(await repeat({}, { askHolders: () => Promise.resolve([frozen]) })).toMatchObject({ deleted: 0 })
})

test.each([
  ['a Node of no group that may have the role', [{ metadata: { name: 'self-1', uid: 'n', resourceVersion: '1' }, spec: {} }], ['RoleShared', 'Deleting']],
  ['nobody else', [], ['Deleting']],
])('B8: before a failed group is deleted it is told what EKS does to %s', async (_, nodes, expected) => {
  const told: string[] = []
  const { deleted } = await repeat({ nodes: { outsideGroups: () => nodes }, event: ({ reason }) => void told.push(reason) })
  expect(deleted).toBe(1)
  expect(told).toEqual(expected)
})
