import type { EksNodeGroup, ManagedEksNodeGroupSpec } from '../../crds/eks-node-group.ts'
import {
  type FinalizeResult,
  type Frozen,
  type ReconcileContext,
  type Reconciler,
  type Result,
  TerminalError,
  awaitChange,
  requeueAfter,
} from '../../runtime/reconciler.ts'
import { Agenda } from './agenda.ts'
import { adopt } from './acts/adopt.ts'
import { chooseRemovals } from './acts/choose-removals.ts'
import { correctConfig } from './acts/correct-config.ts'
import { correctTags } from './acts/correct-tags.ts'
import { create } from './acts/create.ts'
import { drainRemovals } from './acts/drain-removals.ts'
import { endInstances } from './acts/end-instances.ts'
import { fillSize } from './acts/fill-size.ts'
import { keepZones } from './acts/keep-zones.ts'
import { letGo } from './acts/let-go.ts'
import { recreate } from './acts/recreate.ts'
import { scale } from './acts/scale.ts'
import { settle } from './acts/settle.ts'
import { followVersion, updateVersion } from './acts/update-version.ts'
import { withdraw } from './acts/withdraw.ts'
import { lookAsNeeded } from './deletion/pace.ts'
import { release } from './deletion/release.ts'
import { namesNothing, releasedUnasked } from './deletion/released.ts'
import { standing } from './deletion/standing.ts'
import { finalizeGroup } from './finalize.ts'
import { FreshWishes } from './fresh-wishes.ts'
import { gather } from './gather.ts'
import { ChangedMeanwhileError, HeldMeanwhileError, askHold, confirmFree, sayHold, waitUnjudged, waitWhileHeld } from './holder.ts'
import { observe } from './observe.ts'
import { recallOrigin } from './recall-origin.ts'
import { refuseRead } from './refusal.ts'
import { approveAnnotation, inheritedApproval } from './updates/approval.ts'
import { hasRecovered, wantsChange } from './wants-change.ts'
import { OnceTokens } from './removals/once.ts'
import { stopManaging, stopsManaging } from './stop-managing.ts'
import { endWithoutTarget } from './target-gone.ts'
import { hasTwoOwners, withoutNumber } from './two-owners.ts'
import { AnnotationCritic } from './unclear-annotations.ts'
import { isAbandoned, waysOut } from './ways-out.ts'
import { isResting, pollDelayMs, restMs } from './operation.ts'
import { type Act, type GroupDraft, type Pass, type Report, type Seen, groupName } from './pass.ts'
import type { GroupTarget, SizePort, Surroundings, TargetsPort } from './ports.ts'
import { cost } from './reports/cost.ts'
import { healthy } from './reports/healthy.ts'
import { inSync } from './reports/in-sync.ts'
import { nodesReady } from './reports/nodes-ready.ts'
import { provisioned } from './reports/provisioned.ts'
import { selector } from './reports/selector.ts'
import { upToDate } from './reports/up-to-date.ts'
import { withinLimits } from './reports/within-limits.ts'
import { zonesEven } from './reports/zones-even.ts'

/** Each says one condition from what was seen. */
const reports: readonly Report[] = [provisioned, selector, nodesReady, healthy, zonesEven, withinLimits, inSync, upToDate, cost]

/** What may be changed outside, in this order; the first that has something to do ends the pass. */
const acts: readonly Act[] = [
  adopt,
  fillSize,
  create,
  recreate,
  chooseRemovals,
  drainRemovals,
  settle,
  followVersion,
  correctConfig,
  correctTags,
  scale,
  withdraw,
  keepZones,
  letGo,
  endInstances,
  updateVersion,
]

type TargetUse = Parameters<TargetsPort['find']>[1]

interface Deps {
  readonly targets: TargetsPort
  readonly sizes: SizePort
  readonly surroundings: Surroundings
}

/** Keeps one EKS managed node group as its EksNodeGroup says, and never lets AWS choose which node dies. */
export class EksNodeGroupReconciler implements Reconciler<EksNodeGroup> {
  /** Whose next pass reads at once what it otherwise remembers. */
  readonly wishes = new FreshWishes()
  /** Tells people whose annotation means nothing. */
  readonly critic = new AnnotationCritic()
  readonly #deps: Deps
  readonly #once: OnceTokens

  constructor(deps: Deps) {
    this.#deps = deps
    this.#once = new OnceTokens({ id: deps.surroundings.newToken })
  }

  async reconcile(draft: GroupDraft, context: ReconcileContext): Promise<Result> {
    rememberInherited(draft)
    const { metadata, spec } = draft.object
    this.critic.tell(metadata, context)
    const hold = sayHold(draft, context, this.#deps.surroundings)
    // A group that is only observed passes no role, whatever its spec still says from before.
    const roleArn = spec.policy.management === 'Observe' ? undefined : spec.nodeRoleArn
    const target = this.#target(draft, { namespace: metadata.namespace ?? '', roleArn })
    if ('kind' in target) return target
    const stops = stopsManaging(draft)
    const pass = await this.#look(draft, context, target, { held: hold !== undefined, fresh: stops })
    if ('kind' in pass) return pass
    if (stops) return await stopManaging(pass, hold)
    if (pass.spec.policy.management === 'Observe') return observe(pass)
    // Said only of what is not in the spec; from now on `drift` says what differs from it.
    delete draft.status.observed
    recallOrigin(pass)
    for (const report of reports) report(pass)
    if (hold !== undefined) return waitWhileHeld(draft, hold, { unfinished: wantsChange(pass) || nodesLeave(draft) })
    for (const act of acts) {
      const result = await act(pass)
      if (result !== undefined) return pass.agenda.sooner(result)
    }
    return pass.agenda.sooner(rest(pass))
  }

  /** Removes what we made. It goes on also where a namespace or a role is no longer allowed: only what bears this object's own mark is touched. */
  async finalize(draft: GroupDraft, context: ReconcileContext): Promise<FinalizeResult> {
    this.critic.tell(draft.object.metadata, context)
    const found = this.#deps.targets.find(draft.object.spec.targetClusterRef.name, 'CleanUp')
    const released = releasedUnasked(draft, found)
    if (released !== undefined) return await this.#release(draft, context, released)
    const hold = sayHold(draft, context, this.#deps.surroundings)
    const isUnknown = namesNothing(draft.status)
    try {
      if (found.state === 'gone' && (hold === undefined || isUnknown)) return await endWithoutTarget(draft, context, found, this.#deps.surroundings.now())
      const target = this.#target(draft, 'CleanUp', found)
      if ('kind' in target) return target
      const pass = await this.#look(draft, context, target, { deleting: true, held: hold !== undefined })
      if ('kind' in pass) return pass
      if (isUnknown) recallOrigin(pass)
      const kept = releasedUnasked(draft, found)
      if (kept !== undefined) return await this.#release(draft, context, kept)
      // Nobody is held back from hearing that there is nothing.
      const isNothing = isUnknown && pass.seen.group === undefined
      return hold === undefined || isNothing ? await finalizeGroup(pass) : waitWhileHeld(draft, hold, { unfinished: true })
    } catch (error) {
      if (!(error instanceof TerminalError) || !(lasting.has(error.reason) || isUnknown)) throw error
      throw new TerminalError(error.reason, `${error.message}. ${waysOut(draft.object)}`, { cause: error })
    }
  }

  /** The group stays, and the object goes; what else of ours stands there comes off first, where that can be done. */
  async #release(draft: GroupDraft, context: ReconcileContext, why: string): Promise<FinalizeResult> {
    const { surroundings, targets } = this.#deps
    const found = targets.find(draft.object.spec.targetClusterRef.name, 'CleanUp')
    const isReady = found.state === 'ready'
    let hold = sayHold(draft, context, surroundings)
    try {
      // What stands is about to be taken back.
      if (hold === undefined && isReady && !isAbandoned(draft) && standing(draft).length > 0) hold = await askHold(draft, context, surroundings)
    } catch (error) {
      if (error instanceof ChangedMeanwhileError) return asBefore(draft, { unjudged: true })
      throw error
    }
    return await release(draft, context, {
      why,
      hold,
      surroundings,
      name: groupName(draft.object),
      target: hold !== undefined || !isReady ? undefined : found.target,
      isGone: found.state === 'gone',
      look: async (target, limited) => await this.#look(draft, limited, target, { held: false, fresh: true }),
    })
  }

  /** The target, or what to do while there is none. */
  #target(draft: GroupDraft, use: TargetUse, found = this.#deps.targets.find(draft.object.spec.targetClusterRef.name, use)): GroupTarget | Result {
    const { object, conditions } = draft
    if (found.state === 'ready') return found.target
    // After a start, and while credentials rotate: no news for anybody, unless there is a new spec to be judged.
    if (found.state === 'connecting' && object.status?.observedGeneration === object.metadata.generation) return asBefore(draft)
    if (found.state === 'refused') throw new TerminalError(found.reason, found.message)
    const message = use === 'CleanUp' && found.state !== 'connecting' ? `${found.message}. ${waysOut(object)}` : found.message
    // An object that is being deleted says in `Ready` what it waits for.
    if (use === 'CleanUp') conditions.reconciling(found.reason, message)
    if (found.state === 'unreachable') conditions.readyUnknown(found.reason, message)
    else conditions.setFalse('Provisioned', found.reason, message)
    return found.state === 'missing' ? awaitChange : requeueAfter(restMs)
  }

  /** What the cloud and the cluster say, or what to do while AWS does not. */
  async #look(
    draft: GroupDraft,
    context: ReconcileContext,
    target: GroupTarget,
    options: { readonly held: boolean; readonly deleting?: boolean; readonly fresh?: boolean },
  ): Promise<Pass | Result> {
    const { object, conditions } = draft
    const name = groupName(object)
    // A CEL rule sees to it that a spec which is not only observed has the fields of a managed one.
    const wanted = object.spec as Frozen<ManagedEksNodeGroupSpec>
    const { sizes, surroundings } = this.#deps
    const look = async (fresh: boolean): Promise<Pass> => {
      const wish = this.wishes.of(object.metadata.uid)
      const asksNow = fresh || wish?.what === 'Everything'
      const [found] = await Promise.all([
        gather(target, name, { signal: context.signal, fresh: asksNow, countsFresh: wish !== undefined, now: surroundings.now }),
        // Who looks afresh is about to act, and a drain acts on the nodes.
        !options.held && (fresh || nodesLeave(draft)) ? confirmFree(draft, context, surroundings) : undefined,
      ])
      if (wish !== undefined) this.wishes.granted(object.metadata.uid, wish)
      const isShared = options.deleting !== true && (await hasTwoOwners(wanted, found, target))
      const seen: Seen = isShared ? { ...found, twoOwners: true } : found
      const spec = isShared ? withoutNumber(wanted) : wanted
      return { draft, spec, context, target, seen, sizes, surroundings, agenda: new Agenda(), once: this.#once, lateNodesStayEmpty: false, name }
    }
    try {
      // Nothing is begun while somebody holds it back, maybe for days: the pace is that of rest.
      if (options.held) return await look(false)
      if (options.fresh) return await look(true)
      if (options.deleting === true) return await lookAsNeeded(draft, look)
      if (isMoving(draft, surroundings.now()) || !conditions.isTrue('Provisioned') || nodesAreComing(draft, surroundings.now())) return await look(true)
      const pass = await look(false)
      // Nothing is begun on an answer that may be minutes old (aws-rules B1).
      return wantsChange(pass) || hasRecovered(pass) ? await look(true) : pass
    } catch (error) {
      if (error instanceof HeldMeanwhileError) return waitUnjudged(error.hold)
      return error instanceof ChangedMeanwhileError ? asBefore(draft, { unjudged: true }) : refuseRead(draft, error)
    }
  }
}

/** The cluster is not there, or the target names none: a deletion can wait for it for ever. */
const lasting: ReadonlySet<string> = new Set(['ClusterNotFound', 'NoEksCluster'])

/** Whether nodes are on their way out. */
function nodesLeave({ status }: GroupDraft): boolean {
  return status.removals?.some(({ state }) => state !== 'Gone' && state !== 'Refused') === true
}

/** Nothing was looked at: all that the last pass said stands, also what a pass otherwise has to say anew. */
function asBefore({ object, conditions }: GroupDraft, options: { readonly unjudged?: true } = {}): Result {
  for (const { type, reason, message } of object.status?.conditions ?? []) {
    if (type === 'Reconciling') conditions.reconciling(reason, message)
    if (type === 'Stalled') conditions.stalled(reason, message)
  }
  return requeueAfter(2_000, options)
}

/** Whether something was asked of AWS whose outcome is not seen yet. */
function isMoving({ status }: GroupDraft, now: Date): boolean {
  return status.operation !== undefined && !isResting(status.operation, now)
}

/** As long as an instance may take to join; afterwards it is waited for at the pace of rest. */
const comingMs = 15 * 60_000

/**
 * Instances boot or join right now, as far as the last pass knew. A shortage, a broken node, or a group that launches nothing can last for days and
 * is looked at like one at rest.
 */
function nodesAreComing({ object, conditions }: GroupDraft, now: Date): boolean {
  if (!['WaitingForInstances', 'WaitingForNodes', 'Pending'].includes(conditions.get('NodesReady').reason)) return false
  const before = object.status?.conditions?.find(({ type }) => type === 'NodesReady')
  return before === undefined || before.status === 'True' || now.getTime() - Date.parse(before.lastTransitionTime) < comingMs
}

/** Nothing left to change: wait for nodes, or look again at the pace of the shared reads. */
function rest({ draft, surroundings }: Pass): Result {
  const { conditions } = draft
  const nodes = conditions.get('NodesReady')
  if (nodes.status === 'True') return requeueAfter(restMs)
  conditions.reconciling(nodes.reason, nodes.message)
  return requeueAfter(nodesAreComing(draft, surroundings.now()) ? pollDelayMs(10_000) : restMs)
}

/** An approval that is older than the object approves nothing, also later. */
function rememberInherited({ object, status }: GroupDraft): void {
  const isNew = object.status?.observedGeneration === undefined
  const inherited = inheritedApproval(object.metadata.annotations?.[approveAnnotation], { isNew, stored: status.inheritedApproval })
  if (inherited === undefined) delete status.inheritedApproval
  else status.inheritedApproval = inherited
}
