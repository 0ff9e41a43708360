import { type Blocker, blockerOf, stuckTerminating, toleratesDrain } from './blocker.ts'
import { type DrainPod, hasToGo, waveOf } from './pod.ts'
import { type Reach, isAsGoodAsGone } from './reach.ts'
import type { DrainRules } from './rules.ts'

/** What became of the last call about a pod. */
export type Answer =
  /** Taken; the cache does not show it yet. */
  | { readonly kind: 'Accepted' }
  /** The server says that it is no more; the cache does not show it yet. */
  | { readonly kind: 'Gone' }
  /** To be tried again when it is `due`. `refused`: the server said no to this pod; else nobody judged it, or the answer got lost. */
  | {
      readonly kind: 'Held'
      readonly act: 'Evict' | 'Delete'
      readonly refused: boolean
      readonly due: boolean
      /** How often in a row. */
      readonly times: number
      readonly blocker: Blocker | undefined
      /** The budget that refused it: only so many of its pods may be tried at once. */
      readonly budget?: { readonly name: string; readonly atOnce: number } | undefined
    }

export interface PlanInput {
  /** All pods that are bound to the node. */
  readonly pods: readonly DrainPod[]
  readonly rules: DrainRules
  readonly now: Date
  readonly deadline: Date | undefined
  readonly reach: Reach
  /** By UID of the pod. */
  readonly answers: ReadonlyMap<string, Answer>
  /** UIDs of controllers whose pods came back too often; true where it is time for one more try. */
  readonly tolerating: ReadonlyMap<string, boolean>
}

export interface DrainPlan {
  /** `Delete` only after the deadline under `Force`, when no pod is left to be evicted first. */
  readonly act: 'Evict' | 'Delete'
  /**
   * To be evicted or deleted now: of one wave; of those that one budget held, only as many as it may be asked for at once. First those that were
   * held less often, then by name.
   */
  readonly pods: readonly DrainPod[]
  /** Pods that have to go and are still there, by name. */
  readonly left: readonly DrainPod[]
  /** By name of the pod. */
  readonly blocked: readonly Blocker[]
  /** `LooksEmpty`: as far as `pods` shows; the API server has the last word. `Failed`: the deadline has passed, and says so. */
  readonly verdict: 'Draining' | 'LooksEmpty' | 'Failed'
  readonly pastDeadline: boolean
}

/** A pod may take so much longer than its grace period before we call it stuck: kubelets report the end a little late. */
const stuckAfterMs = 60_000

/**
 * What to do about the pods of an isolated node. Pure.
 *
 * Guarantees: never names a pod of a DaemonSet, a mirror pod or a finished one, nor, for eviction, one that is leaving already; never names pods of
 * two waves, nor of a later one while an earlier has pods on the node; names pods for deletion only after the deadline under `Force`, and of these only
 * those whose eviction was refused to this process, or that a rule kept from being evicted: a deadline may pass while nobody could evict anything.
 */
export function planDrain(input: PlanInput): DrainPlan {
  const { rules, now, deadline, reach, answers } = input
  const pastDeadline = deadline !== undefined && now.getTime() >= deadline.getTime()
  const isForced = pastDeadline && rules.onTimeout === 'Force'
  const left = input.pods.filter((pod) => hasToGo(pod) && answers.get(pod.uid)?.kind !== 'Gone' && !isAsGoodAsGone(pod, reach, now)).toSorted(byName)
  const wave = Math.min(...left.map((pod) => waveOf(pod)))
  const going: { readonly pod: DrainPod; readonly act: DrainPlan['act'] }[] = []
  const blocked: Blocker[] = []
  for (const pod of left) {
    const act = isForced ? forcedAct(pod, input) : 'Evict'
    const blocker = standing(pod, act, input)
    const forOnceMore = blocker?.reason === 'ToleratesDrain' && input.tolerating.get(pod.controller?.uid ?? '') === true
    if (waveOf(pod) === wave && (blocker === undefined || forOnceMore) && mayGo(pod, act, input)) going.push({ pod, act })
    const shown = blocker ?? refusal(answers.get(pod.uid), act, isForced)
    if (shown !== undefined) blocked.push(shown)
  }
  const act = isForced && going.every((one) => one.act === 'Delete') ? 'Delete' : 'Evict'
  const ofAct = going.flatMap((one) => (one.act === act ? [one.pod] : []))
  const pods = inTurn(ofAct, act, answers)
  if (left.length === 0) return { act, pods, left, blocked, verdict: 'LooksEmpty', pastDeadline }
  const failed = pastDeadline && rules.onTimeout === 'Fail'
  return { act, pods: failed ? [] : pods, left, blocked, verdict: failed ? 'Failed' : 'Draining', pastDeadline }
}

/** The grace period of a forced deletion, in seconds: never 0, never longer than the pod's own. */
export function forcedGraceSeconds(pod: DrainPod, rules: DrainRules): number {
  return Math.max(1, Math.min(pod.gracePeriodSeconds ?? 30, rules.gracePeriodSeconds ?? Number.POSITIVE_INFINITY))
}

/**
 * Under `Force`, after the deadline. What nobody has asked to go is asked first: its budget may allow it. So is what we were not let delete: a drain without
 * that right goes on as with `Wait`, and the budget may have opened since.
 */
function forcedAct(pod: DrainPod, { rules, now, answers }: PlanInput): DrainPlan['act'] {
  const answer = answers.get(pod.uid)
  const wasRefused = answer?.kind === 'Held' && (answer.act === 'Evict' ? answer.refused : !(answer.refused && answer.due))
  // an eviction is no way round a rule: who set it has waited for the deadline, and without the right to delete the pod stays
  return wasRefused || pod.graceEndsAt !== undefined || blockerOf(pod, rules, now) !== undefined ? 'Delete' : 'Evict'
}

/** What holds until somebody changes something, whatever we call. */
function standing(pod: DrainPod, act: DrainPlan['act'], { rules, now, tolerating }: PlanInput): Blocker | undefined {
  if (pod.graceEndsAt !== undefined) return pod.graceEndsAt.getTime() + stuckAfterMs < now.getTime() ? stuckTerminating(pod) : undefined
  if (pod.controller !== undefined && tolerating.has(pod.controller.uid)) return toleratesDrain(pod)
  return act === 'Delete' ? undefined : blockerOf(pod, rules, now)
}

/** `isForced`: a deletion that was refused is what holds the pod, also where its eviction is asked for again before the next one. */
function refusal(answer: Answer | undefined, act: DrainPlan['act'], isForced: boolean): Blocker | undefined {
  if (answer?.kind !== 'Held') return undefined
  return answer.act === act || (isForced && answer.act === 'Delete') ? answer.blocker : undefined
}

function mayGo(pod: DrainPod, act: DrainPlan['act'], { rules, now, answers }: PlanInput): boolean {
  const answer = answers.get(pod.uid)
  if (answer?.kind === 'Held' && answer.act === act && !answer.due) return false
  if (pod.graceEndsAt === undefined) return answer?.kind !== 'Accepted'
  // forced, and its own grace period is longer than the rule allows: asked again, with the shorter one
  const shortened = now.getTime() + (forcedGraceSeconds(pod, rules) + 1) * 1000
  return act === 'Delete' && rules.gracePeriodSeconds !== undefined && pod.graceEndsAt.getTime() > shortened
}

/**
 * Only of those that would be asked: one that stays anyhow must not have the turn for which the others of its budget wait. Who was held less often
 * goes first, so that each of the node's has its turn, also where few may be asked a second: a budget that refuses the healthy pods may let an unhealthy one go
 * (unhealthyPodEvictionPolicy).
 */
function inTurn(pods: readonly DrainPod[], act: DrainPlan['act'], answers: PlanInput['answers']): readonly DrainPod[] {
  const heldBy = ({ uid }: DrainPod) => {
    const answer = answers.get(uid)
    return answer?.kind === 'Held' && answer.act === act ? answer : undefined
  }
  const asked = new Map<string, number>()
  return pods
    .toSorted((a, b) => (heldBy(a)?.times ?? 0) - (heldBy(b)?.times ?? 0))
    .filter((pod) => {
      const budget = heldBy(pod)?.budget
      if (budget === undefined) return true
      const before = asked.get(budget.name) ?? 0
      asked.set(budget.name, before + 1)
      return before < budget.atOnce
    })
}

function byName(a: DrainPod, b: DrainPod): number {
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1
  return a.name < b.name ? -1 : 1
}
