import { expect, test } from 'vitest'
import { aGroup, aPass, aScalingGroup } from './test-pass.ts'
import { finalizeGroup } from './finalize.ts'
import { SentCalls } from './sent-calls.ts'

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
  const calls = new SentCalls()
  const at = async (time: string) => await finalizeGroup({ ...aPass({ ...given, now: new Date(`2026-11-21T${time}Z`) }), calls })
  // The last attempt of a call ended long after the wish to delete.
  calls.sent(asked.token, new Date('2026-11-21T06:00:45Z'))
  expect(await at('06:00:50')).toMatchObject({ kind: 'requeueAfter' })
  expect(await at('06:01:06')).toEqual({ kind: 'finalized' })
})

test('a creation that a process before this one may have sent is waited for from when it is met', async () => {
  const given = { object: { deletionTimestamp: deletedAt }, status: { operation: asked }, group: undefined }
  const calls = new SentCalls()
  const at = async (time: string) => await finalizeGroup({ ...aPass({ ...given, now: new Date(`2026-11-21T${time}Z`) }), calls })
  expect(await at('06:30:00')).toMatchObject({ kind: 'requeueAfter' })
  expect(await at('06:30:21')).toEqual({ kind: 'finalized' })
})

test('a creation that was only meant is not waited for', async () => {
  const calls = new SentCalls()
  calls.made(asked.token, new Date(deletedAt))
  const pass = aPass({ object: { deletionTimestamp: deletedAt }, status: { operation: asked }, group: undefined })
  expect(await finalizeGroup({ ...pass, calls })).toEqual({ kind: 'finalized' })
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
  expect(conditions.get('Provisioned')).toMatchObject({
    status: 'False',
    reason: 'DeleteFailed',
    message: expect.stringMatching(/remove what holds it, .*by itself: Ec2SecurityGroupDeletionFailure: in use$/),
  })
  expect(status.healthIssues).toEqual(healthIssues)
  expect((await at('06:00:20')).result).toEqual({ kind: 'requeueAfter', ms: 10_000 })
  await at('06:00:30')
  expect((await at('06:00:32')).result).toEqual({ kind: 'requeueAfter', ms: 58_000 })
  await at('06:01:29')
  await at('06:01:30')
  await at('06:03:29')
  await at('06:03:30')
  // It may last for days, and each look asks AWS: one in two minutes.
  expect((await at('06:03:32')).result).toEqual({ kind: 'requeueAfter', ms: 120_000 })
  expect(deleted).toEqual(['06:00:30', '06:01:30', '06:03:30'])
})

test('an update that stood in the status when EKS failed to delete the group keeps no node from being emptied first', async () => {
  const pass = aPass({
    object: { deletionTimestamp: deletedAt, annotations: { 'tidegate.io/confirm-deletion': 'u1' } },
    group: aGroup({ state: 'DeleteFailed' }),
    scalingGroup: aScalingGroup({ minSize: 0, instances: [{ instanceId: 'i-1', zone: 'a', lifecycleState: 'InService', protectedFromScaleIn: false }] }),
    status: { operation: { ...asked, kind: 'UpdateVersion' } },
  })
  expect(await finalizeGroup(pass)).toEqual({ kind: 'checkpoint' })
  expect(pass.draft.status).toMatchObject({ removals: [{ instanceId: 'i-1', state: 'Accepted' }], history: [{ operation: 'UpdateVersion' }] })
  expect(pass.draft.status.operation).toBeUndefined()
})

test('a creation that failed asks nobody: what was asked for and never ran is no loss', async () => {
  const pass = aPass({
    object: { deletionTimestamp: deletedAt },
    group: aGroup({ state: 'CreateFailed', scaling: { minSize: 0, maxSize: 10, desiredSize: 1 } }),
    scalingGroup: aScalingGroup({ minSize: 0, desiredCapacity: 1 }),
  })
  expect(await finalizeGroup(pass)).toEqual({ kind: 'checkpoint' })
  expect(pass.draft.status.operation?.kind).toBe('Delete')
})

test('a group that another service operates is not emptied behind its back', async () => {
  const pass = aPass({ object: { deletionTimestamp: deletedAt }, group: aGroup(), scalingGroup: aScalingGroup({ operator: 'somebody.amazonaws.com' }) })
  await expect(finalizeGroup(pass)).rejects.toMatchObject({ reason: 'GroupLockedByOperator' })
})

test('a Node without an instance that still runs pods holds the deletion, and is named', async () => {
  const pass = aPass({
    object: { deletionTimestamp: deletedAt },
    group: aGroup(),
    scalingGroup: aScalingGroup({ desiredCapacity: 0 }),
    nodes: { namesInGroup: async () => ['node-1'], podsInTheWay: async () => ['team/web', 'team/db'] },
  })
  expect(await finalizeGroup(pass)).toEqual({ kind: 'requeueAfter', ms: 15_000 })
  const held = pass.draft.conditions.compose(new Date(deletedAt), 1).find(({ type }) => type === 'Reconciling')
  expect(held).toMatchObject({ reason: 'DrainBlocked', message: expect.stringMatching(/^node-1 still runs team\/web and 1 more.*kubectl drain node-1/) })
})
