import type { KubeClient } from '../../kube/client.ts'
import { isKubeError } from '../../kube/kube-error.ts'
import type { Secret } from '../../kube/objects.ts'
import { resources } from '../../kube/resource.ts'
import type { SecretsPort } from './ports.ts'

/** Secrets of one namespace, by name only: we may neither list nor watch them. */
export function createSecrets(client: KubeClient, namespace: string): SecretsPort {
  return {
    read: async (name, key, { signal }) => {
      try {
        const secret = await client.get<Secret>(resources.secrets, { namespace, name }, { signal })
        const value = secret.data?.[key]
        return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8')
      } catch (error) {
        if (isKubeError(error, 'NotFound')) return undefined
        throw error
      }
    },
  }
}
