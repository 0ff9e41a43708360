import type { ScalingGroup, ScalingGroupsPort } from '../../aws/autoscaling/port.ts'
import type { Clock } from '../../lib/clock.ts'
import { stableHash } from '../../lib/hash.ts'
import type { Logger } from '../../observability/logger.ts'

/**
 * How often the counts of all groups of a target are read. A change in AWS shows after this time at the latest, which is to be under 40 s; one read
 * costs a call for each 100 groups, of which there may be 130 an hour together with what TargetCluster asks (aws-rules A5): 109 and 18. Above 100 groups
 * the time is kept (docs/adr/0010-pages-of-the-sweep.md).
 */
const sweepMs = 33_000

/** A target that answers and has groups. */
interface SweptTarget {
  readonly name: string
  readonly clusterName: string
  readonly scalingGroups: Pick<ScalingGroupsPort, 'ofCluster'>
}

interface Options {
  readonly targets: () => readonly SweptTarget[]
  /** Called with the Auto Scaling groups of a target that are not what they were; at the first read of a target with all of them. */
  readonly changed: (target: string, scalingGroups: ReadonlySet<string>) => void
  readonly clock: Clock
  readonly log: Logger
}

/**
 * Reads the counts of every target's groups at a steady pace, fills with it the answer that all passes share, and tells which groups are not what they were,
 * or not what a pass has seen since. So no
 * pass has to be timed with another's read, and one that nothing changed for costs no call.
 *
 * A target that does not answer holds up no other; a read that fails is left to the next one, and to the passes, which ask themselves when the
 * shared answer is too old.
 */
export class CountsSweep {
  readonly #options: Options
  readonly #before = new Map<string, ReadonlyMap<string, string>>()
  readonly #running = new Map<string, Promise<void>>()

  constructor(options: Options) {
    this.#options = options
  }

  /** Until `signal` aborts; resolves when no read is under way any more. */
  async run(signal: AbortSignal): Promise<void> {
    const { targets, clock } = this.#options
    while (!signal.aborted) {
      const now = targets()
      const names = new Set(now.map(({ name }) => name))
      for (const name of this.#before.keys()) if (!names.has(name)) this.#before.delete(name)
      for (const target of now) this.#begin(target, signal)
      await clock.sleep(sweepMs, { signal }).catch(() => undefined)
    }
    await Promise.all(this.#running.values())
  }

  #begin(target: SweptTarget, signal: AbortSignal): void {
    const { name } = target
    if (this.#running.has(name)) return
    const sweep = this.#sweep(target, signal)
      .catch((err: unknown) => this.#options.log.debug({ err, target: name }, 'counts of a target not read'))
      .finally(() => this.#running.delete(name))
    this.#running.set(name, sweep)
  }

  async #sweep({ name, clusterName, scalingGroups }: SweptTarget, signal: AbortSignal): Promise<void> {
    const swept = this.#before.get(name)
    // A pass that asked by itself has seen more than the last sweep did, and may wait for days for what it saw; what another group's pass read, this one's did not see.
    const seen = fingerprints(swept === undefined ? [] : await scalingGroups.ofCluster(clusterName, { signal, maxAgeMs: Number.POSITIVE_INFINITY }))
    const now = fingerprints(await scalingGroups.ofCluster(clusterName, { signal, maxAgeMs: 0 }))
    this.#before.set(name, now)
    const names = new Set([...now.keys(), ...(swept?.keys() ?? [])])
    const differs = (group: string): boolean => swept?.get(group) !== now.get(group) || (seen.has(group) && seen.get(group) !== now.get(group))
    const changed = new Set([...names].filter(differs))
    if (changed.size > 0) this.#options.changed(name, changed)
  }
}

function fingerprints(groups: readonly ScalingGroup[]): ReadonlyMap<string, string> {
  return new Map(groups.map((group) => [group.name, fingerprint(group)]))
}

/** All that a pass decides on, in an order that AWS does not change. */
function fingerprint({ minSize, maxSize, desiredCapacity, instances, suspendedProcesses, operator }: ScalingGroup): string {
  const members = instances.map(
    ({ instanceId, zone, lifecycleState, protectedFromScaleIn }) => `${instanceId} ${zone} ${lifecycleState} ${protectedFromScaleIn}`,
  )
  return stableHash([minSize, maxSize, desiredCapacity, members.toSorted(), suspendedProcesses.toSorted(), operator ?? ''])
}
