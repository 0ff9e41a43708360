import { expect } from 'vitest'
import { resources } from '../../../src/kube/resource.ts'
import { nodeRole } from '../../support/builders.ts'
import { type Place, test } from '../../support/world.ts'

const { signal } = new AbortController()

/** A Node that no managed group made. */
async function join(place: Place, name: string, labels: Readonly<Record<string, string>>): Promise<void> {
  await place.client.create(resources.nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name, labels } }, { fieldManager: 'test', signal })
}

test('B8: who deletes the last managed group of a role reads what EKS will do to the self-managed nodes that may have it', async ({ place }) => {
  // The objects alone tell which other groups there are.
  await place.target('demo').patch({ op: 'add', path: '/spec/discovery', value: 'None' })
  await join(place, 'self-managed', { 'kubernetes.io/os': 'linux' })
  await join(place, 'of-karpenter', { 'karpenter.sh/nodepool': 'default' })
  const last = await place.have({ scaling: { minSize: 1, maxSize: 2 } })
  const other = await place.have({}, 'other')
  const { metadata } = await last.ready()
  await other.ready()

  await other.end()
  const told = await place.kubectl('get', 'events', '-n', place.namespace, '-o', 'jsonpath={.items[*].reason}')
  expect(told.split(' ')).not.toContain('RoleShared')

  await last.deleteUnguarded()
  const line = `aws eks create-access-entry --cluster-name demo --principal-arn ${nodeRole} --type EC2_LINUX`
  const says = ['RoleShared: 1 Node of no managed group (self-managed) may run as the role of', 'EKS removes the role from aws-auth', line]
  const { message } = await last.condition('Reconciling', { reason: 'WaitingForConfirmation', says: [metadata.uid] })
  for (const words of says) expect(message).toContain(words)
  await last.annotate({ 'confirm-deletion': metadata.uid })
  await last.gone()
  expect(await place.events(last, 'RoleShared')).toEqual([expect.stringContaining(line)])
  for (const name of ['self-managed', 'of-karpenter']) await place.client.delete(resources.nodes, { name }, { signal })
})
