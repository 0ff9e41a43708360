import { type Wall, instantsOf, offsetMs, wallAt } from './wall-clock.ts'

/** A window of `windows[]`: on these days from `start` to `end`, HH:MM; `end` on the next day where it is not after `start`. */
export interface Window {
  readonly days: readonly string[]
  readonly start: string
  readonly end: string
}

/** The moment of the next change is absent where none comes: open at any time. */
export type WindowState = { readonly open: true; readonly until?: Date } | { readonly open: false; readonly nextOpen?: Date }

/** A window that is skipped once, in the hour that a clock is put forward, comes again the week after. */
const horizonDays = 16
const dayMs = 86_400_000

/**
 * Whether something may start now, and when that changes.
 *
 * The clock on the wall decides: a window is open whenever a clock in `timeZone` shows a time within it. An hour that is skipped in spring opens
 * nothing, and one that comes twice in autumn is open twice. Windows that touch or overlap are one. No windows: open at any time.
 *
 * Errors: `RangeError` for a time zone that is not known.
 */
export function windowState(windows: readonly Window[], timeZone: string, now: Date): WindowState {
  if (windows.length === 0) return { open: true }
  const spans = windows.map(spanOf)
  const isOpen = (atMs: number): boolean => spans.some((span) => covers(span, wallAt(timeZone, atMs)))
  const open = isOpen(now.getTime())
  const change = momentsAfter(spans, timeZone, now.getTime()).find((atMs) => isOpen(atMs) !== open)
  if (open) return change === undefined ? { open } : { open, until: new Date(change) }
  return change === undefined ? { open } : { open, nextOpen: new Date(change) }
}

interface Span {
  readonly days: ReadonlySet<string>
  readonly startMinute: number
  readonly endMinute: number
}

function spanOf({ days, start, end }: Window): Span {
  return { days: new Set(days), startMinute: minuteOf(start), endMinute: minuteOf(end) }
}

function minuteOf(text: string): number {
  const [hour = 0, minute = 0] = text.split(':').map(Number)
  return hour * 60 + minute
}

function covers({ days, startMinute, endMinute }: Span, { day, dayBefore, minute }: Wall): boolean {
  if (startMinute < endMinute) return days.has(day) && minute >= startMinute && minute < endMinute
  return (days.has(day) && minute >= startMinute) || (days.has(dayBefore) && minute < endMinute)
}

/** Every moment after `nowMs` at which a window may open or close, in order: where the clock shows a bound or a new day, and where it jumps. */
function momentsAfter(spans: readonly Span[], timeZone: string, nowMs: number): readonly number[] {
  const { localMs } = wallAt(timeZone, nowMs)
  const midnight = localMs - (localMs % dayMs)
  const bounds = [...new Set([0, ...spans.flatMap(({ startMinute, endMinute }) => [startMinute, endMinute % 1440])])]
  const found = new Set<number>()
  for (let day = -1; day <= horizonDays; day += 1) {
    for (const bound of bounds) for (const atMs of instantsOf(timeZone, midnight + day * dayMs + bound * 60_000)) found.add(atMs)
    const jump = jumpBetween(timeZone, nowMs + day * dayMs, nowMs + (day + 1) * dayMs)
    if (jump !== undefined) found.add(jump)
  }
  return [...found].filter((atMs) => atMs > nowMs).toSorted((a, b) => a - b)
}

/** The first moment with the offset of `toMs`, where the zone changes its offset in between: once a day at most. */
function jumpBetween(timeZone: string, fromMs: number, toMs: number): number | undefined {
  const after = offsetMs(timeZone, toMs)
  if (offsetMs(timeZone, fromMs) === after) return undefined
  let [before, since] = [fromMs, toMs]
  while (since - before > 1) {
    const middle = Math.floor((before + since) / 2)
    if (offsetMs(timeZone, middle) === after) since = middle
    else before = middle
  }
  return since
}
