import { groupLabel } from '../../aws/eks/group-label.ts'
import type { KubeClient } from '../../kube/client.ts'
import { resources } from '../../kube/resource.ts'

/** Names of the Nodes of a managed group, from the API server, page by page. */
export async function namesInGroup(client: KubeClient, groupName: string, { signal }: { readonly signal: AbortSignal }): Promise<readonly string[]> {
  const names: string[] = []
  let next: string | undefined
  do {
    const page = await client.list(resources.nodes, {
      labelSelector: `${groupLabel}=${groupName}`,
      limit: 100,
      signal,
      ...(next === undefined ? {} : { continue: next }),
    })
    names.push(...page.items.map(({ metadata }) => metadata.name))
    next = page.metadata.continue === '' ? undefined : page.metadata.continue
  } while (next !== undefined)
  return names
}
