import type { EksNodeGroupSpec } from '../../../crds/eks-node-group-spec.ts'
import type { EksNodeGroupStatus } from '../../../crds/eks-node-group-status.ts'
import type { Frozen } from '../../../runtime/reconciler.ts'
import type { Member } from './member.ts'

/** One entry of `status.removals`. */
export type Removal = NonNullable<EksNodeGroupStatus['removals']>[number]
/** One entry of `spec.scaling.removals`: somebody else's word that this very node leaves. */
export type Requested = Frozen<NonNullable<NonNullable<EksNodeGroupSpec['scaling']>['removals']>[number]>

/** What tells how far AWS is with a removal. */
export interface AskedWorld {
  readonly members: readonly Member[]
  /** The UID of the Node that bears this name now. */
  readonly uidOf: (nodeName: string) => string | undefined
  readonly now: Date
  /** Whether no call under this token can have acted. */
  readonly cannotHaveActed: (token: string) => boolean
  /** Whether a call for this instance that was lost may be what AWS has still to end somebody for. */
  readonly isOwed: (instanceId: string) => boolean
  /** Whether the Node that bears this name now is Ready. */
  readonly isReady: (nodeName: string) => boolean
}

/** What the choice is made from. */
export interface RemovalWorld extends AskedWorld {
  readonly requested: readonly Requested[]
  /** What the last pass stored. */
  readonly before: readonly Removal[]
  /** The Auto Scaling group's own number. */
  readonly desiredCapacity: number
  /** How many nodes the spec wants, inside its bounds. */
  readonly keep: number
  /** The spec's. */
  readonly minSize: number
  /** Value of `tidegate.io/retry`: a drain that failed under another value is tried again. */
  readonly retry: string | undefined
  /** EKS updates the group and raises the number meanwhile for its own sake: nobody is chosen, given back or withdrawn for that (aws-rules B7). */
  readonly isUpdating: boolean
  /** The group is being deleted: that somebody wants an instance kept counts no more, and what AWS does not count any more is chosen too. */
  readonly allGo: boolean
  /** Another service operates the Auto Scaling group: nobody is chosen and nothing withdrawn, while what people take back is given back (aws-rules B1). */
  readonly isLocked: boolean
}

/** How far a removal is: the least advanced is given up first. */
export const rank: Readonly<Record<Removal['state'], number>> = { Gone: 0, Removing: 1, Draining: 2, Refused: 3, Accepted: 4 }

/** The same entry, refused: nothing is done for it; `message` says why, and what to do. */
export function refusedAs(entry: Removal, message: string): Removal {
  return { ...entry, state: 'Refused', message }
}
