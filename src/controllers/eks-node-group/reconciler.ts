import type { EksNodeGroup } from '../../crds/eks-node-group.ts'
import { AnnotationCritic } from '../../runtime/annotation-critic.ts'
import { type FinalizeResult, type ReconcileContext, type Reconciler, type Result, TerminalError } from '../../runtime/reconciler.ts'
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
import { protectLate, withdraw } from './acts/withdraw.ts'
import { keepGroup } from './deletion/keep-group.ts'
import { namesNothing, releasedUnasked } from './deletion/released.ts'
import { finalizeGroup } from './finalize.ts'
import type { FreshWishes } from './fresh-wishes.ts'
import { sayHold, waitWhileHeld } from './holder.ts'
import { Look } from './look.ts'
import { observe } from './observe.ts'
import { nodesLeave, rest } from './pace.ts'
import type { Act, GroupDraft, Pass, Report } from './pass.ts'
import type { SizePort, Surroundings, TargetsPort } from './ports.ts'
import { forgetFormerGroup, recallOrigin } from './recall-origin.ts'
import { refusedByTarget } from './refused-by-target.ts'
import { cost } from './reports/cost.ts'
import { healthy } from './reports/healthy.ts'
import { inSync } from './reports/in-sync.ts'
import { nodesReady } from './reports/nodes-ready.ts'
import { provisioned } from './reports/provisioned.ts'
import { selector } from './reports/selector.ts'
import { upToDate } from './reports/up-to-date.ts'
import { sayRulingSize, wantedSize } from './reports/wanted-size.ts'
import { withinLimits } from './reports/within-limits.ts'
import { zonesEven } from './reports/zones-even.ts'
import { stopManaging, stopsManaging } from './stop-managing.ts'
import { endWithoutTarget } from './target-gone.ts'
import { sayRefusedSettings } from './settings/say-refused-settings.ts'
import { targetOf } from './target-of.ts'
import { unclearAnnotations } from './unclear-annotations.ts'
import { rememberInherited } from './updates/approval.ts'
import { wantsChange } from './wants-change.ts'
import { waysOut } from './ways-out.ts'
import { refuseWrongCluster } from './wrong-cluster.ts'

/** Each says one condition from what was seen. */
const reports: readonly Report[] = [provisioned, selector, nodesReady, healthy, zonesEven, wantedSize, withinLimits, inSync, upToDate, cost]

/** What may be changed outside, in this order; the first that has something to do ends the pass. */
const acts: readonly Act[] = [
  adopt,
  fillSize,
  create,
  recreate,
  protectLate,
  chooseRemovals,
  drainRemovals,
  settle,
  followVersion,
  correctConfig,
  correctTags,
  scale,
  keepZones,
  withdraw,
  letGo,
  endInstances,
  updateVersion,
]

interface Deps {
  readonly targets: TargetsPort
  readonly sizes: SizePort
  readonly surroundings: Surroundings
}

/** Keeps one EKS managed node group as its EksNodeGroup says, and never lets AWS choose which node dies. */
export class EksNodeGroupReconciler implements Reconciler<EksNodeGroup> {
  /** Tells people whose annotation means nothing. */
  readonly critic = new AnnotationCritic(unclearAnnotations)
  readonly #deps: Deps
  readonly #look: Look

  constructor(deps: Deps) {
    this.#deps = deps
    this.#look = new Look(deps)
  }

  /** Whose next pass reads at once what it otherwise remembers. */
  get wishes(): FreshWishes {
    return this.#look.wishes
  }

  /** The object is gone: what is remembered of it goes. */
  forget(uid: string): void {
    this.critic.forget(uid)
    this.#look.forget(uid)
  }

  async reconcile(draft: GroupDraft, context: ReconcileContext): Promise<Result> {
    rememberInherited(draft)
    sayRulingSize(draft)
    const { metadata, spec } = draft.object
    this.critic.tell(metadata, context)
    const hold = sayHold(draft, context, this.#deps.surroundings)
    // A group that is only observed passes no role, whatever its spec still says from before.
    const roleArn = spec.policy.management === 'Observe' ? undefined : spec.nodeRoleArn
    const use = { namespace: metadata.namespace ?? '', roleArn }
    const { name } = spec.targetClusterRef
    const found = this.#deps.targets.find(name, use)
    // Where nothing is allowed, our marks still come off.
    refuseWrongCluster(draft, found.state === 'refused' ? this.#deps.targets.find(name, 'CleanUp') : found)
    if (found.state === 'refused') return await refusedByTarget(draft, context, { ...this.#deps, hold, refusal: found })
    const target = targetOf(draft, use, found)
    if ('kind' in target) return target
    const stops = stopsManaging(draft)
    const pass = await this.#look.at(draft, context, target, { held: hold !== undefined, fresh: stops })
    if ('kind' in pass) return pass
    forgetFormerGroup(pass)
    if (stops) return await stopManaging(pass, hold)
    if (pass.spec.policy.management === 'Observe') return observe(pass)
    // Said only of what is not in the spec; from now on `drift` says what differs from it.
    delete draft.status.observed
    recallOrigin(pass)
    for (const report of reports) report(pass)
    if (hold !== undefined) return waitWhileHeld(draft, hold, { unfinished: wantsChange(pass) || nodesLeave(draft) })
    return await actOn(pass)
  }

  /** Removes what we made. It goes on also where a namespace or a role is no longer allowed: only what bears this object's own mark is touched. */
  async finalize(draft: GroupDraft, context: ReconcileContext): Promise<FinalizeResult> {
    this.critic.tell(draft.object.metadata, context)
    const found = this.#deps.targets.find(draft.object.spec.targetClusterRef.name, 'CleanUp')
    const released = releasedUnasked(draft, found)
    if (released !== undefined) return await this.#keepGroup(draft, context, released)
    const hold = sayHold(draft, context, this.#deps.surroundings)
    const isUnknown = namesNothing(draft.status)
    try {
      refuseWrongCluster(draft, found)
      if (found.state === 'gone' && (hold === undefined || isUnknown)) return await endWithoutTarget(draft, context, found, this.#look)
      const target = targetOf(draft, 'CleanUp', found)
      if ('kind' in target) return target
      const pass = await this.#look.at(draft, context, target, { deleting: true, held: hold !== undefined })
      if ('kind' in pass) return pass
      const isAnother = forgetFormerGroup(pass)
      if (isUnknown || isAnother) recallOrigin(pass)
      const kept = releasedUnasked(draft, found)
      if (kept !== undefined) return await this.#keepGroup(draft, context, kept)
      // Nobody is held back from hearing that there is nothing.
      const isNothing = isUnknown && pass.seen.group === undefined
      return hold === undefined || isNothing ? await finalizeGroup(pass) : waitWhileHeld(draft, hold, { unfinished: true })
    } catch (error) {
      if (!(error instanceof TerminalError) || !(lasting.has(error.reason) || isUnknown)) throw error
      throw new TerminalError(error.reason, `${error.message}. ${waysOut(draft.object)}`, { cause: error })
    }
  }

  async #keepGroup(draft: GroupDraft, context: ReconcileContext, why: string): Promise<FinalizeResult> {
    return await keepGroup(draft, context, { why, ...this.#deps, look: this.#look })
  }
}

/** The cluster is not there, or the target names none, or another: a deletion can wait for it for ever. */
const lasting: ReadonlySet<string> = new Set(['ClusterNotFound', 'NoEksCluster', 'WrongCluster'])

/** The first act that has something to do ends the pass. Settings that AWS refuses are told whatever it ends with. */
async function actOn(pass: Pass): Promise<Result> {
  const reported = pass.draft.conditions.get('InSync')
  let acted = true
  try {
    for (const act of acts) {
      const result = await act(pass)
      if (result !== undefined) return pass.agenda.sooner(result)
    }
    acted = false
    return pass.agenda.sooner(rest(pass))
  } finally {
    sayRefusedSettings(pass, { acted, reported })
  }
}
