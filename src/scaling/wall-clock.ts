/** What a clock on the wall of a time zone shows. */
export interface Wall {
  /** The shown date and time, as if it were UTC. */
  readonly localMs: number
  /** `Monday` … */
  readonly day: string
  readonly dayBefore: string
  /** Of the shown day, with fractions. */
  readonly minute: number
}

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const
const dayMs = 86_400_000

/** Making one takes longer than everything that it is asked; there are as many as time zones in use. */
const formatters = new Map<string, Intl.DateTimeFormat>()

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone)
  if (known !== undefined) return known
  const digits = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' } as const
  const made = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', calendar: 'gregory', numberingSystem: 'latn', ...digits })
  formatters.set(timeZone, made)
  return made
}

/** How far the clock is ahead of UTC at a moment, by the rules that Node knows (ICU). Errors: `RangeError` for a time zone that is not known. */
export function offsetMs(timeZone: string, atMs: number): number {
  const wholeMs = Math.floor(atMs / 1000) * 1000
  const shown = Object.fromEntries(
    formatterOf(timeZone)
      .formatToParts(wholeMs)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown
  return Date.UTC(year, month - 1, day, hour, minute, second) - wholeMs
}

export function wallAt(timeZone: string, atMs: number): Wall {
  const localMs = atMs + offsetMs(timeZone, atMs)
  const weekday = new Date(localMs).getUTCDay()
  return { localMs, day: nameOf(weekday), dayBefore: nameOf(weekday + 6), minute: (localMs % dayMs) / 60_000 }
}

function nameOf(index: number): string {
  return days[index % 7] ?? ''
}

/** The moments at which the clock shows this: none where it is put forward over it, two where it is put back. */
export function instantsOf(timeZone: string, localMs: number): readonly number[] {
  const offsets = new Set([offsetMs(timeZone, localMs - dayMs), offsetMs(timeZone, localMs + dayMs)])
  return [...offsets].map((offset) => localMs - offset).filter((atMs) => atMs + offsetMs(timeZone, atMs) === localMs)
}
