import { expect, vi } from 'vitest'
import { toCrd } from '../../../src/crds/crd.ts'
import { eksNodeGroups } from '../../../src/crds/eks-node-group.ts'
import { kinds } from '../../../src/crds/index.ts'
import { targetClusters } from '../../../src/crds/target-cluster.ts'
import { type Resource, resources } from '../../../src/kube/resource.ts'
import { type Api, demand, type Document } from './api.ts'

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
