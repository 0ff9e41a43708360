import { bringSizes, mayBeTaken } from '../acts/scale.ts'
import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import type { NodeGroupScaling } from '../../../aws/eks/port.ts'
import { isBusy } from '../group-state.ts'
import { conclude } from '../operation.ts'
import type { Act, Pass } from '../pass.ts'
import { showsSizes } from '../sizing.ts'
import { sayBusy } from '../busy.ts'

/**
 * Nothing is to grow any more, and everything may go: the maximum becomes what is asked for now, the minimum 0 (aws-rules B8). The number itself is never
 * sent: a lower one would make AWS choose who dies (P1).
 */
export const closeSizes: Act = async (pass) => {
  const { draft, seen, surroundings } = pass
  const { scalingGroup } = seen
  const { status } = draft
  if (scalingGroup === undefined) return undefined
  const send = sizesToSend(pass, scalingGroup)
  if (Object.keys(send).length === 0) {
    const { operation } = status
    // It may be from before the deletion, and may never have been sent.
    if (operation?.kind === 'UpdateScaling' && (showsSizes(operation, scalingGroup) || !mayBeTaken(pass)))
      conclude(status, showsSizes(operation, scalingGroup) ? 'Succeeded' : 'Superseded', surroundings.now())
    return undefined
  }
  if (isBusy(pass)) return sayBusy(pass)
  const { minSize, maxSize, desiredCapacity } = scalingGroup
  status.deletion = { ...status.deletion, sizesBefore: status.deletion?.sizesBefore ?? `${minSize}/${maxSize}` }
  const target: NodeGroupScaling = { minSize, maxSize, desiredSize: desiredCapacity, ...send }
  return await bringSizes(pass, { send, target, sendAt: (now) => sizesToSend(pass, now) }, scalingGroup)
}

/** The maximum is lowered once, before the first node leaves: afterwards it would have to follow each of them. */
function sizesToSend({ draft, seen }: Pass, { minSize, maxSize, desiredCapacity }: ScalingGroup): Partial<NodeGroupScaling> {
  // EKS compares with its own number, which may lag behind.
  const most = Math.max(1, desiredCapacity, Math.min(maxSize, seen.group?.scaling.desiredSize ?? 0))
  const hasBegun = (draft.status.removals ?? []).length > 0 || draft.status.withdrawal !== undefined
  return { ...(minSize > 0 ? { minSize: 0 } : {}), ...(maxSize > most && !hasBegun ? { maxSize: most } : {}) }
}
