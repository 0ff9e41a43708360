import type { NodeGroupUpdate } from '../../../aws/eks/port.ts'
import type { Pass } from '../pass.ts'

/** The clocks of AWS and of the operator may differ by so much (the SDK corrects requests, not times that are read). */
const skewMs = 120_000

/**
 * The version update of the group that began last since `sinceMs`, `not` excepted: the answer to a call was lost, and with it the id (aws-rules A2). `undefined`
 * when there is none. Errors: `AwsError`.
 */
export async function findUpdate(
  { target, name, context }: Pick<Pass, 'target' | 'name' | 'context'>,
  { sinceMs, not }: { readonly sinceMs: number; readonly not: string | undefined },
): Promise<NodeGroupUpdate | undefined> {
  const { signal } = context
  const { nodeGroups } = target.aws
  const found: NodeGroupUpdate[] = []
  for (const id of await nodeGroups.listUpdates(target.clusterName, name, { signal })) {
    if (id === not) continue
    const update = await nodeGroups.describeUpdate(target.clusterName, name, id, { signal })
    if (update?.type === 'VersionUpdate' && update.createdAt !== undefined && Date.parse(update.createdAt) > sinceMs - skewMs) found.push(update)
  }
  return found.toSorted((a, b) => Date.parse(a.createdAt ?? '') - Date.parse(b.createdAt ?? '')).at(-1)
}
