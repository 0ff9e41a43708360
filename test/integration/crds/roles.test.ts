import { readFileSync } from 'node:fs'
import { loadAll } from 'js-yaml'
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest'
import { eksNodeGroups } from '../../../src/crds/eks-node-group.ts'
import { targetClusters } from '../../../src/crds/target-cluster.ts'
import type { Resource } from '../../../src/kube/resource.ts'
import { Api, demand, type Document } from './api.ts'
import { freshNamespace, installCrds } from './install.ts'

const people = ['viewer', 'editor', 'approver'] as const
type Person = (typeof people)[number]

const rbac = 'rbac.authorization.k8s.io'
const clusterRoles: Resource = { group: rbac, version: 'v1', plural: 'clusterroles', kind: 'ClusterRole', namespaced: false }
const roleBindings: Resource = { group: rbac, version: 'v1', plural: 'rolebindings', kind: 'RoleBinding', namespaced: true }

let admin: Api
let namespace: string
const apis = new Map<Person, Api>()
beforeAll(async () => {
  const { identities } = inject('controlPlane')
  admin = await Api.open(identities.admin)
  await installCrds(admin)
  namespace = await freshNamespace(admin)
  const text = readFileSync(new URL('../../../config/rbac/people.yaml', import.meta.url), 'utf8')
  for (const role of loadAll(text) as unknown as readonly Document[]) demand(await admin.apply(clusterRoles, role, { fieldManager: 'tidegate' }), 200, 201)
  for (const person of people) {
    demand(await admin.create(roleBindings, binding(person)), 201)
    apis.set(person, await Api.open(identities[person]))
  }
  demand(await admin.create(eksNodeGroups, group('there')), 201)
  // a role that was just bound counts a moment later
  await vi.waitFor(
    async () => {
      for (const api of apis.values()) demand(await api.get(eksNodeGroups, { namespace, name: 'there' }), 200)
    },
    { timeout: 20_000, interval: 100 },
  )
})
afterAll(async () => {
  await admin.deleteNamespace(namespace)
  await Promise.all(
    [admin, ...apis.values()].map(async (api) => {
      await api.close()
    }),
  )
})

function binding(person: Person): Document {
  return {
    apiVersion: `${rbac}/v1`,
    kind: 'RoleBinding',
    metadata: { name: person, namespace },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: `tidegate-${person}` },
    subjects: [{ apiGroup: rbac, kind: 'User', name: `${person}@example.com` }],
  }
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
  'change a group': { attempt: (api) => api.apply(eksNodeGroups, group('there'), { dryRun: true }), allowed: ['editor'] },
  'scale a group': { attempt: (api) => api.scale(eksNodeGroups, { namespace, name: 'there' }, 1), allowed: ['editor'] },
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
  const api = apis.get(person)
  if (api === undefined) throw new Error(`no connection as ${person}`)
  const { status: code } = await attempt(api)
  const outcome = code < 300 ? 'may' : `${code}`
  expect(outcome).toBe(may === 'may' ? 'may' : '403')
})
