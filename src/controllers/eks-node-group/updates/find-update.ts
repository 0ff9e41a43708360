import type { NodeGroupUpdate } from '../../../aws/eks/port.ts'
import type { EksNodeGroupOperation as Operation } from '../../../crds/eks-node-group.ts'
import { ageMs, lostCallMs } from '../operation.ts'
import type { Pass } from '../pass.ts'

/** The clocks of AWS and of the operator may differ by so much (the SDK corrects requests, not times that are read). */
const skewMs = 120_000

/**
 * What EKS has on record of the update that was written down; where the answer to the call was lost, and with it the id, the one that began since.
 * `mayBeSent`: it may be sent again by its token, to which EKS gives the same answer, so that while it is young nothing is looked up. Errors: `AwsError`.
 */
export async function recordOf(pass: Pass, operation: Operation, { mayBeSent }: { readonly mayBeSent: boolean }): Promise<NodeGroupUpdate | undefined> {
  const { draft, context, target, surroundings, calls, name } = pass
  const { updateId, token, startedAt } = operation
  if (updateId !== undefined) return await target.aws.nodeGroups.describeUpdate(target.clusterName, name, updateId, { signal: context.signal })
  const now = surroundings.now()
  // Of what was never sent there is none: one that shows is somebody else's.
  if (calls.silentMs(token, now) === Number.POSITIVE_INFINITY) return undefined
  if (mayBeSent && ageMs(operation, now) < lostCallMs) return undefined
  return await findUpdate(pass, { sinceMs: Date.parse(startedAt), not: draft.status.update?.previousId })
}

/**
 * The version update of the group that began last since `sinceMs`, `not` excepted: the answer to a call was lost, and with it the id (aws-rules A2). `undefined`
 * when there is none. Errors: `AwsError`.
 */
async function findUpdate(
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
