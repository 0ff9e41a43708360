import { expect } from 'vitest'
import type { TargetCluster } from '../../../src/crds/target-cluster.ts'
import { type TargetSpec, aTargetCluster } from '../../support/builders.ts'
import type { Subject } from '../../support/subject.ts'
import { firstGroupOf, groupOf, stageWith } from './world.ts'

const test = stageWith()
const { signal } = new AbortController()

/** As an administrator who corrects what cannot be changed. */
async function makeAnew(target: Subject<TargetCluster>, spec: TargetSpec): Promise<void> {
  const { metadata } = await target.read()
  await target.deleteConfirmed()
  await target.annotate({ abandon: metadata.uid })
  await target.gone()
  await target.apply(aTargetCluster(spec))
  await target.ready()
}

test('P6: a target that is made anew for another cluster: its groups are neither forgotten nor made a second time', async ({ stage }) => {
  const { cloud } = stage
  await cloud.happen({ order: 'SetCluster', cluster: 'waking', status: 'ACTIVE' })
  const target = stage.target('anew')
  await target.apply(aTargetCluster())
  await target.ready()
  const group = await firstGroupOf(stage, 'anew')
  const [late, kept] = [await groupOf(stage, 'anew', { name: 'late' }), await groupOf(stage, 'anew', { name: 'kept' })]
  for (const one of [group, late, kept]) await one.ready()
  const arnOf = async (name: string): Promise<string> => (await cloud.needGroup(`anew-${name}`)).arn
  const arns = { workers: await arnOf('workers'), late: await arnOf('late'), kept: await arnOf('kept') }

  await makeAnew(target, { eksClusterName: 'waking' })
  const both = [/is in cluster demo \(us-west-2, account \d{12}\), and TargetCluster anew stands for cluster waking/, 'nothing is done in either']
  await group.condition('Stalled', { status: 'True', reason: 'WrongCluster', says: [...both, 'delete this object and apply it again'] })
  await group.condition('Ready', { status: 'False', reason: 'WrongCluster' })
  await late.delete()
  const { uid } = (await late.read()).metadata
  await late.condition('Stalled', {
    reason: 'WrongCluster',
    says: [...both, 'make a TargetCluster anew of the first cluster again', `tidegate.io/abandon=${uid}`],
  })
  await groupOf(stage, 'anew', { name: 'kept', policy: { deletion: 'Retain' } })
  await kept.delete()
  await kept.gone()
  expect(await stage.events(kept, 'Released')).toEqual([`retained: ${arns.kept} stays in AWS`])
  const asked = (await cloud.allCalls()).filter(({ input }) => input['clusterName'] === 'waking' && input['nodegroupName'] !== undefined)
  expect(asked).toEqual([])
  expect((await late.read()).status?.arn).toBe(arns.late)

  await makeAnew(target, {})
  await late.gone()
  await group.ready()
  expect((await cloud.groups()).map(({ arn }) => arn).toSorted()).toEqual([arns.kept, arns.workers].toSorted())
  await group.end()
  await cloud.console.nodeGroups.delete('demo', 'anew-kept', { signal })
  await target.end()
})
