import { TerminalError } from '../../../runtime/reconciler.ts'
import type { TargetPass } from '../pass.ts'

/** What the schema cannot see: whether the time zone exists. */
export function checkSpec({ draft }: Pick<TargetPass, 'draft'>): void {
  const { timeZone } = draft.object.spec
  try {
    Intl.DateTimeFormat('en', { timeZone })
  } catch (cause) {
    throw new TerminalError('InvalidTimeZone', `spec.timeZone ${timeZone} is no time zone that is known: use an IANA name such as Europe/Berlin`, {
      cause,
      needsEdit: true,
    })
  }
}
