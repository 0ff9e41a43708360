import type { TargetCluster } from '../../crds/target-cluster.ts'
import type { ObjectMeta } from '../../kube/objects.ts'
import { AnnotationCritic } from '../../runtime/annotation-critic.ts'
import { holdOf, newComplaints } from '../../runtime/freeze.ts'
import {
  type Draft,
  type FinalizeResult,
  type ReconcileContext,
  type Reconciler,
  type Result,
  TerminalError,
  finalized,
  requeueAfter,
} from '../../runtime/reconciler.ts'
import { inWords, isAbandoned, tellAbandoned, unclearAnnotations, wayOut } from './leaving.ts'
import type { TargetPass } from './pass.ts'
import type { TargetClusterDeps } from './ports.ts'
import { checkSpec } from './steps/check-spec.ts'
import { cloudReachable } from './steps/cloud-reachable.ts'
import { countNodes } from './steps/count-nodes.ts'
import { nameSecret, releaseSecret } from './steps/hold-secret.ts'
import { endpointUnknown, kubernetesReachable } from './steps/kubernetes-reachable.ts'
import { listGroups } from './steps/list-groups.ts'
import { sayUser } from './steps/say-user.ts'
import type { Targets } from './targets.ts'

/** How often a target that stands still is looked at. Only reads; a status that says the same is not written (P7). */
const lookMs = 30_000

/** Keeps the connection to one target cluster open and tells what is there. */
export class TargetClusterReconciler implements Reconciler<TargetCluster> {
  /** Tells people whose annotation means nothing. */
  readonly #critic = new AnnotationCritic(unclearAnnotations)
  readonly #deps: TargetClusterDeps
  readonly #targets: Targets

  constructor(deps: TargetClusterDeps, targets: Targets) {
    this.#deps = deps
    this.#targets = targets
  }

  async reconcile(draft: Draft<TargetCluster>, context: ReconcileContext): Promise<Result> {
    const pass = this.#pass(draft, context)
    // Said first: what is wrong elsewhere ends the pass.
    const endsInMs = this.#sayHold(pass)
    sayUser(pass)
    checkSpec(pass)
    const named = await nameSecret(pass)
    if (named !== undefined) return named
    const refused = await this.#look(pass)
    if (refused !== undefined) draft.conditions.stalled(refused.reason, refused.message)
    return requeueAfter(Math.min(lookMs, endsInMs ?? lookMs))
  }

  /** Says what holds back all changes in its groups, and which words of people about that mean nothing. Answers when a freeze ends by itself, if one does. */
  #sayHold({ draft: { object, conditions }, context, deps }: TargetPass): number | undefined {
    this.#critic.tell(object.metadata, context)
    const now = deps.now()
    const holders = [{ what: 'this object', suspend: object.spec.suspend, annotations: object.metadata.annotations }, ...deps.others.holders()]
    for (const note of newComplaints(holders, object.status?.conditions, now))
      context.event({ type: 'Warning', reason: 'FreezeUnclear', action: 'Freeze', note })
    const hold = holdOf(holders, now)
    if (hold !== undefined) conditions.paused(hold.reason, hold.message)
    return hold?.endsInMs
  }

  /** A target stays while something names it: whoever needs it to clean up would be stuck without. */
  async finalize(draft: Draft<TargetCluster>, context: ReconcileContext): Promise<FinalizeResult> {
    const { name } = draft.object.metadata
    const pass = this.#pass(draft, context)
    const endsInMs = this.#sayHold(pass)
    sayUser(pass)
    const users = inWords(this.#deps.others.users(name))
    const abandoned = isAbandoned(draft)
    if (users !== undefined && !abandoned) {
      draft.conditions.reconciling('InUse', `in use by ${users}: delete them first. ${wayOut(draft)}`)
      await this.#lookForOthers(pass)
      return requeueAfter(Math.min(lookMs, endsInMs ?? lookMs))
    }
    const released = await pass.facts.connection?.lease.release(context.signal)
    await releaseSecret(pass)
    if (abandoned) tellAbandoned(pass, [...(users === undefined ? [] : [`${users} that named it`]), ...(released === true ? [] : ['its Lease in the target'])])
    // Whose Secret it is shared with may not see yet that it goes.
    this.#close(draft.object.metadata)
    return finalized
  }

  /** Closes the connection of an object that is gone, whoever took its finalizer away, and forgets what was known of it. */
  release(metadata: Pick<ObjectMeta, 'name' | 'uid'>): void {
    this.#close(metadata)
    this.#deps.secretHolds.forget(metadata.uid)
  }

  #close({ name, uid }: Pick<ObjectMeta, 'name' | 'uid'>): void {
    this.#deps.connections.close(name)
    this.#targets.forget(name, uid)
    this.#critic.forget(uid)
  }

  #pass(draft: Draft<TargetCluster>, context: ReconcileContext): TargetPass {
    const { name, uid } = draft.object.metadata
    return { draft, context, deps: this.#deps, facts: this.#targets.facts(name, uid), name }
  }

  /** The object may go during the pass, which then opened for nobody. */
  async #look(pass: TargetPass): Promise<TerminalError | undefined> {
    try {
      return await look(pass)
    } catch (error) {
      // They come by themselves, as from an agent on a node that has just begun.
      if (error instanceof TerminalError && error.reason === 'NoCredentials') return error
      throw error
    } finally {
      const { metadata } = pass.draft.object
      if (!this.#targets.has(metadata.name, metadata.uid)) this.release(metadata)
    }
  }

  /** A target that waits for its users stays open for them: they need it to clean up, also after this process started anew. */
  async #lookForOthers(pass: TargetPass): Promise<void> {
    try {
      await this.#look(pass)
    } catch (error) {
      if (!(error instanceof TerminalError)) throw error // else its condition says it
    }
  }
}

/**
 * Asks Kubernetes and AWS. Answers why Kubernetes cannot be reached at all, if so: what mends that (a Secret, a role in the target) wakes nobody, so
 * it is looked at as often as a target that works, and nobody acts meanwhile on what was known of the nodes.
 */
async function look(pass: TargetPass): Promise<TerminalError | undefined> {
  // Only EKS says where the API server is, and whether the one that answers is meant.
  const byToken = pass.draft.object.spec.connection.eksToken !== undefined
  const eksFirst = byToken || pass.facts.api === undefined
  let ofEks: TerminalError | undefined
  if (byToken) await askEksFirst(pass)
  else if (eksFirst) ofEks = await sayOfEks(pass)
  try {
    await kubernetesReachable(pass)
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error
    pass.facts.blocked = true
    delete pass.facts.unreachable
    if (!eksFirst) await sayOfEks(pass)
    return error
  }
  if (ofEks !== undefined) throw ofEks
  if (!eksFirst) await cloudReachable(pass)
  countNodes(pass)
  await listGroups(pass)
  return undefined
}

/**
 * What EKS says of the cluster, also where that ends nothing yet: one that is gone is often one that can no longer be connected to either, and its groups are to
 * end all the same. Answers what will end the pass.
 */
async function sayOfEks(pass: TargetPass): Promise<TerminalError | undefined> {
  try {
    await cloudReachable(pass)
    return undefined
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error // else its condition says it
    return error
  }
}

async function askEksFirst(pass: TargetPass): Promise<void> {
  try {
    await cloudReachable(pass)
  } catch (error) {
    if (error instanceof TerminalError && pass.facts.api === undefined) endpointUnknown(pass)
    throw error
  }
}
