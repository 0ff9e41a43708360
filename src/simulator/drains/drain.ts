import type { DrainOutcome, Region } from '../region.ts'
import type { Drain, Instance } from '../state.ts'

/** How long forced deletion of pods may take before the node counts as empty. */
const deletionSeconds = 60

/**
 * Begins to empty the node of an instance: it is cordoned, its load-balancer label set, its pods evicted through the API server of its cluster
 * with their budgets honoured. `done` hears once how it ended: `TimedOut` after `limitSeconds`, unless `force` deletes what is left then.
 *
 * Where no node has joined, or none can (no client leads to the cluster), there is nothing to empty and `done` is called at once.
 */
export function startDrain(
  region: Region,
  instance: Instance,
  order: { readonly by: Drain['by']; readonly cluster: string; readonly limitSeconds: number; readonly force?: boolean },
  done: (outcome: DrainOutcome) => void,
): void {
  endDrain(region, instance, 'TimedOut')
  const drain: Drain = { by: order.by, startedAt: region.clock.now(), state: 'Evicting', podsLeft: [] }
  instance.drain = drain
  instance.cordoned = true
  region.drains.set(instance.id, (outcome) => {
    drain.state = outcome
    done(outcome)
  })
  if (!instance.joined || !region.attached(order.cluster)) {
    endDrain(region, instance, 'Drained')
    return
  }
  region.after(order.limitSeconds, () => {
    if (drain.state !== 'Evicting') return
    if (order.force !== true) {
      endDrain(region, instance, 'TimedOut')
      return
    }
    drain.state = 'Deleting'
    region.changed()
    region.after(deletionSeconds, () => {
      if (drain.state === 'Deleting') endDrain(region, instance, 'Drained')
    })
  })
  region.changed()
}

/** Ends the drain that runs, if one does. */
export function endDrain(region: Region, instance: Instance, outcome: DrainOutcome): void {
  const end = region.drains.get(instance.id)
  region.drains.delete(instance.id)
  end?.(outcome)
}
