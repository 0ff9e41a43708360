import { isHeldByBudget } from '../drain/answers.ts'
import type { AfterWrite, BeforeWrite, OutsideWrite } from '../lib/outside-write.ts'
import type { Logger } from '../observability/logger.ts'

interface Options {
  readonly isLeader: () => boolean
  /** Whether the management cluster answered a moment ago. Absent: not asked, as for the management cluster itself. */
  readonly inContact?: () => boolean
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

/** A freeze that was set meanwhile would not be seen (P10): the write was not sent, and is tried again. */
class NoContactError extends Error {
  constructor(write: OutsideWrite) {
    super(`${write.action} ${write.target} was not sent: the management cluster has not answered for 5 s`)
    this.name = 'NoContactError'
  }
}

/** What every outside write passes: leadership and contact are checked before, and an audit line says after how it ended. */
export function gate({ isLeader, inContact, log, next }: Options): BeforeWrite {
  return async (write, options) => {
    if (!isLeader()) throw new NotLeadingError(write)
    if (inContact?.() === false) throw new NoContactError(write)
    const after = await next?.(write, options)
    return async (outcome) => {
      if (!isSmallTalk(write, outcome.ok)) log[levelOf(write, outcome)]({ audit: { ...write, ok: outcome.ok }, err: outcome.error }, 'outside write')
      await after?.(outcome)
    }
  }
}

/** A drain asks again until the budget gives: each no stands in the status and the metrics, and would be thousands of lines a day here. */
function levelOf({ action }: OutsideWrite, { ok, error }: Parameters<AfterWrite>[0]): 'info' | 'debug' | 'warn' {
  if (ok) return 'info'
  return action === 'evict' && isHeldByBudget(error) ? 'debug' : 'warn'
}

/** Events are not audited: they are the audit. Nor is the Lease that is renewed in each target every minute. */
function isSmallTalk({ target }: OutsideWrite, ok: boolean): boolean {
  return target.startsWith('events') || (ok && target.startsWith('leases'))
}
