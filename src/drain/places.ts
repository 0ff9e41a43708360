import type { Clock } from '../lib/clock.ts'
import { mayBegin } from '../scaling/drain/budget.ts'

/** Who has not asked for so long has given up. */
const waitingForMs = 60_000
const begunForMs = 10 * 60_000

/**
 * Who may drain now (`maxConcurrentDrains`), first come, first served. What counts as active is what the cluster shows, so that a process that starts
 * anew finds it; beside it, what began here and does not show yet.
 */
export class DrainPlaces {
  readonly #clock: Clock
  readonly #visible: () => ReadonlySet<string>
  readonly #begun = new Map<string, number>()
  readonly #waiting = new Map<string, number>()
  limit: number

  /** `visible`: UIDs of the nodes that carry a mark and have pods to go. */
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

  /** Whether the drain of this node may begin; it stands in the queue from the first time that it asks. */
  ask(node: string): boolean {
    const now = this.#clock.monotonicMs()
    dropOlder(this.#waiting, now - waitingForMs)
    dropOlder(this.#begun, now - begunForMs)
    this.#waiting.set(node, now) // keeps its place
    const active = new Set([...this.#visible(), ...this.#begun.keys()])
    const waiting = [...this.#waiting.keys()].filter((other) => !active.has(other))
    if (!mayBegin(node, { active, waiting, limit: this.limit })) return false
    this.occupy(node)
    return true
  }

  /** It has begun, here or before this process was. */
  occupy(node: string): void {
    this.#waiting.delete(node)
    this.#begun.set(node, this.#clock.monotonicMs())
  }

  leave(node: string): void {
    this.#waiting.delete(node)
    this.#begun.delete(node)
  }
}

function dropOlder(times: Map<string, number>, before: number): void {
  for (const [key, at] of times) if (at < before) times.delete(key)
}
