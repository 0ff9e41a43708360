import type { KubeClient } from '../../kube/client.ts'
import { isKubeError } from '../../kube/kube-error.ts'
import type { Secret } from '../../kube/objects.ts'
import { resources } from '../../kube/resource.ts'
import { hasFinalizer, removeFinalizer, storeFinalizer } from '../../runtime/finalizer.ts'
import type { SecretsPort } from './ports.ts'

/** Secrets of one namespace, by name only: we may neither list nor watch them. */
export function createSecrets(client: KubeClient, namespace: string): SecretsPort {
  const find = async (name: string, signal: AbortSignal): Promise<Secret | undefined> => {
    try {
      return await client.get<Secret>(resources.secrets, { namespace, name }, { signal })
    } catch (error) {
      if (isKubeError(error, 'NotFound')) return undefined
      throw error
    }
  }
  return {
    read: async (name, key, { signal }) => {
      const secret = await find(name, signal)
      if (secret === undefined) return undefined
      // not `data[key]`: a key may be named `constructor`
      const value = Object.hasOwn(secret.data ?? {}, key) ? secret.data?.[key] : undefined
      return {
        uid: secret.metadata.uid,
        value: value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8'),
        held: hasFinalizer(secret),
        leaving: secret.metadata.deletionTimestamp !== undefined,
      }
    },
    hold: async (name, uid, { signal }) => {
      await storeFinalizer(client, resources.secrets, { metadata: { name, namespace, uid, resourceVersion: '' } }, signal)
    },
    release: async (name, { signal }) => {
      const secret = await find(name, signal)
      if (secret === undefined || !hasFinalizer(secret)) return
      try {
        await removeFinalizer(client, resources.secrets, secret, signal)
      } catch (error) {
        if (!isKubeError(error, 'NotFound')) throw error
      }
    },
  }
}
