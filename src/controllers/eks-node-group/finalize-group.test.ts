import { expect, test } from 'vitest'
import { aGroup, aPass, aScalingGroup } from './a-pass.ts'
import { finalizeGroup } from './finalize.ts'

const deletedAt = '2026-11-21T06:00:00Z'
const asked = { kind: 'Create', paramsHash: 'h', token: 't', attempt: 1, startedAt: '2026-11-21T05:50:00Z' } as const

test('a group whose Auto Scaling group does not show is not taken for an empty one', async () => {
  const deleted: string[] = []
  const pass = aPass({
    object: { deletionTimestamp: deletedAt },
    group: aGroup({ scaling: { minSize: 0, maxSize: 10, desiredSize: 0 } }),
    nodeGroups: { delete: async () => void deleted.push('workers') },
  })
  expect(await finalizeGroup(pass)).toMatchObject({ kind: 'requeueAfter' })
  const conditions = pass.draft.conditions.compose(new Date(deletedAt), 1)
  expect(conditions.find(({ type }) => type === 'Reconciling')).toMatchObject({ reason: 'WaitingForConfirmation' })
  expect(deleted).toEqual([])
})

test('a creation that was sent just before the deletion is waited for, however old its intent is', async () => {
  const given = { object: { deletionTimestamp: deletedAt }, status: { operation: asked }, group: undefined }
  expect(await finalizeGroup(aPass({ ...given, now: new Date('2026-11-21T06:00:05Z') }))).toMatchObject({ kind: 'requeueAfter' })
  expect(await finalizeGroup(aPass({ ...given, now: new Date('2026-11-21T06:01:30Z') }))).toEqual({ kind: 'finalized' })
})

test('a deletion that fails is asked for again with growing delays, and its cause shows', async () => {
  const deleted: string[] = []
  const healthIssues = [{ code: 'Ec2SecurityGroupDeletionFailure', message: 'in use', resourceIds: ['sg-1'] }]
  const given = {
    object: { deletionTimestamp: deletedAt },
    group: aGroup({ state: 'DeleteFailed', healthIssues }),
    scalingGroup: aScalingGroup({ minSize: 0, desiredCapacity: 0 }),
  }
  let { status } = aPass({ status: { arn: 'arn:workers' } }).draft
  const at = async (time: string) => {
    const now = new Date(`2026-11-21T${time}Z`)
    const pass = aPass({ ...given, status, now, nodeGroups: { delete: async () => void deleted.push(time) } })
    const result = await finalizeGroup(pass)
    status = pass.draft.status
    return { result, conditions: pass.draft.conditions }
  }
  const { conditions } = await at('06:00:00')
  expect(conditions.get('Provisioned')).toMatchObject({ status: 'False', reason: 'DeleteFailed', message: 'Ec2SecurityGroupDeletionFailure: in use' })
  expect(status.healthIssues).toEqual(healthIssues)
  expect((await at('06:00:20')).result).toEqual({ kind: 'requeueAfter', ms: 10_000 })
  await at('06:00:30')
  expect((await at('06:00:32')).result).toEqual({ kind: 'requeueAfter', ms: 30_000 })
  await at('06:01:29')
  await at('06:01:30')
  await at('06:03:29')
  await at('06:03:30')
  expect(deleted).toEqual(['06:00:30', '06:01:30', '06:03:30'])
})
