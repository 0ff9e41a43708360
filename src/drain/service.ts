import type { Node } from '../kube/objects.ts'
import type { PodSummary, RawPod } from '../kube/pod-summary.ts'
import { projectPod } from '../kube/projections.ts'
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import type { Metrics } from '../observability/metrics.ts'
import { maxReturns } from '../scaling/drain/blocker.ts'
import { type DrainPlan, type PlanInput, planDrain } from '../scaling/drain/plan.ts'
import { type DrainPod, hasToGo } from '../scaling/drain/pod.ts'
import { DrainMetrics } from './drain-metrics.ts'
import { EvictionLimiter } from './eviction-limiter.ts'
import { Evictor, type Permit } from './evictor.ts'
import { isolatedSince } from './isolated-since.ts'
import { LastLook, type Look, type OwnerOf, heldByAnother, reachOfNode } from './last-look.ts'
import { type Mark, isIsolated, marksOf, sameMark } from './mark.ts'
import { MayForce } from './may-force.ts'
import { DrainMemory } from './memory.ts'
import { isolation, outOfServiceMark, restoration } from './node-patches.ts'
import { type Written, changeNode } from './node-writer.ts'
import { DrainPlaces } from './places.ts'
import { hasClaim, rawToDrainPod, toDrainPod } from './pods.ts'
import type { DrainApi, DrainCache, DrainContext } from './ports.ts'
import { blockedBy, countReturns, placesTaken, progressOf, said, waitingForPlace } from './progress.ts'
import type { DrainProgress, DrainRequest, DrainResult, DrainState, NodeRef } from './request.ts'

/** How much a target lets itself be drained at a time; kinds.md, TargetCluster `budget`. */
export interface DrainBudget {
  readonly maxConcurrentDrains: number
  readonly evictionsPerSecond: number
}

/** Where a TargetCluster says nothing. */
export const defaultDrainBudget: DrainBudget = { maxConcurrentDrains: 5, evictionsPerSecond: 10 }

export interface DrainServiceOptions {
  /** Label of the metrics. */
  readonly target: string
  readonly api: DrainApi
  readonly cache: DrainCache
  readonly budget?: DrainBudget
  /** Where Tidegate runs, if that is in this cluster, asked at each pass: its pods go last of all. */
  readonly ownNamespace?: () => string | undefined
  /** The groups of the target that EKS updates now, as their objects show, each UID with a name: each has a place of the budget, like a drain. */
  readonly updating?: () => ReadonlyMap<string, string>
  /** The Nodes, by UID, whose drains have begun as objects show: beside another's load balancer label the Node does not tell. */
  readonly begun?: () => ReadonlySet<string>
  /** Whose the mark with this UID is, for messages alone; absent where nobody knows. */
  readonly ownerOf?: OwnerOf
  readonly clock: Clock
  readonly random: Random
  readonly metrics: Metrics
}

/** A change of a pod wakes the caller; this is for what no event tells. */
const pollMs = 5000
const waitForPlaceMs = 2000
const waitForOtherMs = 15_000
/** How long evictions wait for the isolation of other nodes that began with theirs. */
const othersIsolateMs = 1000
/** How often a pod that comes back again and again is evicted once more, so that a drain heals when its toleration is gone. */
const tryToleratingEveryMs = 5 * 60_000

/** What had been in its way went with the status that said so. */
const givenBack = said('the deadline has passed, and our mark is off the node: what runs there stays')

/** What a pass is about to do, and what it goes by. */
interface Planned {
  readonly state: DrainState
  readonly input: PlanInput
  readonly plan: DrainPlan
  readonly permit: Permit
}

/**
 * Empties nodes of one target, for any number of callers at a time. One call is one pass: it makes the calls that are due and says when to come back; it
 * never waits for a pod. Nodes that are drained by passes that begin together are all isolated before the first of their pods is evicted, as long as
 * the API server takes less than a second for it. All that matters after a restart is in the caller's status and on the node.
 *
 * Guarantees: no eviction before the API server has taken our mark; every eviction and deletion by UID of the pod, and of one that the API server's list
 * of the same pass lets go; at most `evictionsPerSecond` of them, where a deletion right after its refused eviction is one with it; `empty` only after a
 * look at the API server in the same pass; a node that carries another object's mark is left alone.
 * Errors: `KubeError` of the node's calls; what `beforeWrite` or `confirm` throws. The state of the pass before is then still good.
 */
export class DrainService {
  readonly #api: DrainApi
  readonly #cache: DrainCache
  readonly #clock: Clock
  readonly #ownNamespace: () => string | undefined
  readonly #updating: () => ReadonlyMap<string, string>
  readonly #begun: () => ReadonlySet<string>
  readonly #ownerOf: OwnerOf | undefined
  readonly #memory: DrainMemory
  readonly #limiter: EvictionLimiter
  readonly #evictor: Evictor
  readonly #places: DrainPlaces
  readonly #look: LastLook
  readonly #mayForce: MayForce
  readonly #isolating = new Set<Promise<unknown>>()
  readonly #metrics: DrainMetrics

  constructor(options: DrainServiceOptions) {
    const {
      target,
      api,
      cache,
      budget = defaultDrainBudget,
      ownNamespace = () => undefined,
      updating = () => new Map(),
      begun = () => new Set(),
      ownerOf,
      clock,
      random,
      metrics,
    } = options
    this.#api = api
    this.#cache = cache
    this.#clock = clock
    this.#ownNamespace = ownNamespace
    this.#updating = updating
    this.#begun = begun
    this.#ownerOf = ownerOf
    this.#memory = new DrainMemory(clock, random)
    this.#limiter = new EvictionLimiter(clock, budget.evictionsPerSecond)
    this.#places = new DrainPlaces(clock, budget.maxConcurrentDrains, () => new Set([...this.#draining(), ...updating().keys()]))
    this.#look = new LastLook({ api, clock, ownNamespace, ownerOf })
    this.#mayForce = new MayForce(api, clock)
    this.#metrics = new DrainMetrics(metrics, target)
    const podsNow = async (node: NodeRef, context: DrainContext) => this.#listed(node, await api.podsOn(node.name, context)).pods
    this.#evictor = new Evictor({ api, memory: this.#memory, limiter: this.#limiter, metrics: this.#metrics, podsNow })
  }

  /** Counts from the next call on. */
  setBudget({ maxConcurrentDrains, evictionsPerSecond }: DrainBudget): void {
    this.#places.limit = maxConcurrentDrains
    this.#limiter.perSecond = evictionsPerSecond
  }

  /** One pass over one node. */
  async drainNode(request: DrainRequest, context: DrainContext): Promise<DrainResult> {
    const { node, mark, state } = request
    const cached = this.#cache.node(node.name)
    const isThere = cached !== undefined && cached.metadata.uid === node.uid
    const isMarked = isThere && marksOf(cached).some((found) => sameMark(found, mark))
    const hasBegun = state?.isolatedAt !== undefined || (isMarked && isIsolated(cached))
    if (!hasBegun) {
      if (!this.#mayBegin(node.uid))
        return {
          state: { step: 'Waiting' },
          progress: waitingForPlace(this.#places.limit, [...this.#updating().values()]),
          next: { kind: 'wait', ms: waitForPlaceMs },
        }
    } else this.#places.occupy(node.uid)
    if (state !== undefined && isThere && !isMarked && this.#hasFailed(request)) return this.#failed(node, state, givenBack)
    if (state?.isolatedAt !== undefined && isMarked) return await this.#empty(request, { ...state, step: 'Draining' }, cached, context)
    // the first patch is judged from the cache: what it tests makes that safe, and it spares a reading
    const written = await this.#isolate(node, mark, context, hasBegun ? undefined : cached).catch((error: unknown) => {
      // one that cannot be isolated holds no place
      if (!hasBegun) this.#end(node.uid)
      throw error
    })
    if (written.kind === 'done' && written.changed) await this.#afterIsolations()
    if (written.kind === 'gone') return this.#gone(node, state)
    if (written.kind === 'held') return this.#heldBy(node, written.by, state)
    // somebody took our mark off meanwhile, and pods may have come: what time the drain has counts anew
    const isAgain = written.kind === 'done' && written.changed && state?.isolatedAt !== undefined
    const isolatedAt = (isAgain ? undefined : state?.isolatedAt) ?? isolatedSince(written.node, this.#clock.now())
    return await this.#empty(isAgain ? { ...request, deadline: undefined } : request, { ...state, step: 'Draining', isolatedAt }, written.node, context)
  }

  /**
   * Its time is over where that ends it: the pass that said so gave the node back, and may have lost its status. Without our mark nothing is done for it any
   * more, also where the node looks empty: what was in its way may be a volume, and pods may have come since.
   */
  #hasFailed({ state, rules, deadline }: DrainRequest): boolean {
    return state?.step === 'Draining' && rules.onTimeout === 'Fail' && deadline !== undefined && deadline.getTime() <= this.#clock.now().getTime()
  }

  /** Keeps new pods and load balancers off a node; does nothing where that is so. */
  async isolate(node: NodeRef, mark: Mark, context: DrainContext): Promise<Written> {
    return await this.#isolate(node, mark, context, undefined)
  }

  /** Takes back what `isolate` did and nothing else, and forgets the drain. A node that is gone, or was never ours, is fine. */
  async release(node: NodeRef, mark: Mark, context: DrainContext): Promise<Written> {
    const written = await changeNode(this.#api, node, (found) => restoration(found, mark), context)
    this.#end(node.uid)
    if (written.kind === 'done' && written.changed) this.#metrics.ended('released')
    return written
  }

  /**
   * What the API server says of a node, for a caller that hands it over in a later pass than the one that said `empty`. `ignoreVolumes`: the drain was
   * forced, and volumes are not waited for.
   */
  async lastLook(request: Pick<DrainRequest, 'node' | 'mark' | 'state'> & { readonly ignoreVolumes?: boolean }, context: DrainContext): Promise<Look> {
    const { node, mark, state, ignoreVolumes = false } = request
    return await this.#look.look({ node, mark, claims: state?.claims === true, ignoreVolumes }, context)
  }

  /**
   * Lets Kubernetes forget the pods and volumes of a machine that is gone for good, where its Node is still there. Only after the cloud has said that
   * the instance is terminated. A Node that is Ready, or is another machine's by now, is left alone.
   */
  async outOfService(node: NodeRef & { readonly providerID: string }, context: DrainContext): Promise<Written> {
    const judge = (found: Node) => (found.spec.providerID === node.providerID ? outOfServiceMark(found) : ({ kind: 'nothing' } as const))
    return await changeNode(this.#api, node, judge, context)
  }

  /**
   * Whether `onTimeout: Force` could do what it says; to be asked before a drain begins, which waits for no answer: the API server judges each deletion.
   * Asked every 10 s at most. While it fails, what it said last; `undefined` when it has said nothing yet.
   */
  async mayForce(context: DrainContext): Promise<boolean | undefined> {
    return await this.#mayForce.ask(context)
  }

  /** What an update of the group with this UID would wait for, in words; `undefined` when it may begin, or has begun. It is not in the queue by this. */
  updateWaitsFor(group: string): string | undefined {
    return this.#places.wouldBegin(group) ? undefined : placesTaken(this.#places.limit, [...this.#updating().values()])
  }

  /**
   * Takes a place for an update of this group, or a place in the queue. It is kept as long as `updating` shows the update, and for 2 min until
   * that does; so whoever gets `true` stores in the group's status at once that it begins.
   */
  beginUpdate(group: string): boolean {
    return this.#mayBegin(group)
  }

  /** It does not begin, or `updating` shows it. */
  forgetUpdate(group: string): void {
    this.#places.leave(group)
    this.#metrics.places(this.#places.begun, this.#places.waiting)
  }

  async #isolate(node: NodeRef, mark: Mark, context: DrainContext, cached: Node | undefined): Promise<Written> {
    const started = this.#clock.monotonicMs()
    const isolating = changeNode(this.#api, node, (found) => isolation(found, mark), context, cached)
    this.#isolating.add(isolating)
    const written = await isolating.finally(() => this.#isolating.delete(isolating))
    if (written.kind === 'done' && written.changed) this.#metrics.isolated(this.#clock.monotonicMs() - started)
    return written
  }

  /** Waits a moment for nodes that are being isolated just now: the pods of this one shall not go to them. */
  async #afterIsolations(): Promise<void> {
    if (this.#isolating.size === 0) return
    const over = new AbortController()
    const longEnough = this.#clock.sleep(othersIsolateMs, { signal: over.signal }).catch(() => undefined)
    await Promise.race([Promise.allSettled(this.#isolating), longEnough])
    over.abort()
  }

  async #empty(request: DrainRequest, before: DrainState, node: Node, context: DrainContext): Promise<DrainResult> {
    const { node: ref, rules, mark } = request
    const cached = this.#cache.podsOn(ref.name)
    let state = this.#withClaims(before, cached)
    let input = this.#input(
      request,
      state,
      node,
      cached.map((pod) => toDrainPod(pod, this.#ownNamespace())),
    )
    let plan = planDrain(input)
    let permit = this.#evictor.permit(ref, plan, rules)
    if (permit.count > 0) {
      // who goes is decided on what is, not on what was: a watch that is silent, or refused, does not show what keeps a pod by now
      const pods = await this.#api.podsOn(ref.name, context)
      state = this.#withClaims(state, pods.map(projectPod))
      input = { ...input, ...this.#listed(ref, pods) }
      plan = planDrain(input)
    }
    if (plan.verdict === 'LooksEmpty') {
      const isForced = plan.pastDeadline && rules.onTimeout === 'Force'
      const look = await this.#look.look({ node: ref, mark, claims: state.claims === true, ignoreVolumes: isForced }, context)
      if (plan.pastDeadline && rules.onTimeout === 'Fail') {
        if (look.kind === 'volumes') return this.#failed(ref, state, blockedBy(look.blocked))
        // as in `drainNode`, where the cache does not show yet that it was given back
        if (look.kind === 'notIsolated') return this.#failed(ref, state, givenBack)
      }
      if (look.kind !== 'pods') return this.#looked(ref, state, look)
      state = this.#withClaims(state, look.pods.map(projectPod))
      input = { ...input, ...this.#listed(ref, look.pods), reach: reachOfNode(look.node, input.now) }
      plan = planDrain(input)
      if (permit.count === 0) permit = this.#evictor.permit(ref, plan, rules)
    }
    if (plan.verdict === 'Failed') return this.#failed(ref, state, progressOf(plan))
    return await this.#carryOut(request, { state, input, plan, permit }, context)
  }

  async #carryOut(request: DrainRequest, { state, input, plan, permit }: Planned, context: DrainContext): Promise<DrainResult> {
    const { uid } = request.node
    const accepted = await this.#evictor.carryOut(request, plan, input, permit, context)
    const returned = countReturns(state, accepted)
    const after: DrainState = returned.length === 0 ? state : { ...state, returned }
    // what is shown is what is known now; a pod that was asked about is blocked, or on its way
    const shown = planDrain({ ...input, answers: this.#memory.answers(uid, input.pods) })
    const progress = progressOf(shown)
    if (shown.verdict === 'LooksEmpty' || (shown.pods.length > 0 && permit.waitMs === 0)) return { state: after, progress, next: { kind: 'again' } }
    const untilDeadline = request.deadline === undefined ? 0 : request.deadline.getTime() - this.#clock.now().getTime()
    const times = [shown.pods.length > 0 ? permit.waitMs : 0, this.#memory.nextRetryMs(uid, input.pods) ?? 0, untilDeadline].filter((ms) => ms > 0)
    return { state: after, progress, next: { kind: 'wait', ms: Math.max(10, Math.min(pollMs, ...times)) } }
  }

  #input({ node: { uid }, rules, deadline }: DrainRequest, state: DrainState, node: Node, pods: readonly DrainPod[]): PlanInput {
    const now = this.#clock.now()
    const tooOften = (state.returned ?? []).filter(({ times }) => times >= maxReturns).map((one) => one.uid)
    const tolerating = new Map(tooOften.map((owner) => [owner, this.#memory.isTimeFor(uid, owner, tryToleratingEveryMs)]))
    return { pods, rules, now, deadline, reach: reachOfNode(node, now), answers: this.#memory.answers(uid, pods), tolerating }
  }

  /** What a plan is made of, when the API server has listed the pods just now. */
  #listed({ uid }: NodeRef, raw: readonly RawPod[]): Pick<PlanInput, 'pods' | 'answers'> {
    const pods = raw.map((pod) => rawToDrainPod(pod, this.#ownNamespace()))
    this.#memory.listed(uid, pods)
    return { pods, answers: this.#memory.answers(uid, pods) }
  }

  /** Remembers that some pod has a volume, before it goes. */
  #withClaims(state: DrainState, pods: readonly PodSummary[]): DrainState {
    return pods.some((pod) => hasClaim(pod) && hasToGo(toDrainPod(pod, this.#ownNamespace()))) ? { ...state, claims: true } : state
  }

  #looked(ref: NodeRef, state: DrainState, look: Exclude<Look, { readonly kind: 'pods' }>): DrainResult {
    switch (look.kind) {
      case 'gone':
        return this.#gone(ref, state)
      case 'empty':
        this.#end(ref.uid, 'empty')
        return { state: { ...state, step: 'Empty' }, progress: said('nothing is left that has to go'), next: { kind: 'empty' } }
      case 'notIsolated': {
        // somebody took our mark off; it is put on again, and the look repeated
        const { isolatedAt: _, ...rest } = state
        return { state: rest, progress: said('our mark was taken off the node and is put on again'), next: { kind: 'again' } }
      }
      case 'changed':
        return { state, progress: blockedBy([look.blocker]), next: { kind: 'wait', ms: waitForOtherMs } }
      case 'volumes':
        break
    }
    return { state, progress: blockedBy(look.blocked), next: { kind: 'wait', ms: pollMs } }
  }

  #mayBegin(uid: string): boolean {
    const may = this.#places.ask(uid)
    this.#metrics.places(this.#places.begun, this.#places.waiting)
    return may
  }

  #gone(node: NodeRef, state: DrainState | undefined): DrainResult {
    this.#end(node.uid, 'gone')
    return { state: { ...state, step: 'Gone' }, progress: said(`there is no Node ${node.name} any more`), next: { kind: 'gone' } }
  }

  #failed(node: NodeRef, state: DrainState, progress: DrainProgress): DrainResult {
    this.#end(node.uid, 'failed')
    return { state: { ...state, step: 'Failed' }, progress, next: { kind: 'failed' } }
  }

  #heldBy(node: NodeRef, by: Mark, state: DrainState | undefined): DrainResult {
    this.#places.leave(node.uid)
    return {
      state: { ...state, step: 'Waiting' },
      progress: blockedBy([heldByAnother(node.name, by, this.#ownerOf)]),
      next: { kind: 'wait', ms: waitForOtherMs },
    }
  }

  #end(node: string, how?: 'empty' | 'failed' | 'gone'): void {
    this.#places.leave(node)
    this.#limiter.forget(node)
    this.#memory.forget(node)
    this.#metrics.places(this.#places.begun, this.#places.waiting)
    if (how !== undefined) this.#metrics.ended(how)
  }

  /** Isolated nodes that have pods to go: the drains that have begun, whoever began them. */
  #draining(): ReadonlySet<string> {
    const begun = this.#begun()
    const draining = this.#cache.markedNodes().filter((node) => {
      const { metadata } = node
      return (isIsolated(node) || begun.has(metadata.uid)) && this.#cache.podsOn(metadata.name).some((pod) => hasToGo(toDrainPod(pod, this.#ownNamespace())))
    })
    return new Set(draining.map(({ metadata }) => metadata.uid))
  }
}
