import { readFileSync } from 'node:fs'
import { loadAll } from 'js-yaml'
import { expect, inject, vi } from 'vitest'
import { toCrd } from '../../../src/crds/crd.ts'
import { eksNodeGroups } from '../../../src/crds/eks-node-group.ts'
import { kinds } from '../../../src/crds/index.ts'
import { policiesFor } from '../../../src/crds/policies/index.ts'
import { operatorUser, toManifests } from '../../../src/crds/policies/policy.ts'
import { targetClusters } from '../../../src/crds/target-cluster.ts'
import { type Resource, resources } from '../../../src/kube/resource.ts'
import type { IdentityName } from '../../../src/local/identities.ts'
import { Api, demand, type Document } from './api.ts'

/** Applies every CRD, and waits until its objects are served. */
export async function installCrds(api: Api): Promise<void> {
  for (const kind of kinds) {
    demand(await api.apply(resources.customResourceDefinitions, toCrd(kind) as unknown as Document, { fieldManager: 'tidegate' }), 200, 201)
  }
  for (const resource of [eksNodeGroups, targetClusters]) await served(api, resource)
}

/** A definition that was just taken is served a moment later. */
async function served(api: Api, resource: Resource): Promise<void> {
  const nothing: Document = { apiVersion: 'v1', kind: 'None', metadata: { name: 'none', ...(resource.namespaced ? { namespace: 'default' } : {}) } }
  await vi.waitFor(
    async () => {
      expect((await api.delete(resource, nothing)).message).toContain('"none" not found')
    },
    { timeout: 20_000, interval: 100 },
  )
}

/** A namespace that nobody else has. */
export async function freshNamespace(api: Api): Promise<string> {
  const name = `crds-${process.pid}-${process.hrtime.bigint().toString(36)}`
  demand(await api.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }), 201)
  return name
}

const admission = 'admissionregistration.k8s.io'
const rbac = 'rbac.authorization.k8s.io'
const installed: Readonly<Record<string, Resource>> = {
  ValidatingAdmissionPolicy: {
    group: admission,
    version: 'v1',
    plural: 'validatingadmissionpolicies',
    kind: 'ValidatingAdmissionPolicy',
    namespaced: false,
  },
  ValidatingAdmissionPolicyBinding: {
    group: admission,
    version: 'v1',
    plural: 'validatingadmissionpolicybindings',
    kind: 'ValidatingAdmissionPolicyBinding',
    namespaced: false,
  },
  ClusterRole: { group: rbac, version: 'v1', plural: 'clusterroles', kind: 'ClusterRole', namespaced: false },
}
const roleBindings: Resource = { group: rbac, version: 'v1', plural: 'rolebindings', kind: 'RoleBinding', namespaced: true }

/** Applies every policy. They count a moment later. */
export async function installPolicies(api: Api): Promise<void> {
  for (const manifest of policiesFor(operatorUser()).flatMap(toManifests)) await install(api, manifest as Document)
}

async function install(api: Api, manifest: Document): Promise<void> {
  const resource = installed[manifest.kind]
  if (resource === undefined) throw new Error(`no resource for kind ${manifest.kind}`)
  demand(await api.apply(resource, manifest, { fieldManager: 'tidegate' }), 200, 201)
}

type Person = Exclude<IdentityName, 'admin'>

/** Connections as these people, bound in the namespace to the role of their name; the operator may do there what an editor may. */
export async function openAs<P extends Person>(admin: Api, namespace: string, people: readonly P[]): Promise<Readonly<Record<P, Api>>> {
  const text = readFileSync(new URL('../../../config/rbac/people.yaml', import.meta.url), 'utf8')
  for (const role of loadAll(text) as unknown as readonly Document[]) await install(admin, role)
  const apis: [P, Api][] = []
  for (const person of people) {
    const user = person === 'operator' ? operatorUser() : `${person}@example.com`
    demand(await admin.create(roleBindings, binding(namespace, person, user)), 201)
    const api = await Api.open(inject('controlPlane').identities[person])
    apis.push([person, api])
    // a role that was just bound counts a moment later
    await vi.waitFor(async () => expect((await api.get(eksNodeGroups, { namespace, name: 'none' })).status).toBe(404), { timeout: 20_000, interval: 100 })
  }
  return Object.fromEntries(apis) as Record<P, Api>
}

function binding(namespace: string, person: Person, user: string): Document {
  const role = person === 'operator' ? 'editor' : person
  return {
    apiVersion: `${rbac}/v1`,
    kind: 'RoleBinding',
    metadata: { name: person, namespace },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: `tidegate-${role}` },
    subjects: [{ apiGroup: rbac, kind: 'User', name: user }],
  }
}
