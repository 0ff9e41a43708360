import type { KubeClient } from '../../kube/client.ts'
import type { KubeObject } from '../../kube/objects.ts'
import { keyOf, resources } from '../../kube/resource.ts'

interface Pod extends KubeObject {
  readonly status?: { readonly phase?: string }
}

const mirrorAnnotation = 'kubernetes.io/config.mirror'

/** Names of the pods on a node that would be lost with it: all but those of DaemonSets, mirror pods, and finished ones. From the API server, page by page. */
export async function podsInTheWay(client: KubeClient, nodeName: string, { signal }: { readonly signal: AbortSignal }): Promise<readonly string[]> {
  const found: string[] = []
  let next: string | undefined
  do {
    const page = await client.list<Pod>(resources.pods, {
      fieldSelector: `spec.nodeName=${nodeName}`,
      limit: 100,
      signal,
      ...(next === undefined ? {} : { continue: next }),
    })
    for (const pod of page.items) if (counts(pod)) found.push(keyOf(pod.metadata))
    next = page.metadata.continue === '' ? undefined : page.metadata.continue
  } while (next !== undefined)
  return found
}

function counts({ metadata, status }: Pod): boolean {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return false
  if (metadata.annotations?.[mirrorAnnotation] !== undefined) return false
  return metadata.ownerReferences?.some(({ kind, controller }) => kind === 'DaemonSet' && controller === true) !== true
}
