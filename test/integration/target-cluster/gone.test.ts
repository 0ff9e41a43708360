import { expect } from 'vitest'
import { aTargetCluster } from '../../support/builders.ts'
import { eventually } from '../../support/eventually.ts'
import type { KubeObject } from '../../../src/kube/objects.ts'
import { resources } from '../../../src/kube/resource.ts'
import { type TargetStage, firstGroupOf, groupOf, stageWith } from './world.ts'

const test = stageWith()

interface Event extends KubeObject {
  readonly reason: string
  readonly regarding: { readonly kind: string }
  readonly series?: { readonly count: number }
}

/** How often EKS was asked for the cluster. */
async function timesAsked({ cloud }: TargetStage): Promise<number> {
  return (await cloud.allCalls()).filter(({ action }) => action === 'DescribeCluster').length
}

/** How often an Event about a TargetCluster was told; the same words soon again make a series of it. */
async function timesTold({ client }: TargetStage, reason: string): Promise<number> {
  const { items } = await client.list<Event>(resources.events, { namespace: 'default', signal: new AbortController().signal })
  const told = items.filter((event) => event.reason === reason && event.regarding.kind === 'TargetCluster')
  return told.reduce((sum, { series }) => sum + (series?.count ?? 1), 0)
}

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
  await stage.events(target, 'TargetGone')
  const before = await timesAsked(stage)
  await target.annotate({ retry: 'look again' })
  await eventually(async () => expect(await timesAsked(stage)).toBeGreaterThan(before))
  await group.condition('Provisioned', { status: 'False', reason: 'TargetGone' })
  await groupOf(stage, 'doomed', { name: 'workers' })
  await group.delete()
  await group.gone()
  await groupOf(stage, 'doomed', { name: 'late' })
  await late.delete()
  await late.gone()
  expect(await timesTold(stage, 'TargetGone')).toBe(1)
  await eventually(async () => expect((await target.read()).status?.usedBy).toBeUndefined())
  await target.delete()
  await target.gone()
})
