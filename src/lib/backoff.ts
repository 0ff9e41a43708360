import type { Random } from './random.ts'

export interface BackoffOptions {
  readonly baseMs: number
  readonly capMs: number
  readonly factor?: number
  /** Share of the delay that is left to chance: 0 none, 1 all of it (full jitter). */
  readonly jitter?: number
}

/** The delay before attempt number `failures` (1 is the first retry), in milliseconds; never above `capMs`. */
export function backoffMs(failures: number, options: BackoffOptions, random: Random): number {
  const { baseMs, capMs, factor = 2, jitter = 0 } = options
  const full = Math.min(capMs, baseMs * factor ** Math.max(0, failures - 1))
  return full * (1 - jitter) + full * jitter * random.next()
}
