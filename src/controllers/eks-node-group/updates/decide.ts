import type { EksNodeGroup, EksNodeGroupStatus } from '../../../crds/eks-node-group.ts'
import type { Frozen } from '../../../runtime/reconciler.ts'
import { retryLine, retryTokenOf } from '../retry-token.ts'
import { type Approval, approvalOf, approveAnnotation, approveLine } from './approval.ts'
import type { VersionPlan } from './version-plan.ts'

export interface UpdateQuestion {
  readonly metadata: Frozen<EksNodeGroup>['metadata']
  readonly plan: VersionPlan | undefined
  /** What the last pass stored. */
  readonly before: EksNodeGroupStatus['update']
  /** An approval that is older than the object (`inheritedApproval`). */
  readonly inherited?: string | undefined
  readonly mode: 'Manual' | 'Automatic'
  readonly hasGpus: boolean
  /** Why the group itself is in no state for it, in words: what nobody may skip, and what an approval by a person skips. */
  readonly inTheWay: { readonly hard: string | undefined; readonly soft: string | undefined }
  /** When the next window opens, in words; absent inside one, and where there are none. */
  readonly opens: string | undefined
  /** Why the target's budget has no place for it, in words. */
  readonly noPlace: string | undefined
}

export type UpdateDecision =
  | { readonly kind: 'current' }
  | { readonly kind: 'go'; readonly plan: VersionPlan }
  | {
      readonly kind: 'wait'
      readonly reason: 'WaitingForApproval' | 'WaitingForWindow' | 'UpdateHeldBack' | 'UpdateBarred' | 'UpdateFailed'
      readonly message: string
      readonly hash: string
      /** Worth an Event, and part of the message: what a person wrote approves nothing, and an approval would matter. */
      readonly complaint?: string
      /** It is a place of the budget that is missing, and nothing else: the wait for one may begin. */
      readonly forPlace?: true
    }

/**
 * Whether an update of version, release or template may be started now (aws-rules B7). Pure; who holds the object back is asked elsewhere. `go` is no place
 * yet: that is taken by whoever starts it.
 *
 * Guarantees: a failed one is never started again without a person's word: a new `tidegate.io/retry`, an approval of a later generation, or another
 * wish. Groups with GPUs always need an approval.
 */
export function decideUpdate(question: UpdateQuestion): UpdateDecision {
  const { metadata, plan, before, mode, hasGpus, inTheWay, opens } = question
  if (plan === undefined) return { kind: 'current' }
  const { generation = 0, annotations } = metadata
  const { hash, inWords } = plan
  if (plan.barred !== undefined) return { kind: 'wait', reason: 'UpdateBarred', message: `${inWords}: waits, since ${plan.barred}`, hash }
  const approval = approvalOf(annotations?.[approveAnnotation], generation, question.inherited)
  const failed = before?.state === 'Failed' && before.hash === plan.hash ? before : undefined
  const isAskedAgain =
    failed !== undefined && (isNewRetry(retryTokenOf(metadata), failed) || (approval.approved && generation > (failed.generation ?? generation)))
  const unclear = complaintIn(approval)
  if (failed !== undefined && !isAskedAgain) {
    // The approval that it had is what every update leaves behind.
    const { inBrackets, told } = annotations?.[approveAnnotation] === String(failed.generation) ? nothing : unclear
    return { kind: 'wait', reason: 'UpdateFailed', message: failedInWords(question, `${failed.message ?? ''}${inBrackets}`), hash, ...told }
  }
  if ((mode === 'Manual' || hasGpus) && !approval.approved) {
    const why = mode === 'Automatic' ? 'nodes of the group have GPUs, so that somebody has to agree' : 'somebody has to agree'
    return {
      kind: 'wait',
      reason: 'WaitingForApproval',
      message: `${inWords}: ${limits}; ${why}${unclear.inBrackets}: ${approveLine(metadata)}`,
      hash,
      ...unclear.told,
    }
  }
  if (opens !== undefined) return { kind: 'wait', reason: 'WaitingForWindow', message: `${inWords}: starts when a window opens, ${opens}`, hash }
  const heldBack = { kind: 'wait', reason: 'UpdateHeldBack', hash } as const
  if (inTheWay.hard !== undefined) return { ...heldBack, message: `${inWords}: waits, since ${inTheWay.hard}` }
  if (inTheWay.soft !== undefined && !approval.approved)
    return { ...heldBack, message: `${inWords}: waits, since ${inTheWay.soft}${unclear.inBrackets}`, ...unclear.told }
  return question.noPlace === undefined ? { kind: 'go', plan } : { ...heldBack, message: `${inWords}: waits, since ${question.noPlace}`, forPlace: true }
}

const nothing = { inBrackets: '', told: {} } as const

/** What an annotation that approves nothing adds to a wait. One that cannot be read is told in an Event wherever it stands (unclear-annotations.ts). */
function complaintIn({ complaint, isUnreadable }: Approval): { readonly inBrackets: string; readonly told: { readonly complaint?: string } } {
  if (complaint === undefined) return nothing
  return { inBrackets: ` (${complaint})`, told: isUnreadable === true ? {} : { complaint } }
}

/** What people have to know before they agree (EKS user guide, "Understand each phase of node updates"). */
export const limits = 'EKS replaces every node, chooses their order itself, evicts for 15 min each, and cannot be stopped once started'

function isNewRetry(token: string | undefined, { retryToken }: NonNullable<EksNodeGroupStatus['update']>): boolean {
  return token !== undefined && token !== retryToken
}

function failedInWords({ metadata }: UpdateQuestion, message: string): string {
  return `${message}; it is not repeated by itself. When the cause is gone: ${retryLine(metadata)}`
}
