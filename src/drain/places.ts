import type { Clock } from '../lib/clock.ts'
import { mayBegin } from '../scaling/drain/budget.ts'

/** Who has not asked for so long has given up. */
const waitingForMs = 60_000
/** Until the cache shows it. A drain that goes on says so every few seconds; of a node that AWS took in the middle nobody says anything more. */
const begunForMs = 2 * 60_000

/**
 * Who may begin now (`maxConcurrentDrains`), first come, first served: drains of nodes, and updates of whole groups, each by a UID. What counts as active
 * is what objects show, so that a process that starts anew finds it; beside it, what began here and does not show yet.
 */
export class DrainPlaces {
  readonly #clock: Clock
  readonly #visible: () => ReadonlySet<string>
  readonly #begun = new Map<string, number>()
  readonly #waiting = new Map<string, number>()
  limit: number

  /** `visible`: UIDs of the nodes that carry a mark and have pods to go, and of the groups that EKS updates. */
  constructor(clock: Clock, limit: number, visible: () => ReadonlySet<string>) {
    this.#clock = clock
    this.limit = limit
    this.#visible = visible
  }

  get waiting(): number {
    return this.#waiting.size
  }

  get begun(): number {
    return this.#begun.size
  }

  /** Whether this one may begin; it stands in the queue from the first time that it asks. */
  ask(uid: string): boolean {
    const now = this.#clock.monotonicMs()
    dropOlder(this.#waiting, now - waitingForMs)
    this.#waiting.set(uid, now) // keeps its place
    if (!this.wouldBegin(uid)) return false
    this.occupy(uid)
    return true
  }

  /** What `ask` would answer now; nobody comes to stand in the queue by this. */
  wouldBegin(uid: string): boolean {
    const now = this.#clock.monotonicMs()
    dropOlder(this.#waiting, now - waitingForMs)
    dropOlder(this.#begun, now - begunForMs)
    const active = new Set([...this.#visible(), ...this.#begun.keys()])
    const waiting = [...this.#waiting.keys(), uid].filter((other) => !active.has(other))
    return mayBegin(uid, { active, waiting, limit: this.limit })
  }

  /** It has begun, here or before this process was. */
  occupy(uid: string): void {
    this.#waiting.delete(uid)
    this.#begun.set(uid, this.#clock.monotonicMs())
  }

  leave(uid: string): void {
    this.#waiting.delete(uid)
    this.#begun.delete(uid)
  }
}

function dropOlder(times: Map<string, number>, before: number): void {
  for (const [key, at] of times) if (at < before) times.delete(key)
}
