import { expect } from 'vitest'
import { aTargetCluster } from '../../support/builders.ts'
import { eventually } from '../../support/eventually.ts'
import { firstGroupOf, groupOf, stageWith } from './world.ts'

const test = stageWith()

// Alone in its file: nothing is left of the one cluster afterwards.
test('a cluster that is deleted in AWS: told once, its groups end, and then the target', async ({ stage }) => {
  const target = stage.target('doomed')
  await target.apply(aTargetCluster())
  const group = await firstGroupOf(stage, 'doomed')
  await group.ready()
  const late = await groupOf(stage, 'doomed', { name: 'late', suspend: true })
  await stage.cloud.happen({ order: 'SetCluster', cluster: 'demo', status: 'UPDATING' }) // looked at in each pass from now on
  await target.apply(aTargetCluster({ timeZone: 'Europe/Berlin' }))
  await target.until(({ status }) => expect(status?.eks?.state).toBe('Updating'))
  await groupOf(stage, 'doomed', { name: 'workers', suspend: true })
  await stage.cloud.happen({ order: 'DeleteNodegroup', cluster: 'demo', nodegroup: 'doomed-workers' })
  await eventually(async () => expect(await stage.cloud.groups()).toEqual([]), { timeoutMs: 30_000 })
  await stage.cloud.happen({ order: 'DeleteCluster', cluster: 'demo' })

  await target.condition('Stalled', { status: 'True', reason: 'TargetGone', says: ['no longer has cluster demo in us-west-2'] })
  expect(await stage.events(target, 'TargetGone')).toHaveLength(1)
  await group.condition('Provisioned', { status: 'False', reason: 'TargetGone' })
  await groupOf(stage, 'doomed', { name: 'workers' })
  await group.delete()
  await group.gone()
  await groupOf(stage, 'doomed', { name: 'late' })
  await late.delete()
  await late.gone()
  await target.delete()
  await target.gone()
})
