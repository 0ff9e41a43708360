import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest'
import { eksNodeGroups } from '../../../src/crds/eks-node-group.ts'
import { targetClusters } from '../../../src/crds/target-cluster.ts'
import { Api, demand, type Document } from './api.ts'
import { freshNamespace, installCrds, installPolicies, openAs } from './install.ts'

const people = ['viewer', 'editor', 'approver'] as const
type Person = (typeof people)[number]

let admin: Api
let namespace: string
let apis: Readonly<Record<Person, Api>>
beforeAll(async () => {
  admin = await Api.open(inject('controlPlane').identities.admin)
  await installCrds(admin)
  await installPolicies(admin)
  namespace = await freshNamespace(admin)
  apis = await openAs(admin, namespace, people)
  demand(await admin.create(eksNodeGroups, group('there')), 201)
  // a policy counts a moment after it was taken
  const changes = async (): Promise<void> => expect((await apis.approver.apply(eksNodeGroups, changed(), { dryRun: true })).status).toBe(403)
  await vi.waitFor(changes, { timeout: 20_000, interval: 100 })
})
afterAll(async () => {
  await admin.deleteNamespace(namespace)
  for (const api of [admin, ...Object.values(apis)]) await api.close()
})

function changed(): Document {
  const { spec, ...document } = group('there')
  return { ...document, spec: { ...(spec as object), version: '1.36' } }
}

function group(name: string): Document {
  const spec = { targetClusterRef: { name: 'demo' }, policy: { management: 'Observe' }, scaling: { maxSize: 3 } }
  return { apiVersion: 'tidegate.io/v1alpha1', kind: 'EksNodeGroup', metadata: { name, namespace }, spec }
}

type Attempt = (api: Api) => Promise<{ readonly status: number }>
const status = { nodes: { running: 0, joined: 0, ready: 0, summary: '0/0' } }
const target: Document = {
  apiVersion: 'tidegate.io/v1alpha1',
  kind: 'TargetCluster',
  metadata: { name: 'mine' },
  spec: { connection: { inCluster: {} }, aws: { region: 'us-west-2' } },
}

const attempts: Readonly<Record<string, { readonly attempt: Attempt; readonly allowed: readonly Person[] }>> = {
  'create a group': { attempt: (api) => api.create(eksNodeGroups, group('new'), { dryRun: true }), allowed: ['editor'] },
  'change a group': { attempt: (api) => api.apply(eksNodeGroups, changed(), { dryRun: true }), allowed: ['editor'] },
  'scale a group': { attempt: (api) => api.scale(eksNodeGroups, { namespace, name: 'there' }, 1), allowed: ['editor'] },
  'approve an update': {
    attempt: (api) => {
      const annotations = { 'tidegate.io/approve-update': '1' }
      return api.patch(eksNodeGroups, { namespace, name: 'there' }, { metadata: { annotations } }, { dryRun: true })
    },
    allowed: ['approver'],
  },
  'force a drain': {
    attempt: (api) => api.patch(eksNodeGroups, { namespace, name: 'there' }, { spec: { scaleDown: { onTimeout: 'Force' } } }, { dryRun: true }),
    allowed: [],
  },
  'write a status': {
    attempt: (api) => {
      const { spec: _spec, ...document } = group('there')
      return api.apply(eksNodeGroups, { ...document, status }, { dryRun: true, subresource: 'status' })
    },
    allowed: [],
  },
  'make a TargetCluster': { attempt: (api) => api.create(targetClusters, target, { dryRun: true }), allowed: [] },
}

const cases = Object.entries(attempts).flatMap(([what, { attempt, allowed }]) =>
  people.map((person) => [person, allowed.includes(person) ? 'may' : 'may not', what, attempt] as const),
)
test.each(cases)('the %s %s %s', async (person, may, _what, attempt) => {
  const { status: code } = await attempt(apis[person])
  const outcome = code < 300 ? 'may' : `${code}`
  expect(outcome).toBe(may === 'may' ? 'may' : '403')
})
