import { readFile } from 'node:fs/promises'
import { expect, test as base } from 'vitest'
import type { KubeObject } from '../../../src/kube/objects.ts'
import { resources } from '../../../src/kube/resource.ts'
import { audited } from '../../support/audit.ts'
import { type TargetSpec, aTargetCluster } from '../../support/builders.ts'
import { EksAuthenticator } from '../../support/eks-authenticator.ts'
import { fastClock } from '../../support/fast-clock.ts'
import { runOperator } from '../../support/operator.ts'
import { account, region } from '../../support/simulator.ts'
import { type Stage, openStage, operatorSpeed } from '../../support/world.ts'
import { firstGroupOf } from './world.ts'

const { signal } = new AbortController()
const operatorArn = `arn:aws:iam::${account}:user/simulated`

interface EksStage extends Stage {
  readonly authenticator: EksAuthenticator
}

/** An API server that authenticates as EKS' does, and whom EKS gives as the endpoint of `demo`; the right of a target goes to a group. */
const test = base.extend<{ readonly stage: EksStage }>({
  stage: [
    async ({}, use) => {
      const authenticator = await EksAuthenticator.start('demo')
      const stage = await openStage('eks-token', { authenticator })
      const kubeconfig = JSON.parse(await readFile(stage.plane.identities.admin, 'utf8')) as {
        readonly clusters: readonly [{ readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string } }]
      }
      const { server, 'certificate-authority-data': certificateAuthority } = kubeconfig.clusters[0].cluster
      for (const where of [{}, { account: '444455556666' }])
        await stage.cloud.happen({ order: 'SetCluster', cluster: 'demo', endpoint: server, certificateAuthority, ...where })
      await stage.kubectl('create', 'clusterrolebinding', 'by-token', '--clusterrole=tidegate-target', '--group=tidegate-target')
      await stage.kubectl('create', 'rolebinding', 'by-token', '-n', 'kube-system', '--role=tidegate-target', '--group=tidegate-target')
      const operator = await runOperator({ access: stage.plane.identities.operator, cloudUrl: stage.cloud.url, clock: fastClock(operatorSpeed) })
      await use({ ...stage, authenticator })
      await operator.stop()
      await stage.close()
      await authenticator.close()
    },
    { scope: 'file' },
  ],
})

function byToken(aws: NonNullable<TargetSpec['aws']> = { region }): TargetSpec {
  return aTargetCluster({ connection: { eksToken: {} }, aws })
}

/** Who has spoken to the API server in the name of a role or user of AWS. */
async function speakers(stage: Stage): Promise<ReadonlySet<string>> {
  const leases = (await audited(stage.plane.auditLog)).filter(({ target, code }) => target === 'leases kube-system/tidegate' && code < 400)
  return new Set(leases.map(({ user }) => user))
}

test('a token made from AWS credentials, with an access entry for them, is all that a target needs', async ({ stage }) => {
  stage.authenticator.accessEntries.clear()
  const target = stage.target('by-token')
  await target.apply(byToken())
  await target.condition('Stalled', { status: 'True', reason: 'Unauthorized', says: ["the operator's role in AWS", 'access entry', 'cluster demo'] })
  stage.authenticator.accessEntries.set(operatorArn, ['tidegate-target'])
  const { status } = await target.ready()
  expect(status).toMatchObject({ targetUID: expect.stringMatching(/^[0-9a-f-]{36}$/), eks: { state: 'Active' } })
  expect(await speakers(stage)).toContain(operatorArn)

  const group = await firstGroupOf(stage, 'by-token', { scaling: { minSize: 1, maxSize: 2 } })
  await group.ready()
  await group.end()

  stage.authenticator.accessEntries.clear()
  await target.condition('Stalled', { status: 'True', reason: 'Unauthorized' })
  await target.end()
})

test('the role of a target: refused with what to do, then assumed for AWS and for the token', async ({ stage }) => {
  const roleArn = 'arn:aws:iam::444455556666:role/tidegate/target'
  const aws = { region, accountId: '444455556666', roleArn, externalId: 'tidegate-42' }
  stage.authenticator.accessEntries.clear()
  const target = stage.target('by-role')
  await target.apply(byToken(aws))
  await target.condition('Stalled', { status: 'True', reason: 'RoleNotAssumed', says: [roleArn, 'trust policy', 'external id'] })
  await target.condition('CloudReachable', { status: 'False', reason: 'RoleNotAssumed' })
  await target.condition('KubernetesReachable', { status: 'False', reason: 'EndpointUnknown' })

  const role = { order: 'CreateRole', account: '444455556666', name: 'target', path: '/tidegate/', trustedAccounts: [account] }
  await stage.cloud.happen({ ...role, externalId: 'somebody-else' })
  await target.annotate({ retry: '1' })
  await target.condition('Stalled', { status: 'True', reason: 'RoleNotAssumed' })

  await stage.cloud.happen({ ...role, externalId: 'tidegate-42' })
  await target.annotate({ retry: '2' })
  await target.condition('Stalled', { status: 'True', reason: 'Unauthorized', says: [roleArn, 'access entry'] })
  stage.authenticator.accessEntries.set('arn:aws:iam::444455556666:role/target', ['tidegate-target'])
  const { status } = await target.ready()
  expect(status?.eks?.arn).toBe('arn:aws:eks:us-west-2:444455556666:cluster/demo')
  expect(await speakers(stage)).toContain('arn:aws:iam::444455556666:role/target')
  const { spec } = await stage.client.get<KubeObject & { readonly spec: { readonly holderIdentity: string } }>(
    resources.leases,
    { namespace: 'kube-system', name: 'tidegate' },
    { signal },
  )
  expect(spec.holderIdentity).not.toBe('')
  const asked = (await stage.cloud.allCalls()).filter(({ action, status: code }) => action === 'AssumeRole' && code === 200)
  expect(asked).toHaveLength(1)
  await target.end()
})

test('without an endpoint from EKS there is no way to the cluster, and it says where to look', async ({ stage }) => {
  const heal = await stage.cloud.fault({ service: 'eks', action: 'DescribeCluster', effect: 'Throttle' })
  stage.authenticator.accessEntries.set(operatorArn, ['tidegate-target'])
  const target = stage.target('no-endpoint')
  await target.apply(byToken())
  await target.condition('KubernetesReachable', { status: 'False', reason: 'EndpointUnknown', says: ['CloudReachable says why'] })
  await target.condition('CloudReachable', { status: 'False', reason: 'Throttled' })
  await heal()
  await target.ready()
  await target.end()
})
