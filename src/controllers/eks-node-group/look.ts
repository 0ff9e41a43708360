import type { ManagedEksNodeGroupSpec } from '../../crds/eks-node-group.ts'
import type { Frozen, Result } from '../../runtime/reconciler.ts'
import { Agenda } from './agenda.ts'
import { asBefore } from './as-before.ts'
import { mayArrive } from './creation.ts'
import { lookAsNeeded } from './deletion/look-as-needed.ts'
import { FreshWishes } from './fresh-wishes.ts'
import { gather } from './gather.ts'
import { ChangedMeanwhileError, HeldMeanwhileError, confirmFree, waitUnjudged } from './holder.ts'
import { isMoving, nodesAreComing, nodesLeave } from './pace.ts'
import { type GroupContext, type GroupDraft, type Pass, type Seen, groupName } from './pass.ts'
import type { GroupTarget, SizePort, Surroundings } from './ports.ts'
import { refuseRead } from './refusal.ts'
import { EksLag } from './eks-lag.ts'
import { OnceTokens } from './removals/once.ts'
import { SentCalls } from './sent-calls.ts'
import { RefusedSettings } from './settings/refused-settings.ts'
import { hasTwoOwners, withoutNumber } from './two-owners.ts'
import { hasRecovered, wantsChange } from './wants-change.ts'

export interface LookOptions {
  /** Somebody holds the object back: nothing is begun. */
  readonly held: boolean
  readonly deleting?: boolean
  /** Whatever the pace: the pass is about to act. */
  readonly fresh?: boolean
  /** What AWS says to a read that it refuses is thrown as it is. */
  readonly throws?: boolean
}

interface Deps {
  readonly sizes: SizePort
  readonly surroundings: Surroundings
}

/** Looks at the world at the pace that the object needs: shared reads at rest, answers of this moment where something is about to be done. */
export class Look {
  /** Whose next pass reads at once what it otherwise remembers. */
  readonly wishes = new FreshWishes()
  readonly #deps: Deps
  readonly #once: OnceTokens
  readonly #calls = new SentCalls()
  readonly #eksLag = new EksLag()
  readonly #refused = new RefusedSettings()

  constructor(deps: Deps) {
    this.#deps = deps
    this.#once = new OnceTokens({ id: deps.surroundings.newToken })
  }

  /** The object is gone. */
  forget(uid: string): void {
    this.wishes.forget(uid)
    this.#refused.forgetObject(uid)
  }

  /** Whether the object's group may show yet, which EKS was asked for a moment ago. */
  mayArrive(draft: GroupDraft): boolean {
    return mayArrive({ draft, calls: this.#calls, surroundings: this.#deps.surroundings })
  }

  /** What the cloud and the cluster say, or what to do while AWS does not. */
  async at(draft: GroupDraft, context: GroupContext, target: GroupTarget, options: LookOptions): Promise<Pass | Result> {
    const { object, conditions } = draft
    const name = groupName(object)
    // A CEL rule sees to it that a spec which is not only observed has the fields of a managed one.
    const wanted = object.spec as Frozen<ManagedEksNodeGroupSpec>
    const { sizes, surroundings } = this.#deps
    const look = async (fresh: boolean): Promise<Pass> => {
      const wish = this.wishes.of(object.metadata.uid)
      const asksNow = fresh || wish?.what === 'Everything'
      const asksFree = !options.held && (fresh || nodesLeave(draft))
      const freeAt = asksFree ? surroundings.now() : undefined
      const [found] = await Promise.all([
        gather(target, name, { signal: context.signal, fresh: asksNow, countsFresh: wish !== undefined, now: surroundings.now }),
        // Who looks afresh is about to act, and a drain acts on the nodes.
        asksFree ? confirmFree(draft, context, surroundings) : undefined,
      ])
      if (wish !== undefined) this.wishes.granted(object.metadata.uid, wish)
      const isShared = options.deleting !== true && (await hasTwoOwners(wanted, found, target))
      const seen: Seen = isShared ? { ...found, twoOwners: true } : found
      const spec = isShared ? withoutNumber(wanted) : wanted
      const remembered = { once: this.#once, calls: this.#calls, eksLag: this.#eksLag, refused: this.#refused }
      const known = { draft, spec, context, target, seen, freeAt, held: options.held, sizes, surroundings, name }
      return { ...known, ...remembered, agenda: new Agenda(), lateNodesStayEmpty: false }
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
      if (error instanceof ChangedMeanwhileError) return asBefore(draft, { unjudged: true })
      if (options.throws === true) throw error
      return refuseRead(draft, error)
    }
  }
}
