/**
 * Whether a drain may begin: `active` have begun, `waiting` stand in the order in which they asked first. One that has begun goes on, whatever
 * the limit says by now.
 */
export function mayBegin(id: string, drains: { readonly active: ReadonlySet<string>; readonly waiting: readonly string[]; readonly limit: number }): boolean {
  const { active, waiting, limit } = drains
  if (active.has(id)) return true
  const place = waiting.indexOf(id)
  return place >= 0 && place < limit - active.size
}

/** Where a limit of calls per second stands: up to here the calls have been given away. */
export interface RateState {
  readonly givenUntilMs: number
}

/** Calls that are given away, and the moment from which they may be made. */
export interface Share {
  readonly count: number
  readonly atMs: number
}

/**
 * Gives the next share of at most `wanted` calls away: a token bucket that lends. Shares are a quarter of a second long at most, so that those who
 * drain at the same time take turns.
 *
 * Guarantees: in any `t` seconds at most `perSecond × t` calls and one share become due.
 */
export function nextShare(
  state: RateState,
  ask: { readonly nowMs: number; readonly perSecond: number; readonly wanted: number },
): { readonly state: RateState; readonly share: Share } {
  const { nowMs, perSecond, wanted } = ask
  const most = Math.max(1, Math.floor(perSecond / 4))
  const count = Math.min(wanted, most)
  const everyMs = 1000 / perSecond
  const givenUntilMs = Math.max(state.givenUntilMs, nowMs - most * everyMs) + count * everyMs
  return { state: { givenUntilMs }, share: { count, atMs: Math.max(nowMs, givenUntilMs) } }
}
