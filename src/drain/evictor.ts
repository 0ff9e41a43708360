import { type DrainPlan, type PlanInput, forcedGraceSeconds, planDrain } from '../scaling/drain/plan.ts'
import type { DrainPod } from '../scaling/drain/pod.ts'
import type { DrainRules } from '../scaling/drain/rules.ts'
import { type Outcome, outcomeOf } from './answers.ts'
import type { DrainMetrics } from './drain-metrics.ts'
import type { EvictionLimiter } from './eviction-limiter.ts'
import type { DrainMemory } from './memory.ts'
import type { DrainApi, DrainContext } from './ports.ts'
import type { DrainRequest, NodeRef } from './request.ts'
import { Turns } from './turns.ts'

/** How many pods a pass may ask to go now, and, where these are fewer than it has, in how many milliseconds it may ask more. */
export interface Permit {
  readonly count: number
  readonly waitMs: number
}

interface EvictorOptions {
  readonly api: DrainApi
  readonly memory: DrainMemory
  readonly limiter: EvictionLimiter
  readonly metrics: DrainMetrics
  /** From the API server. */
  readonly podsNow: (node: NodeRef, context: DrainContext) => Promise<readonly DrainPod[]>
}

/** Of one node: so a pass comes to its end, and its caller's status is stored. Whether it still may is asked over all nodes (`DrainContext.confirm`, P10). */
const maxCallsPerPass = 50

/**
 * Asks the pods that a plan names to go, and remembers what the API server answers. What a plan was made from is its caller's to vouch for.
 *
 * Guarantees: every eviction and deletion by UID; at most 50 calls in a pass, and no more than were permitted, where a deletion right after its refused
 * eviction is one with it.
 */
export class Evictor {
  readonly #api: DrainApi
  readonly #memory: DrainMemory
  readonly #limiter: EvictionLimiter
  readonly #metrics: DrainMetrics
  readonly #podsNow: EvictorOptions['podsNow']
  readonly #turns = new Turns()

  constructor({ api, memory, limiter, metrics, podsNow }: EvictorOptions) {
    this.#api = api
    this.#memory = memory
    this.#limiter = limiter
    this.#metrics = metrics
    this.#podsNow = podsNow
  }

  /** To be asked before the API server is, for the node's pods: where the limit gives nothing, nothing has to be asked. What is not used is lost. */
  permit({ uid }: NodeRef, plan: DrainPlan, rules: DrainRules): Permit {
    const wanted = Math.min(plan.pods.length, mostOf(plan, rules))
    if (wanted === 0) return { count: 0, waitMs: 0 }
    const permit = this.#limiter.take(uid, wanted)
    if (permit.waitMs > 0) this.#metrics.limited(permit.waitMs)
    return permit
  }

  /** Asks as many of the plan's pods as are permitted; gives those that the server agreed to. */
  async carryOut(request: DrainRequest, plan: DrainPlan, input: PlanInput, { count }: Permit, context: DrainContext): Promise<readonly DrainPod[]> {
    const chosen = plan.pods.slice(0, Math.min(count, mostOf(plan, request.rules)))
    const accepted = await this.#ask(request, plan.act, chosen, context)
    if (!asksFirst(plan, request.rules)) return accepted
    return [...accepted, ...(await this.#deleteRefused(request, input, chosen, context))]
  }

  /**
   * Deletes those whose eviction was refused just now; gives those that the server agreed to. Not in the next pass: where passes fail, that may come so
   * late that the refusal is forgotten, and all is asked again for ever. Of the limit each has taken its share for the eviction, which moved nothing.
   */
  async #deleteRefused(request: DrainRequest, input: PlanInput, asked: readonly DrainPod[], context: DrainContext): Promise<readonly DrainPod[]> {
    const { node } = request
    const uids = new Set(asked.map((pod) => pod.uid))
    const plan = (pods: readonly DrainPod[]): DrainPlan => planDrain({ ...input, pods, answers: this.#memory.answers(node.uid, pods) })
    if (!hasDeletions(plan(asked))) return []
    // evictions take their time: deletions are decided on what is after them
    const now = plan((await this.#podsNow(node, context)).filter((pod) => uids.has(pod.uid)))
    return hasDeletions(now) ? await this.#ask(request, 'Delete', now.pods, context) : []
  }

  /** Evicts or deletes all of `pods` at once; gives those that the server agreed to. What is no answer of the server's ends the pass, after all are back. */
  async #ask({ node, rules }: DrainRequest, act: DrainPlan['act'], pods: readonly DrainPod[], context: DrainContext): Promise<readonly DrainPod[]> {
    const accepted: DrainPod[] = []
    const one = async (pod: DrainPod): Promise<void> => {
      let outcome: Outcome | undefined = { kind: 'Accepted' }
      this.#memory.trying(node.uid, pod)
      try {
        if (act === 'Evict') await this.#turns.take(pod.controller?.uid ?? pod.uid, async () => this.#api.evict(pod, rules.gracePeriodSeconds, context))
        else await this.#api.deletePod(pod, forcedGraceSeconds(pod, rules), context)
        accepted.push(pod)
      } catch (error) {
        outcome = outcomeOf(error, pod, act)
        if (outcome === undefined) throw error
      }
      this.#metrics.asked(act, outcome)
      this.#memory.tell(node.uid, pod, act, outcome)
    }
    const failed = (await Promise.allSettled(pods.map(one))).find(({ status }) => status === 'rejected')
    if (failed?.status === 'rejected') throw failed.reason
    return accepted
  }
}

/** Under `Force`, after the deadline: each of these may take a second call, when its eviction is refused. */
function asksFirst({ act, pastDeadline }: DrainPlan, { onTimeout }: DrainRules): boolean {
  return act === 'Evict' && pastDeadline && onTimeout === 'Force'
}

function mostOf(plan: DrainPlan, rules: DrainRules): number {
  return asksFirst(plan, rules) ? maxCallsPerPass / 2 : maxCallsPerPass
}

function hasDeletions({ act, pods }: DrainPlan): boolean {
  return act === 'Delete' && pods.length > 0
}
