import type { CallOptions, KubeClient } from '../kube/client.ts'
import { isKubeError } from '../kube/kube-error.ts'
import type { KubeObject, Node } from '../kube/objects.ts'
import type { RawPod } from '../kube/pod-summary.ts'
import { type Resource, resources } from '../kube/resource.ts'
import type { Attachment, DrainApi } from './ports.ts'

const volumeAttachments: Resource = { group: 'storage.k8s.io', version: 'v1', plural: 'volumeattachments', kind: 'VolumeAttachment', namespaced: false }
const claims: Resource = { group: '', version: 'v1', plural: 'persistentvolumeclaims', kind: 'PersistentVolumeClaim', namespaced: true }
const accessReviews: Resource = {
  group: 'authorization.k8s.io',
  version: 'v1',
  plural: 'selfsubjectaccessreviews',
  kind: 'SelfSubjectAccessReview',
  namespaced: false,
}

interface VolumeAttachment extends KubeObject {
  readonly spec: { readonly nodeName: string; readonly source: { readonly persistentVolumeName?: string } }
}
interface Claim extends KubeObject {
  readonly spec?: { readonly volumeName?: string }
}
interface AccessReview extends KubeObject {
  readonly status?: { readonly allowed?: boolean }
}

/** Writes to Nodes are ours by this name. */
export const fieldManager = 'tidegate'

/** The drain's port over the one client of a target, so that every write passes its hook and its limits; writes, and the lists that they wait for, go before what else waits there. */
export function kubeDrainApi(client: KubeClient): DrainApi {
  return {
    node: async (name, { signal }) => await orAbsent(async () => await client.get<Node>(resources.nodes, { name }, { signal })),
    patchNode: async (name, operations, { signal, confirm }) =>
      await client.jsonPatch<Node>(resources.nodes, { name }, operations, { fieldManager, signal, confirm, urgent: true }),
    podsOn: async (node, { signal }) => await listAll<RawPod>(client, resources.pods, `spec.nodeName=${node}`, { signal, urgent: true }),
    evict: async ({ namespace, name, uid }, gracePeriodSeconds, { signal, confirm }) =>
      await client.evict({ namespace, name }, { uid, gracePeriodSeconds, signal, confirm }),
    deletePod: async ({ namespace, name, uid }, gracePeriodSeconds, { signal, confirm }) =>
      await client.delete(resources.pods, { namespace, name }, { uid, gracePeriodSeconds, signal, confirm, urgent: true }),
    attachments: async ({ signal }) => {
      const found = await listAll<VolumeAttachment>(client, volumeAttachments, undefined, { signal })
      return found.map(({ spec }): Attachment => ({ node: spec.nodeName, volume: spec.source.persistentVolumeName }))
    },
    volumeOf: async (namespace, name, { signal }) => {
      const claim = await orAbsent(async () => await client.get<Claim>(claims, { namespace, name }, { signal }))
      return claim?.spec?.volumeName
    },
    mayDeletePods: async ({ signal }) => {
      const resourceAttributes = { verb: 'delete', resource: 'pods' }
      const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } }
      const review = await client.create<AccessReview>(accessReviews, body, { fieldManager, signal })
      return review.status?.allowed === true
    },
  }
}

async function orAbsent<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (isKubeError(error, 'NotFound')) return undefined
    throw error
  }
}

async function listAll<T extends KubeObject>(
  client: KubeClient,
  resource: Resource,
  fieldSelector: string | undefined,
  options: Pick<CallOptions, 'signal' | 'urgent'>,
): Promise<readonly T[]> {
  const items: T[] = []
  let token: string | undefined
  do {
    const page = await client.list<T>(resource, {
      limit: 500,
      ...options,
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
      ...(token === undefined ? {} : { continue: token }),
    })
    items.push(...page.items)
    token = page.metadata.continue
  } while (token !== undefined && token !== '')
  return items
}
