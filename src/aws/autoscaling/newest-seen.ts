import type { ScalingGroup } from './port.ts'

/** What all groups of a cluster were at one moment. */
export interface Sweep {
  readonly groups: readonly ScalingGroup[]
  /** When the read began. */
  readonly readAtMs: number
}

interface Seen {
  /** `undefined`: it was not there. */
  readonly group: ScalingGroup | undefined
  readonly readAtMs: number
}

/** No shared answer is kept for longer. */
const keepMs = 15 * 60_000

/**
 * What was read of single groups since the shared read, and which were written to, so that whoever takes the shared answer does not go back in time: a
 * group that stood complete a moment ago would look unfinished again.
 */
export class NewestSeen {
  readonly #seen = new Map<string, Seen>()
  readonly #writtenAtMs = new Map<string, number>()

  /** `names` were asked for, and `found` is there. An answer that came late changes nothing where a later reading was answered before it. */
  remember(names: readonly string[], found: readonly ScalingGroup[], readAtMs: number): void {
    const byName = new Map(found.map((group) => [group.name, group]))
    for (const name of names) {
      const known = this.#seen.get(name)
      if (known === undefined || known.readAtMs <= readAtMs) this.#seen.set(name, { group: byName.get(name), readAtMs })
    }
    for (const [name, seen] of this.#seen) if (seen.readAtMs < readAtMs - keepMs) this.#seen.delete(name)
  }

  /** No reading that began before is believed any more. */
  written(name: string, atMs: number): void {
    this.#writtenAtMs.set(name, atMs)
    for (const [other, writtenAtMs] of this.#writtenAtMs) if (writtenAtMs < atMs - keepMs) this.#writtenAtMs.delete(other)
  }

  /** The groups of `sweep`, each as it was read last; without those that were written to since. */
  over({ groups, readAtMs }: Sweep): readonly ScalingGroup[] {
    return groups.flatMap((swept) => {
      const seen = this.#seen.get(swept.name)
      const newest = seen === undefined || seen.readAtMs < readAtMs ? { group: swept, readAtMs } : seen
      const writtenAtMs = this.#writtenAtMs.get(swept.name)
      if (writtenAtMs !== undefined && newest.readAtMs <= writtenAtMs) return []
      return newest.group === undefined ? [] : [newest.group]
    })
  }
}
