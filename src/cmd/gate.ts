import type { BeforeWrite, OutsideWrite } from '../lib/outside-write.ts'
import type { Logger } from '../observability/logger.ts'

interface Options {
  readonly isLeader: () => boolean
  readonly log: Logger
  /** Asked last. */
  readonly next?: BeforeWrite
}

/** This process does not lead (any more): the write was not sent. */
class NotLeadingError extends Error {
  constructor(write: OutsideWrite) {
    super(`${write.action} ${write.target} was not sent: this process does not lead`)
    this.name = 'NotLeadingError'
  }
}

/** What every outside write passes: leadership is checked before, and an audit line says after how it ended. Events are not audited: they are the audit. */
export function gate({ isLeader, log, next }: Options): BeforeWrite {
  return async (write, options) => {
    if (!isLeader()) throw new NotLeadingError(write)
    const after = await next?.(write, options)
    return async (outcome) => {
      if (!write.target.startsWith('events')) log[outcome.ok ? 'info' : 'warn']({ audit: { ...write, ok: outcome.ok }, err: outcome.error }, 'outside write')
      await after?.(outcome)
    }
  }
}
