import { rfc3339 } from '../../runtime/conditions.ts'
import { type WindowState, windowState } from '../../scaling/windows.ts'
import { restMs } from './pace.ts'
import type { GroupTarget } from './ports.ts'

/** When something that waits for a window of the TargetCluster may start. */
export interface Opening {
  /** To be put after "starts when a window opens, ". */
  readonly inWords: string
  /** Absent where no window opens within two weeks. */
  readonly at: Date | undefined
}

/** The next opening; `undefined` inside a window, and where there are none. Calendars are slow: to be asked only where something waits to be started. */
export function openingOf({ windows, timeZone }: Pick<GroupTarget, 'windows' | 'timeZone'>, now: Date): Opening | undefined {
  const state = stateOf(windows, timeZone, now)
  if (state === 'Unknown')
    return { inWords: `which nobody can tell: an administrator corrects spec.timeZone (${timeZone}) of the TargetCluster`, at: undefined }
  if (state.open) return undefined
  const at = state.nextOpen
  if (at === undefined) return { inWords: `which none of the TargetCluster does (${timeZone})`, at }
  return { inWords: `at ${rfc3339(at)} (spec.windows of the TargetCluster, in ${timeZone})`, at }
}

/** A time zone that nobody knows makes its TargetCluster `Stalled/InvalidTimeZone`, and no groups of it fail. */
function stateOf(windows: GroupTarget['windows'], timeZone: string, now: Date): WindowState | 'Unknown' {
  try {
    return windowState(windows, timeZone, now)
  } catch (error) {
    if (error instanceof RangeError) return 'Unknown'
    throw error
  }
}

/** In how many milliseconds to look again: at the opening, and not later than at rest, since windows can be changed meanwhile. */
export function msUntil({ at }: Opening, now: Date): number {
  return at === undefined ? restMs : Math.min(restMs, Math.max(1000, at.getTime() - now.getTime()))
}
