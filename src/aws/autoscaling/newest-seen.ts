import type { ScalingGroup } from './port.ts'

/** What all groups of a cluster were at one moment. */
export interface Sweep {
  readonly groups: readonly ScalingGroup[]
  /** When the read began. */
  readonly readAtMs: number
}

interface Seen {
  /** What the shared answer is to tell of it instead: nothing of one that was not there, or that was written to. */
  readonly told: readonly ScalingGroup[]
  /** When the read began, or the write ended. */
  readonly atMs: number
}

/** No shared answer is kept for longer. */
const keepMs = 15 * 60_000

/**
 * What was read of single groups since the shared read, and which were written to, so that whoever takes the shared answer does not go back in time: a
 * group that stood complete a moment ago would look unfinished again.
 */
export class NewestSeen {
  readonly #seen = new Map<string, Seen>()

  /** `names` were asked for, and `found` is there. An answer to a question from before a later reading, or from before a write, changes nothing. */
  remember(names: readonly string[], found: readonly ScalingGroup[], readAtMs: number): void {
    for (const name of names) {
      const known = this.#seen.get(name)
      if (known === undefined || known.atMs < readAtMs) this.#set(name, { told: found.filter((group) => group.name === name), atMs: readAtMs })
    }
  }

  /** No reading that began before is believed any more. */
  written(name: string, atMs: number): void {
    this.#set(name, { told: [], atMs })
  }

  /** The groups of `sweep`, each as it was read last; without those that were written to since. */
  over({ groups, readAtMs }: Sweep): readonly ScalingGroup[] {
    return groups.flatMap((swept) => {
      const seen = this.#seen.get(swept.name)
      return seen === undefined || seen.atMs < readAtMs ? [swept] : seen.told
    })
  }

  #set(name: string, seen: Seen): void {
    this.#seen.set(name, seen)
    for (const [other, { atMs }] of this.#seen) if (atMs < seen.atMs - keepMs) this.#seen.delete(other)
  }
}
