import { expect } from 'vitest'
import type { KubeObject, Node } from '../../../src/kube/objects.ts'
import { type Resource, resources } from '../../../src/kube/resource.ts'
import { eventually } from '../../support/eventually.ts'
import { Workload } from '../../support/workload.ts'
import type { Stage } from '../../support/world.ts'

const { signal } = new AbortController()
const claims: Resource = { group: '', version: 'v1', plural: 'persistentvolumeclaims', kind: 'PersistentVolumeClaim', namespaced: true }
const daemonSets: Resource = { group: 'apps', version: 'v1', plural: 'daemonsets', kind: 'DaemonSet', namespaced: true }
const attachments: Resource = { group: 'storage.k8s.io', version: 'v1', plural: 'volumeattachments', kind: 'VolumeAttachment', namespaced: false }

interface Pod extends KubeObject {
  readonly spec: { readonly nodeName?: string }
  readonly status?: { readonly phase?: string }
}

/** Puts on the node what makes a drain use all its rights: a pod to evict, and a daemon that stays with its volume attached. */
export async function furnish({ client }: Stage, namespace: string, node: Node): Promise<void> {
  const { name } = node.metadata
  const as = { namespace, fieldManager: 'team', signal }
  const claim = async (suffix: string): Promise<object> => {
    const spec = { accessModes: ['ReadWriteOnce'], volumeName: `${name}-${suffix}`, storageClassName: '', resources: { requests: { storage: '1Gi' } } }
    await client.create(claims, { metadata: { name: `${name}-${suffix}` }, spec }, as)
    return { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: `${name}-${suffix}` } }] }
  }
  await new Workload(client, namespace).run(`${name}-web`, node, await claim('web'))
  const attached = { attacher: 'ebs.csi.aws.com', nodeName: name, source: { persistentVolumeName: `${name}-agent` } }
  await client.create(attachments, { metadata: { name: `${name}-agent` }, spec: attached }, { fieldManager: 'team', signal })
  const labels = { app: `${name}-agent` }
  const tolerations = [{ operator: 'Exists' }]
  const pod = { nodeName: name, tolerations, containers: [{ name: 'c', image: 'none' }], ...(await claim('agent')) }
  const daemons = { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } }
  await client.create(daemonSets, { metadata: { name: `${name}-agent` }, spec: daemons }, as)
  await eventually(async () => {
    const { items } = await client.list<Pod>(resources.pods, { namespace, labelSelector: `app=${name}-agent`, signal })
    expect(items.map(({ status }) => status?.phase)).toEqual(['Running'])
  })
}
