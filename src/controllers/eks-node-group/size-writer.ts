import { eksNodeGroups } from '../../crds/eks-node-group.ts'
import type { KubeClient } from '../../kube/client.ts'
import { apiVersion } from '../../kube/resource.ts'
import type { SizePort } from './ports.ts'

/**
 * Composes everything that we own in a group's spec: the number and the removals, always together, since what an apply leaves out is deleted.
 * The apply is forced, because after `kubectl scale` the field belongs to somebody else, and conditional on UID and resourceVersion.
 */
export function createSizeWriter(client: KubeClient): SizePort {
  return {
    setDesiredSize: async (group, desiredSize, { signal }) => {
      const { name, namespace, uid, resourceVersion } = group.metadata
      const { removals } = group.spec.scaling ?? {}
      const body = {
        apiVersion: apiVersion(eksNodeGroups),
        kind: eksNodeGroups.kind,
        metadata: { name, namespace, uid, resourceVersion },
        spec: { scaling: { desiredSize, ...(removals === undefined ? {} : { removals }) } },
      }
      const written = await client.apply(eksNodeGroups, { name, namespace }, body, { fieldManager: 'tidegate-orders', force: true, signal })
      return written.metadata.resourceVersion
    },
  }
}
