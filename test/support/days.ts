import { systemClock } from '../../src/lib/clock.ts'

export const dayMs = 86_400_000

/** The time in so many days, in real time. */
export function inDays(days: number): Date {
  return new Date(systemClock.now().getTime() + days * dayMs)
}

/** The day of the week in UTC as the windows of a TargetCluster name it, such as `Monday`. */
export function weekdayOf(at: Date): string {
  return at.toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' })
}
