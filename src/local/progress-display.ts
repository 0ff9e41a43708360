import type { Clock } from '../lib/clock.ts'

/** Where progress is shown: standard error, or a test's list. */
export interface DisplayStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** What somebody who waits sees. */
export interface ProgressDisplay {
  /** How far it is now; may be called often. */
  update(line: string): void
  /** Something that stays on the screen. */
  say(line: string): void
}

/** No plain line follows another sooner than this, in milliseconds. */
const quietMs = 5_000

/**
 * On a terminal one line that is rewritten, cut to its width; elsewhere (CI, a file) a plain line every few seconds. A line that stays is never
 * mixed with a half-written one.
 */
export function createProgressDisplay(stream: DisplayStream, clock: Clock): ProgressDisplay {
  let open = false
  let lastMs: number | undefined
  return {
    update: (line) => {
      if (stream.isTTY === true) {
        stream.write(`\r\u001B[2K${line.slice(0, (stream.columns ?? 80) - 1)}`)
        open = true
        return
      }
      const now = clock.monotonicMs()
      if (lastMs !== undefined && now - lastMs < quietMs) return
      lastMs = now
      stream.write(`${line}\n`)
    },
    say: (line) => {
      stream.write(`${open ? '\r\u001B[2K' : ''}${line}\n`)
      open = false
    },
  }
}
