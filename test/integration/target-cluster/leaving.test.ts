import { readFile } from 'node:fs/promises'
import { expect } from 'vitest'
import type { KubeObject } from '../../../src/kube/objects.ts'
import { resources } from '../../../src/kube/resource.ts'
import { type TargetSpec, aTargetCluster } from '../../support/builders.ts'
import { eventually } from '../../support/eventually.ts'
import { type TargetStage, firstGroupOf, stageWith } from './world.ts'

const test = stageWith()
const { signal } = new AbortController()
const finalizer = 'tidegate.io/cleanup'

function bySecret(name: string): TargetSpec {
  return aTargetCluster({ connection: { kubeconfigSecretRef: { name, key: 'kubeconfig' } } })
}

/** The same cluster, by a kubeconfig: other files have a Lease in the one that all share. */
async function kubeconfig({ plane }: TargetStage): Promise<string> {
  return await readFile(plane.identities.admin, 'utf8')
}

async function secretOf(stage: TargetStage, name: string): Promise<KubeObject['metadata']> {
  return (await stage.client.get<KubeObject>(resources.secrets, { namespace: 'tidegate-system', name }, { signal })).metadata
}

async function removed(stage: TargetStage, name: string): Promise<void> {
  await eventually(async () => await expect(secretOf(stage, name)).rejects.toMatchObject({ reason: 'NotFound' }))
}

const remove = async (stage: TargetStage, name: string): Promise<void> =>
  await stage.client.delete(resources.secrets, { namespace: 'tidegate-system', name }, { signal })

test('a Secret that is deleted while a target names it stays, and goes when the target names another one', async ({ stage }) => {
  for (const name of ['first', 'second']) await stage.writeSecret(name, { kubeconfig: await kubeconfig(stage) })
  const target = stage.target('by-secret')
  await target.apply(bySecret('first'))
  await target.ready()
  expect((await secretOf(stage, 'first')).finalizers).toEqual([finalizer])
  await remove(stage, 'first')
  expect(await stage.events(target, 'SecretInUse')).toEqual([expect.stringContaining('Secret first was deleted')])
  expect((await secretOf(stage, 'first')).deletionTimestamp).toBeDefined()

  await target.apply(bySecret('second'))
  await removed(stage, 'first')
  await eventually(async () => expect((await secretOf(stage, 'second')).finalizers).toEqual([finalizer]))
  await target.ready()
  await target.delete()
  await target.gone()
  expect((await secretOf(stage, 'second')).finalizers).toBeUndefined()
  await remove(stage, 'second')
  await removed(stage, 'second')
})

test('two targets of one Secret: it stays until the second is gone', async ({ stage }) => {
  await stage.writeSecret('shared', { kubeconfig: await kubeconfig(stage) })
  const [first, second] = [stage.target('one'), stage.target('two')]
  await first.apply(bySecret('shared'))
  await first.ready()
  await second.apply(bySecret('shared'))
  await second.condition('Stalled', { reason: 'TargetAlreadyManaged' })
  await first.delete()
  await first.gone()
  expect((await secretOf(stage, 'shared')).finalizers).toEqual([finalizer])
  await second.ready()
  await second.delete()
  await second.gone()
  expect((await secretOf(stage, 'shared')).finalizers).toBeUndefined()
})

test('a target in use that is abandoned goes, and says what it leaves', async ({ stage }) => {
  const target = stage.target('left')
  await target.apply(aTargetCluster())
  const group = await firstGroupOf(stage, 'left')
  await group.ready()
  const { metadata } = await target.read()
  await target.deleteConfirmed()
  await target.condition('Reconciling', { reason: 'InUse', says: ['left/workers', `tidegate.io/abandon=${metadata.uid}`] })
  await target.annotate({ abandon: 'yes please' })
  expect(await stage.events(target, 'AnnotationUnclear')).toEqual([expect.stringMatching(`abandon is "yes please".*${metadata.uid}`)])
  await target.annotate({ abandon: metadata.uid })
  await target.gone()
  expect(await stage.events(target, 'Abandoned')).toEqual(['abandoned; left behind: 1 object (left/workers) that named it'])
  await group.condition('Provisioned', { status: 'False', reason: 'ReferenceNotFound' })
  await group.delete()
  await group.condition('Reconciling', { reason: 'ReferenceNotFound', says: ['there is no TargetCluster left', 'Retain'] })

  await target.apply(aTargetCluster())
  await group.gone()
  // Its status may still count the group.
  await target.end()
})
