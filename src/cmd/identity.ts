import type { KubeClient } from '../kube/client.ts'
import { isKubeError } from '../kube/kube-error.ts'
import type { KubeObject } from '../kube/objects.ts'
import { resources } from '../kube/resource.ts'
import type { Random } from '../lib/random.ts'

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>
}

const name = 'tidegate-identity'

/**
 * The id of this management cluster, which marks what we make in AWS (aws-rules A6). It lies in a ConfigMap that belongs in the backup: a
 * restored cluster then finds its resources again. Made once; of two that make it at once, one wins and both read it.
 */
export async function managementClusterId(client: KubeClient, namespace: string, random: Random, signal: AbortSignal): Promise<string> {
  const known = await read(client, namespace, signal)
  if (known !== undefined) return known
  const body = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, labels: { 'app.kubernetes.io/managed-by': 'tidegate' } },
    data: { id: random.id() },
  }
  try {
    await client.create(resources.configMaps, body, { namespace, fieldManager: 'tidegate', signal })
  } catch (error) {
    if (!isKubeError(error, 'AlreadyExists')) throw error
  }
  const made = await read(client, namespace, signal)
  if (made === undefined) throw new Error(`ConfigMap ${namespace}/${name} has no id`)
  return made
}

async function read(client: KubeClient, namespace: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const { data } = await client.get<ConfigMap>(resources.configMaps, { namespace, name }, { signal })
    return data?.['id']
  } catch (error) {
    if (isKubeError(error, 'NotFound')) return undefined
    throw error
  }
}
