import { lateNumber } from '../withdrawal/number-call.ts'
import { isMarkedBy } from '../ownership.ts'
import type { GroupDraft, Pass } from '../pass.ts'
import { stillUnconfirmed } from './confirmation.ts'
import { stillDraining } from './empty-group.ts'

/** What a deletion can wait for during days. */
const waits: ReadonlySet<string> = new Set([
  'WaitingForConfirmation',
  'WaitingForWindow',
  'RemovingNodes',
  'DrainBlocked',
  'ForceNotPermitted',
  'RemovalRefused',
])

/**
 * A deletion is decided on fresh answers of AWS. While it waits for a person, or for pods, those of the shared reads do, as long as they say
 * that it still has to. Where AWS may still take a number, it is seen who arrives for it.
 */
export async function lookAsNeeded({ object }: GroupDraft, look: (fresh: boolean) => Promise<Pass>): Promise<Pass> {
  const waited = object.status?.conditions?.some(({ type, reason }) => type === 'Reconciling' && waits.has(reason)) === true
  const pass = waited ? await look(false) : undefined
  if (pass === undefined || !bearsOurMark(pass) || lateNumber(pass) !== undefined) return await look(true)
  return stillUnconfirmed(pass) || stillDraining(pass) ? pass : await look(true)
}

/** That the group is somebody else's ends the object. */
function bearsOurMark({ draft, seen }: Pass): boolean {
  return seen.group !== undefined && isMarkedBy(seen.group.tags, draft.object.metadata.uid)
}
