import { readFile } from 'node:fs/promises'
import { expect, inject } from 'vitest'
import { systemClock } from '../../../src/lib/clock.ts'
import { loadKubeConfig } from '../../../src/kube/cluster-access.ts'
import { resources } from '../../../src/kube/resource.ts'
import { type TargetSpec, aTargetCluster } from '../../support/builders.ts'
import { eventually } from '../../support/eventually.ts'
import { FaultProxy } from '../../support/fault-proxy.ts'
import { operatorSpeed } from '../../support/world.ts'
import { type TargetStage, firstGroupOf, groupOf, stageWith } from './world.ts'

const { signal } = new AbortController()

const test = stageWith()

interface Kubeconfig {
  readonly clusters: readonly { readonly name: string; readonly cluster: Readonly<Record<string, unknown>> }[]
  readonly users: readonly { readonly name: string; readonly user: Readonly<Record<string, unknown>> }[]
}

/** A kubeconfig for the plane that all tests share: another cluster than the one that holds the objects. */
async function kubeconfigOf(change: (kubeconfig: Kubeconfig) => object = (kubeconfig) => kubeconfig): Promise<string> {
  return JSON.stringify(change(JSON.parse(await readFile(inject('controlPlane').identities.admin, 'utf8')) as Kubeconfig))
}

const withUser =
  (user: Readonly<Record<string, unknown>>) =>
  (kubeconfig: Kubeconfig): object => ({ ...kubeconfig, users: kubeconfig.users.map(({ name }) => ({ name, user })) })

const withCluster =
  (cluster: Readonly<Record<string, unknown>>) =>
  (kubeconfig: Kubeconfig): object => ({ ...kubeconfig, clusters: kubeconfig.clusters.map(({ name }) => ({ name, cluster })) })

function bySecret(name: string, key = 'kubeconfig'): TargetSpec {
  return aTargetCluster({ connection: { kubeconfigSecretRef: { name, key } } })
}

const refused = [
  ['nothing of the sort', 'KubeconfigInvalid', async () => 'not: [a kubeconfig', ['Secret']],
  ['an empty file', 'KubeconfigInvalid', async () => '', ['Secret']],
  [
    'a program that gives the token',
    'UnsafeKubeconfig',
    () => kubeconfigOf(withUser({ exec: { command: 'aws' } })),
    ['exec is not allowed', 'put the data itself in'],
  ],
  ['a file with the token', 'UnsafeKubeconfig', () => kubeconfigOf(withUser({ tokenFile: '/etc/passwd' })), ['tokenFile is not allowed']],
  [
    'a file with the certificate',
    'UnsafeKubeconfig',
    () => kubeconfigOf(withUser({ 'client-certificate': '/etc/ssl/x' })),
    ['client-certificate is not allowed'],
  ],
  [
    'a file with the authority',
    'UnsafeKubeconfig',
    () => kubeconfigOf(withCluster({ server: 'https://127.0.0.1:1', 'certificate-authority': '/etc/ssl/x' })),
    ['certificate-authority is not allowed'],
  ],
  ['a token that is not accepted', 'Unauthorized', () => kubeconfigOf(withUser({ token: 'wrong' })), ['fresh kubeconfig']],
] as const

test.for(refused)('a kubeconfig with %s is refused as %s', async ([what, reason, text, says], { stage }) => {
  const name = what.replaceAll(' ', '-')
  const target = stage.target(name)
  await stage.writeSecret(name, { kubeconfig: await text() })
  await target.apply(bySecret(name))
  await target.condition('KubernetesReachable', { status: 'False', reason, says })
  await target.condition('Stalled', { status: 'True', reason, says })
  await target.end()
})

test('a Secret, or its key, that is not there', async ({ stage }) => {
  const target = stage.target('without-secret')
  await target.apply(bySecret('no-such-secret'))
  await target.condition('Stalled', { reason: 'SecretNotFound', says: ['no-such-secret', "the operator's namespace"] })
  await stage.writeSecret('no-such-secret', { other: 'x' })
  await target.annotate({ retry: '1' })
  await target.condition('Stalled', { reason: 'SecretNotFound', says: ['key kubeconfig'] })
  await stage.writeSecret('no-such-secret', { kubeconfig: await kubeconfigOf() })
  await target.annotate({ retry: '2' })
  const { status } = await target.ready()
  expect(status).toMatchObject({ kubernetesVersion: expect.stringMatching(/^v1\./), eks: { state: 'Active' } })
  await target.end()
})

test('a target without rights says which right is missing', async ({ stage }) => {
  await stage.writeSecret('viewer', { kubeconfig: await readFile(inject('controlPlane').identities.viewer, 'utf8') })
  const target = stage.target('forbidden')
  await target.apply(bySecret('viewer'))
  await target.condition('Stalled', { reason: 'Forbidden', says: [/cannot get resource "namespaces"/] })
  await target.end()
})

test('the cluster that holds the object is reached without a Secret, once', async ({ stage }) => {
  const first = stage.target('first')
  await first.apply(aTargetCluster())
  const { status } = await first.ready()
  expect(status?.targetUID).toMatch(/^[0-9a-f-]{36}$/)
  const second = stage.target('second')
  await second.apply(aTargetCluster())
  await second.condition('Stalled', { status: 'True', reason: 'TargetAlreadyManaged', says: ['TargetCluster first is the same cluster'] })
  await second.condition('Ready', { status: 'False', reason: 'TargetAlreadyManaged' })
  await first.ready()
  await first.end()
  await second.ready()
  await second.end()
})

test('a Secret that the operator may not read is tried again, with the answer of the API server', async ({ stage }) => {
  await stage.writeSecret('unreadable', { kubeconfig: await kubeconfigOf() })
  const role = ['role/tidegate-operator', '-n', 'tidegate-system'] as const
  const { rules } = JSON.parse(await stage.kubectl('get', ...role, '-o', 'json')) as { readonly rules: readonly { readonly resources: readonly string[] }[] }
  const without = rules.filter((rule) => !rule.resources.includes('secrets'))
  const setRules = async (value: object): Promise<string> =>
    await stage.kubectl('patch', ...role, '--type=json', '-p', JSON.stringify([{ op: 'replace', path: '/rules', value }]))
  const read = async () => await stage.asOperator.get(resources.secrets, { namespace: 'tidegate-system', name: 'unreadable' }, { signal })
  const target = stage.target('unreadable')
  try {
    await setRules(without)
    // The API server takes up a role a moment after it was written.
    await eventually(async () => await expect(read()).rejects.toThrow('forbidden'))
    await target.apply(bySecret('unreadable'))
    await target.condition('Reconciling', { reason: 'RetryingAfterError', says: ['secrets'] })
  } finally {
    await setRules(rules)
  }
  await target.ready()
  await target.end()
})

test('another cluster behind the address: nothing is done there, and a deletion says what it waits for', async ({ stage }) => {
  const target = stage.target('moved')
  await target.apply(aTargetCluster())
  const { status } = await target.ready()
  const [group, late] = [await firstGroupOf(stage, 'moved'), await groupOf(stage, 'moved', { name: 'late' })]
  await group.ready()
  await late.ready()
  const isKnownAs = async (uid: string | undefined): Promise<void> => {
    const patch = JSON.stringify([{ op: 'replace', path: '/status/targetUID', value: uid }])
    await stage.kubectl('patch', 'targetcluster/moved', '--subresource=status', '--type=json', '-p', patch)
  }
  await isKnownAs('8b6c1f0e-0000-4000-8000-000000000000')
  await target.condition('KubernetesReachable', { status: 'False', reason: 'TargetReplaced', says: ['another cluster answers'] })
  await target.condition('Stalled', { reason: 'TargetReplaced' })
  await group.condition('Provisioned', { status: 'False', reason: 'TargetReplaced' })
  await late.delete()
  await late.condition('Reconciling', { reason: 'TargetReplaced', says: ['moved-late is still in EKS', 'Retain'] })
  await isKnownAs(status?.targetUID)
  await target.annotate({ retry: 'corrected' })
  await target.ready()
  await late.gone()
  await group.ready()
  await group.delete()
  await group.gone()
  await target.end()
})

test('a target that falls silent: after a minute it is unreachable, its groups are Unknown, and both come back', async ({ stage, onTestFinished }) => {
  const proxy = await FaultProxy.start(await loadKubeConfig({ path: inject('controlPlane').identities.admin }))
  onTestFinished(() => proxy.close())
  await stage.writeSecret('proxied', { kubeconfig: await kubeconfigOf(withCluster({ server: proxy.access.server.href })) })
  const target = stage.target('distant')
  await target.apply(bySecret('proxied'))
  await target.ready()
  const [group, late] = [await firstGroupOf(stage, 'distant'), await groupOf(stage, 'distant', { name: 'late' })]
  await group.ready()
  await late.ready()

  const silentSince = systemClock.monotonicMs()
  await proxy.refuse()
  await target.condition('KubernetesReachable', { status: 'False', reason: 'ClusterUnreachable' })
  expect((systemClock.monotonicMs() - silentSince) * operatorSpeed).toBeGreaterThan(55_000)
  await target.condition('Ready', { status: 'Unknown', reason: 'ClusterUnreachable' })
  await group.condition('Ready', { status: 'Unknown', reason: 'ClusterUnreachable', says: ['TargetCluster distant'] })
  await late.delete()
  await late.condition('Reconciling', { reason: 'ClusterUnreachable', says: ['TargetCluster distant', 'Retain'] })

  await proxy.accept()
  await target.ready()
  await late.gone()
  await group.ready()
  await end(stage)
})

/** The group first: the target would wait for it. */
async function end(stage: TargetStage): Promise<void> {
  const [target, group] = [stage.target('distant'), stage.group('distant', 'workers')]
  await expect(target.delete()).rejects.toThrow('is used, by EksNodeGroup distant/workers for one: delete first what names it')
  await target.deleteConfirmed()
  await target.condition('Reconciling', { reason: 'InUse', says: ['in use by 1 object (distant/workers)'] })
  await group.delete()
  await group.gone()
  await target.gone()
}
