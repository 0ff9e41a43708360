import { backoffMs } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import type { Blocker } from '../scaling/drain/blocker.ts'
import type { Answer } from '../scaling/drain/plan.ts'
import type { DrainPod } from '../scaling/drain/pod.ts'
import { type Outcome, isRefusal } from './answers.ts'

type Act = 'Evict' | 'Delete'

type Remembered =
  | { readonly kind: 'Accepted' | 'Gone'; readonly atMs: number }
  | {
      readonly kind: 'Held'
      readonly act: Act
      /** How often in a row each call was refused, and why: under `Force` evictions and deletions take turns. */
      readonly refusals: Readonly<Partial<Record<Act, Refusals>>>
      readonly refused: boolean
      readonly budget: string | undefined
      readonly retryAtMs: number
    }

interface Refusals {
  readonly failures: number
  readonly blocker: Blocker | undefined
}

interface NodeMemory {
  /** What was said of each pod last, by UID. */
  readonly pods: Map<string, Remembered>
  /** When one of a controller's pods was tried last, by the controller's UID. */
  readonly tried: Map<string, number>
  usedMs: number
}

/** A budget that said no lately: how many of its pods may be tried at once, and when. */
interface BudgetHold {
  atOnce: number
  failures: number
  retryAtMs: number
  refusedAtMs: number
}

/** An eviction that was taken, or a pod that is gone, shows in the cache long before this; else the cache is ill, and asking again is harmless. */
const believedForMs = 60_000
/** Longer than anybody asks `isTimeFor`. */
const keepTriedMs = 600_000
/** Pods that are evicted together are refused together, and that is one refusal. */
const oneRoundMs = 500
/**
 * A drain that goes on has a pass every few seconds. What was said before a freeze, or before the target was out of reach, says nothing of today: its
 * pods are asked anew before one is deleted.
 */
const forgetNodesAfterMs = 60_000

/**
 * What the API server said about the pods of the drains of one target: only so that calls are not repeated for nothing. A process that has forgotten it
 * asks once more, each time by UID, and comes to the same end.
 */
export class DrainMemory {
  readonly #clock: Clock
  readonly #random: Random
  /** By UID of the node. */
  readonly #nodes = new Map<string, NodeMemory>()
  readonly #budgets = new Map<string, BudgetHold>()

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  /** What is known of these pods. All that one budget holds are due at the same time; it is the plan that lets only a few of them ask. */
  answers(node: string, pods: readonly DrainPod[]): Map<string, Answer> {
    const now = this.#clock.monotonicMs()
    const known = this.#node(node).pods
    const answers = new Map<string, Answer>()
    for (const { uid } of pods) {
      const what = known.get(uid)
      if (what === undefined || (what.kind !== 'Held' && now - what.atMs > believedForMs)) continue
      answers.set(uid, what.kind === 'Held' ? this.#held(what, now) : { kind: what.kind })
    }
    return answers
  }

  /**
   * The API server lists these pods: none is gone, whatever it said before. Such a one is waited for, and asked again when what was said is old. What is not
   * listed is soon forgotten: a drain may last for days, and pods come and go.
   */
  listed(node: string, pods: readonly DrainPod[]): void {
    const { pods: known, tried } = this.#node(node)
    const now = this.#clock.monotonicMs()
    const listed = new Set(pods.map(({ uid }) => uid))
    for (const [uid, what] of known) {
      if (!listed.has(uid) && now - lastOf(what) > believedForMs) known.delete(uid)
      else if (listed.has(uid) && what.kind === 'Gone') known.set(uid, { ...what, kind: 'Accepted' })
    }
    for (const [controller, atMs] of tried) if (now - atMs > keepTriedMs) tried.delete(controller)
  }

  /** Call it as soon as a pod is about to be tried, so that another drain does not try its budget at the same time. */
  trying(node: string, pod: DrainPod): void {
    const { pods, tried } = this.#node(node)
    if (pod.controller !== undefined) tried.set(pod.controller.uid, this.#clock.monotonicMs())
    const what = pods.get(pod.uid)
    const hold = what?.kind === 'Held' && what.budget !== undefined ? this.#budgets.get(what.budget) : undefined
    if (hold !== undefined && hold.atOnce <= 1) hold.retryAtMs = this.#clock.monotonicMs() + 1000
  }

  tell(node: string, pod: DrainPod, act: Act, outcome: Outcome): void {
    const now = this.#clock.monotonicMs()
    const { pods } = this.#node(node)
    const before = pods.get(pod.uid)
    const held = before?.kind === 'Held' ? before : undefined
    if (outcome.kind !== 'Held') {
      pods.set(pod.uid, { kind: outcome.kind, atMs: now })
      if (held?.budget !== undefined && outcome.kind === 'Accepted') this.#opened(held.budget, now)
      return
    }
    const last = held?.refusals[act]
    const failures = (last?.failures ?? 0) + 1
    const refusals = { ...held?.refusals, [act]: { failures, blocker: stillSaid(outcome.blocker, last?.blocker) } }
    const { budget, firstRetryMs, lastRetryMs } = outcome
    const delayMs = backoffMs(failures, { baseMs: firstRetryMs, capMs: lastRetryMs, jitter: 0.2 }, this.#random)
    if (budget !== undefined) this.#refused(budget, now, outcome)
    pods.set(pod.uid, { kind: 'Held', act, refusals, refused: isRefusal(outcome), budget, retryAtMs: budget === undefined ? now + delayMs : now })
  }

  /** Milliseconds until the next of these pods becomes due again; `undefined` when none of them waits for that. */
  nextRetryMs(node: string, pods: readonly DrainPod[]): number | undefined {
    const now = this.#clock.monotonicMs()
    const known = this.#node(node).pods
    const times = pods.flatMap(({ uid }) => {
      const what = known.get(uid)
      return what?.kind === 'Held' ? [this.#retryAtMs(what) - now] : []
    })
    const ahead = times.filter((ms) => ms > 0)
    return ahead.length === 0 ? undefined : Math.min(...ahead)
  }

  /** Whether no pod of this controller has been tried for `everyMs`. To ask uses nothing up, so that a plan can be made twice; it is `trying` that counts. */
  isTimeFor(node: string, controller: string, everyMs: number): boolean {
    const last = this.#node(node).tried.get(controller)
    return last === undefined || this.#clock.monotonicMs() - last >= everyMs
  }

  forget(node: string): void {
    this.#nodes.delete(node)
  }

  #held(what: Remembered & { readonly kind: 'Held' }, now: number): Answer {
    const { act, refused, budget, refusals } = what
    const due = this.#retryAtMs(what) <= now
    return {
      kind: 'Held',
      act,
      refused,
      blocker: refusals[act]?.blocker,
      due,
      times: refusals[act]?.failures ?? 0,
      budget: budget === undefined ? undefined : { name: budget, atOnce: this.#budgets.get(budget)?.atOnce ?? 1 },
    }
  }

  #retryAtMs({ budget, retryAtMs }: Remembered & { readonly kind: 'Held' }): number {
    return budget === undefined ? retryAtMs : (this.#budgets.get(budget)?.retryAtMs ?? retryAtMs)
  }

  /** The budget let one go: the next may try at once, and twice as many of them. */
  #opened(budget: string, now: number): void {
    const { atOnce = 1 } = this.#budgets.get(budget) ?? {}
    this.#budgets.set(budget, { atOnce: Math.min(64, atOnce * 2), failures: 0, retryAtMs: now, refusedAtMs: Number.NEGATIVE_INFINITY })
  }

  #refused(budget: string, now: number, { firstRetryMs, lastRetryMs }: Outcome & { readonly kind: 'Held' }): void {
    const before = this.#budgets.get(budget)
    if (before !== undefined && now - before.refusedAtMs < oneRoundMs) return
    const failures = (before?.failures ?? 0) + 1
    const delayMs = backoffMs(failures, { baseMs: firstRetryMs, capMs: lastRetryMs, jitter: 0.2 }, this.#random)
    this.#budgets.set(budget, { atOnce: 1, failures, retryAtMs: now + delayMs, refusedAtMs: now })
    if (this.#budgets.size > 1000) for (const [name, { retryAtMs }] of this.#budgets) if (retryAtMs < now - 600_000) this.#budgets.delete(name)
  }

  #node(uid: string) {
    const now = this.#clock.monotonicMs()
    let node = this.#nodes.get(uid)
    if (node === undefined || now - node.usedMs > forgetNodesAfterMs) {
      node = { pods: new Map(), tried: new Map(), usedMs: now }
      this.#nodes.set(uid, node)
      for (const [other, { usedMs }] of this.#nodes) if (now - usedMs > forgetNodesAfterMs) this.#nodes.delete(other)
    }
    node.usedMs = now
    return node
  }
}

/** When it was said, or says that it is due. */
function lastOf(what: Remembered): number {
  return what.kind === 'Held' ? what.retryAtMs : what.atMs
}

/** What refuses may put a time or the id of the request into its words: of the same refusal the first ones stay, or each retry would be a write. */
function stillSaid(now: Blocker | undefined, before: Blocker | undefined): Blocker | undefined {
  return now !== undefined && before?.reason === now.reason && before.by === now.by && sameGist(gist(before), gist(now)) ? before : now
}

/** Of words that were cut more or fewer are left, by how long the times before are; so they are of what just fits. */
function sameGist(one: string, other: string): boolean {
  return one === other || isBeginning(one, other) || isBeginning(other, one)
}

function isBeginning(start: string, whole: string): boolean {
  return start.length >= leastCommon && start.endsWith('…') && whole.startsWith(start.slice(0, -1))
}

/** What two refusals begin with alike says little: `admission webhook "policy" denied the request: `. */
const leastCommon = 256
/** A last word that is longer was not cut in a time or an id. */
const cutWord = /[\w.:/-]{0,64}…$/

/** The words without what has a digit in it, and without a last one that was cut. Each run is looked at once: one pattern for it all tries again from every letter of a long run without any. */
function gist({ message }: Blocker): string {
  return message.replace(cutWord, '…').replaceAll(/[\w.:/-]+/g, (run) => (/\d/.test(run) ? '' : run))
}
