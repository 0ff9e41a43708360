import { readFile } from 'node:fs/promises'
import { expect } from 'vitest'
import { aTargetCluster } from '../../support/builders.ts'
import { firstGroupOf, stageWith } from './world.ts'

const test = stageWith()

/** The authority of the API server, as a kubeconfig has it. */
async function authorityOf(kubeconfig: string): Promise<string> {
  const { clusters } = JSON.parse(await readFile(kubeconfig, 'utf8')) as {
    readonly clusters: readonly [{ readonly cluster: { readonly 'certificate-authority-data': string } }]
  }
  return clusters[0].cluster['certificate-authority-data']
}

test('P1: a connection that leads to another cluster than the one in EKS: nothing is done in either until it is corrected', async ({ stage }) => {
  const other = Buffer.from('-----BEGIN CERTIFICATE-----\nb3RoZXI=\n-----END CERTIFICATE-----\n').toString('base64')
  const own = await authorityOf(stage.plane.identities.admin)
  await stage.cloud.happen({ order: 'SetCluster', cluster: 'demo', certificateAuthority: other })
  const target = stage.target('elsewhere')
  await target.apply(aTargetCluster())
  await target.condition('KubernetesReachable', { status: 'False', reason: 'WrongCluster', says: ['connection.inCluster', 'demo in EKS', 'kube-root-ca.crt'] })
  await target.condition('Stalled', { reason: 'WrongCluster' })
  const group = await firstGroupOf(stage, 'elsewhere')
  await group.condition('Ready', { status: 'False', reason: 'TargetNotReady' })
  expect((await stage.cloud.allCalls()).filter(({ access }) => access === 'write')).toEqual([])

  await stage.cloud.happen({ order: 'SetCluster', cluster: 'demo', certificateAuthority: own })
  await target.annotate({ retry: '1' })
  await target.ready()
  await group.ready()

  await stage.cloud.happen({ order: 'SetCluster', cluster: 'demo', certificateAuthority: other })
  await target.apply(aTargetCluster({ discovery: 'None' })) // another spec is looked at with fresh answers
  await target.condition('Stalled', { reason: 'WrongCluster' })
  await group.deleteConfirmed()
  await group.condition('Reconciling', { reason: 'TargetNotReady', says: ['leads to another cluster', 'Retain'] })
  expect((await stage.cloud.groups()).map(({ name }) => name)).toEqual(['elsewhere-workers'])
  await stage.cloud.happen({ order: 'SetCluster', cluster: 'demo', certificateAuthority: own })
  await target.annotate({ retry: '2' })
  await group.gone()
  await target.end()
})
